"""What a v2 file says besides its repositories, and the files that keep it: bytes to values and back."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from devnexus.knowledge.layout import METADATA_PATH
from devnexus.knowledge.store import Damaged
from devnexus.schema_v2 import SCHEMA_VERSION
from devnexus.timestamps import Timestamp
from devnexus.values import canonical_json, canonical_page, digest, load_json

_K = TypeVar("_K")
_V = TypeVar("_V")

COMPONENTS = "components/"
CONSOLIDATION = "consolidation/"

ORGANISATION_FILES = (METADATA_PATH, COMPONENTS, CONSOLIDATION)
"""All that `read_organisation` and `with_organisation` need to be given."""

_IMPORTED = "imported"
"""The field of metadata.json that is ours; the rest of the page belongs to others."""

_TIMESTAMP: TypeAdapter[Timestamp] = TypeAdapter(Timestamp)


@dataclass(frozen=True)
class Organisation:
    """The parts of a v2 file that are about no single repository."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    """`created_at`, `last_updated`, `metadata`, and every top-level field that v2 does not know."""
    component_index: Mapping[str, Any] = field(default_factory=dict)
    consolidation_history: Sequence[Mapping[str, Any]] = ()
    """In the file's order."""


@dataclass(frozen=True)
class _Advice:
    """One recommendation, with its place in the list it was imported from."""

    position: int
    content: Mapping[str, Any]


_AdviceKey = tuple[str, int]
"""The recommendation's id, and how many of the same id stand before it in its file."""


def read_organisation(files: Mapping[str, bytes]) -> Organisation:
    """What `files` hold, all those below ORGANISATION_FILES; raise Damaged where one cannot be read."""
    advice = _stored_advice(files)
    in_order = sorted(advice.items(), key=lambda item: (item[1].position, item[0]))
    return Organisation(
        fields=_stored_fields(files),
        component_index=_stored_components(files),
        consolidation_history=[one.content for _, one in in_order],
    )


def with_organisation(files: Mapping[str, bytes], imported: Organisation) -> dict[str, bytes | None]:
    """The files that change when `imported` joins what `files` hold; none where it is known already.

    What both know is said by the one with the later `last_updated`, so that the order of two imports
    does not matter. metadata.json, which says how late the known one is, comes last.
    """
    known_fields = _stored_fields(files)
    choice = _Choice(known_fields.get("last_updated"), imported.fields.get("last_updated"))
    fields = choice.merged(known_fields, imported.fields)
    for name, choose in (("created_at", min), ("last_updated", max)):
        dates = [part[name] for part in (known_fields, imported.fields) if name in part]
        if dates:
            fields[name] = choose(dates, key=lambda date: (_TIMESTAMP.validate_python(date), str(date)))
    metadata = [part.get("metadata") for part in (known_fields, imported.fields)]
    if isinstance(metadata[0], dict) and isinstance(metadata[1], dict):
        fields["metadata"] = choice.merged(metadata[0], metadata[1])
    components = choice.merged(_stored_components(files), imported.component_index)
    advice = choice.merged(_stored_advice(files), _numbered(imported.consolidation_history))
    page = {**_metadata_page(files), "schema_version": SCHEMA_VERSION}
    written: dict[str, bytes | None] = {**_component_pages(components), **_advice_files(advice)}
    if fields:
        written[METADATA_PATH] = canonical_page({**page, _IMPORTED: fields})
    gone: dict[str, bytes | None] = {
        path: None for path in files if path.startswith((COMPONENTS, CONSOLIDATION)) and path not in written
    }
    return {path: new for path, new in (gone | written).items() if new != files.get(path)}


