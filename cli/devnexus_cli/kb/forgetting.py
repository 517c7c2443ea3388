"""What must go for a repository to be forgotten, and what stays in git all the same."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from devnexus.errors import Unavailable
from devnexus.knowledge.commit_message import commit_message
from devnexus.knowledge.history import adopted_by, load_history
from devnexus.knowledge.layout import METADATA_PATH, PROJECTIONS, history_folder, projection_path
from devnexus.knowledge.organisation_files import COMPONENTS, CONSOLIDATION
from devnexus.knowledge.store import Conflict, Damaged, Revision, Store
from devnexus.people.corrections import CORRECTIONS
from devnexus.repository import RepositoryId
from devnexus.timestamps import write
from devnexus.values import canonical_json, canonical_page, load_json
from devnexus_cli.kb.look_up import Found
from kb_writer.pages import place_pages

_CONFLICTS_ENDURED = 20

_Changes = dict[str, bytes | None]


@dataclass(frozen=True)
class Target:
    """A repository that is to be forgotten."""

    name: str
    """Today's."""
    names: frozenset[str]
    """All that it ever had, today's included."""
    ids: tuple[RepositoryId, ...]
    """Its own, and those known by name alone that it adopted."""
    paths: tuple[str, ...]
    """The files that are about it alone."""


@dataclass(frozen=True)
class Remains:
    """What is left once a repository was forgotten."""

    revisions: tuple[Revision, ...]
    """The commits that hold something of it, oldest first."""
    paths: tuple[str, ...]
    """The files that they hold of it, also those of former names."""
    named_in: tuple[str, ...]
    """Files of others, in the newest revision, that name it."""


def find_target(store: Store, found: Found, *, at: str) -> Target:
    """All of the repository that must go at revision `at`."""
    records = load_history(store, found.id, at=at)
    ids = (found.id, *adopted_by(records))
    names = {record.repository.name for record in records}
    names |= {found.page.repository_name, *found.page.former_names}
    contents = store.read([*(history_folder(id_) for id_ in ids), PROJECTIONS, CORRECTIONS], at=at)
    return Target(
        name=found.page.repository_name,
        names=frozenset(names),
        ids=ids,
        paths=tuple(
            sorted(path for path, content in contents.items() if _is_its_own(path, content, ids, names))
        ),
    )


def forget(store: Store, target: Target, *, at: datetime) -> str:
    """Delete it and note its ids and the moment, in as few commits as the store takes; the new revision.

    Raises Unavailable where the base keeps moving. Once begun, doing it again goes on with it.
    """
    revision = store.head()
    for _ in range(_CONFLICTS_ENDURED):
        head = store.head()
        changes = _changes(store, target, at, head)
        if not changes:
            return revision
        part = dict(islice(changes.items(), store.limits.files))
        message = commit_message(f"Forget {target.ids[0]}", list(target.ids), on=head)
        try:
            revision = store.commit(part, message=message, expected_head=head)
        except Conflict:
            continue
    raise Unavailable("the knowledge base kept moving: run the same command again, it goes on where it was")


def remains(store: Store, target: Target, *, at: str) -> Remains:
    """What git still holds below revision `at`, whose files are without it."""
    paths = sorted({*target.paths, *map(projection_path, target.names)})
    found: dict[str, Revision] = {}
    for path in paths:
        found.update((revision.id, revision) for revision in store.log(at, path=path) if revision.id != at)
    revisions = sorted(found.values(), key=lambda revision: revision.at)
    pages = store.read([PROJECTIONS], at=at)
    named_in = [
        path
        for path, content in sorted(pages.items())
        if any(name.lower().encode() in content.lower() for name in target.names)
    ]
    return Remains(tuple(revisions), tuple(paths), tuple(named_in))


def _is_its_own(path: str, content: bytes, ids: Collection[str], names: Collection[str]) -> bool:
    if path.startswith(PROJECTIONS):
        # Not parsed: a damaged page must not keep anybody from being forgotten.
        return any(f'"repository_id": {canonical_json(id_).decode()}'.encode() in content for id_ in ids)
    if path.startswith(CORRECTIONS):
        return path.removeprefix(CORRECTIONS).rpartition(".")[0].lower() in _lower(names)
    return True


def _changes(store: Store, target: Target, at: datetime, head: str) -> _Changes:
    """What differs from how it must be; metadata.json first: after that no older record is written."""
    wanted = [METADATA_PATH, COMPONENTS, CONSOLIDATION, *(history_folder(id_) for id_ in target.ids)]
    stored = store.read([*wanted, *target.paths], at=head)
    changes: _Changes = {METADATA_PATH: _metadata(stored.get(METADATA_PATH, b"{}"), target.ids, at)}
    changes.update(place_pages((), hidden=target.ids, left=[target.name], files=store, at=head))
    for path, content in sorted(stored.items()):
        if path.startswith(COMPONENTS):
            changes[path] = _without_components(content, path, target.names)
        elif path.startswith(CONSOLIDATION):
            changes[path] = _without_advice(content, path, target.names)
        elif path != METADATA_PATH:
            changes.setdefault(path, None)
    current = {**store.read(list(changes), at=head), **stored}
    return {path: content for path, content in changes.items() if current.get(path) != content}


def _metadata(content: bytes, ids: Collection[RepositoryId], at: datetime) -> bytes:
    page = _object(content, METADATA_PATH)
    latest = {str(entry["repository_id"]): str(entry["forgotten_at"]) for entry in page.get("forgotten", [])}
    latest.update(dict.fromkeys(ids, write(at)))
    forgotten = [{"repository_id": id_, "forgotten_at": latest[id_]} for id_ in sorted(latest)]
    return canonical_page({**page, "forgotten": forgotten})


def _without_components(content: bytes, path: str, names: Collection[str]) -> bytes | None:
    """The page of v2's component index without components that came from it, and without it as a place."""
    page = _object(content, path)
    kept: dict[str, Any] = {}
    for key, component in page.items():
        if _is_named(component.get("origin_repository"), names):
            continue
        locations = [
            one for one in component.get("locations", []) if not _is_named(one.get("repository"), names)
        ]
        canonical = component.get("canonical_repository")
        changed = {"locations": locations} if "locations" in component else {}
        if _is_named(canonical, names):
            changed["canonical_repository"] = None  # type: ignore[assignment]
        kept[key] = {**component, **changed}
    if kept == page:
        return content
    return canonical_page(kept) if kept else None


def _without_advice(content: bytes, path: str, names: Collection[str]) -> bytes | None:
    """The lines of v2's consolidation history that do not name it."""
    kept: list[bytes] = []
    for number, line in enumerate(filter(None, content.split(b"\n")), start=1):
        advice: Mapping[str, Any] = _object(line, f"{path}:{number}").get("recommendation", {})
        if not any(_is_named(advice.get(side), names) for side in ("from_repository", "to_repository")):
            kept.append(line + b"\n")
    return b"".join(kept) or None


def _is_named(value: object, names: Collection[str]) -> bool:
    return isinstance(value, str) and value.lower() in _lower(names)


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def _object(content: bytes, path: str) -> dict[str, Any]:
    try:
        page = load_json(content)
    except ValueError as error:
        raise Damaged(f"{path}: {error}") from error
    if not isinstance(page, dict):
        raise Damaged(f"{path}: not an object")
    return page