class _Choice:
    """Which of two words for the same thing counts: the later, between equals that of the smaller digest."""

    def __init__(self, known: object, new: object) -> None:
        self._known_is_newer: bool | None = None
        if known is not None and new is not None:
            first, second = _TIMESTAMP.validate_python(known), _TIMESTAMP.validate_python(new)
            self._known_is_newer = None if first == second else first > second
        elif known is not None:
            self._known_is_newer = True
        elif new is not None:
            self._known_is_newer = False

    def merged(self, known: Mapping[_K, _V], new: Mapping[_K, _V]) -> dict[_K, _V]:
        both = dict(known)
        for key, value in new.items():
            if key not in both or self._prevails(value, both[key]):
                both[key] = value
        return both

    def _prevails(self, new: object, known: object) -> bool:
        if self._known_is_newer is not None:
            return not self._known_is_newer
        return _weight(new) < _weight(known)


def _weight(value: object) -> str:
    return digest([value.position, value.content] if isinstance(value, _Advice) else value, length=64)


def _metadata_page(files: Mapping[str, bytes]) -> dict[str, Any]:
    return json_object(files.get(METADATA_PATH, b"{}"), METADATA_PATH)


def _stored_fields(files: Mapping[str, bytes]) -> dict[str, Any]:
    fields = _metadata_page(files).get(_IMPORTED, {})
    if not isinstance(fields, dict):
        raise Damaged(f"{METADATA_PATH}: {_IMPORTED} is no object")
    try:
        for name in fields.keys() & {"created_at", "last_updated"}:
            _TIMESTAMP.validate_python(fields[name])
    except ValidationError as error:
        raise Damaged(f"{METADATA_PATH}: {_IMPORTED}.{name} is no time") from error
    return fields


def _stored_components(files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        key: component
        for path, content in sorted(files.items())
        if path.startswith(COMPONENTS)
        for key, component in json_object(content, path).items()
    }


def _component_pages(components: Mapping[str, Any]) -> dict[str, bytes]:
    shards: dict[str, dict[str, Any]] = defaultdict(dict)
    for key, component in components.items():
        shards[hashlib.sha256(key.encode()).hexdigest()[:2]][key] = component
    return {f"{COMPONENTS}{shard}.json": canonical_page(page) for shard, page in sorted(shards.items())}


def _numbered(history: Sequence[Mapping[str, Any]]) -> dict[_AdviceKey, _Advice]:
    advice: dict[_AdviceKey, _Advice] = {}
    seen: Counter[str] = Counter()
    for position, content in enumerate(history):
        id_ = content["recommendation_id"]
        advice[id_, seen[id_]] = _Advice(position, content)
        seen[id_] += 1
    return advice


def _stored_advice(files: Mapping[str, bytes]) -> dict[_AdviceKey, _Advice]:
    advice: dict[_AdviceKey, _Advice] = {}
    for path, content in sorted(files.items()):
        if not path.startswith(CONSOLIDATION):
            continue
        for number, line in enumerate(filter(None, content.split(b"\n")), start=1):
            stored = json_object(line, f"{path}:{number}")
            try:
                key = (stored["recommendation"]["recommendation_id"], stored["occurrence"])
                advice[key] = _Advice(stored["position"], stored["recommendation"])
            except (KeyError, TypeError) as error:
                raise Damaged(f"{path}:{number}: not a recommendation") from error
    return advice


def _advice_files(advice: Mapping[_AdviceKey, _Advice]) -> dict[str, bytes]:
    years: dict[int, list[bytes]] = defaultdict(list)
    for (_, occurrence), one in sorted(advice.items(), key=lambda item: (item[1].position, item[0])):
        line = {"position": one.position, "occurrence": occurrence, "recommendation": one.content}
        years[_TIMESTAMP.validate_python(one.content["timestamp"]).year].append(canonical_json(line))
    return {f"{CONSOLIDATION}{year:04}.jsonl": b"\n".join(lines) + b"\n" for year, lines in years.items()}


def json_object(content: bytes, path: str) -> dict[str, Any]:
    """The JSON object that the file at `path` holds; raise Damaged, naming it, where it holds none."""
    try:
        page = load_json(content)
    except ValueError as error:
        raise Damaged(f"{path}: {error}") from error
    if not isinstance(page, dict):
        raise Damaged(f"{path}: not an object")
    return page
