"""The use case of `devnexus kb export`: a knowledge base as one v2 file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from devnexus.events import KnowledgeImported, Record, RepositoryAdopted, RepositoryRemoved
from devnexus.knowledge.consumers import uses
from devnexus.knowledge.exported import exported
from devnexus.knowledge.history import read_records
from devnexus.knowledge.last_good import LastGood
from devnexus.knowledge.layout import history_folder, projection_path
from devnexus.knowledge.organisation_files import ORGANISATION_FILES, Organisation, read_organisation
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Damaged, Store
from devnexus.knowledge.view import Views
from devnexus.repository import RepositoryId
from devnexus.schema_v2 import SCHEMA_VERSION
from devnexus.timestamps import Timestamp, write

_REPOSITORIES_TOGETHER = 20
"""How many are in memory at once, with all of their history."""

_NO_KNOWLEDGE = (RepositoryAdopted, RepositoryRemoved)
"""Book-keeping, of which some is dated to the beginning of time."""

_INDENT = "  "
_TIMESTAMP: TypeAdapter[Timestamp] = TypeAdapter(Timestamp)


@dataclass
class _Span:
    """The times between which the knowledge base learned something."""

    first: datetime | None = None
    last: datetime | None = None
    """Of what did not come by an import, which has a time of its own."""

    def take(self, records: Sequence[Record]) -> None:
        facts = [record for record in records if not isinstance(record, _NO_KNOWLEDGE)]
        own = [record.at for record in facts if not isinstance(record, KnowledgeImported)]
        self.first = min([record.at for record in facts] + ([self.first] if self.first else []), default=None)
        self.last = max(own + ([self.last] if self.last else []), default=None)


def export_v2(store: Store) -> Iterator[str]:
    """The text of a v2 file with all that is known and not hidden, in pieces, repository by repository.

    What was imported and not added to since stands there as it stood in the file it came from.
    """
    head = store.head()
    span = _Span()
    yield f'{{\n{_INDENT}"schema_version": "{SCHEMA_VERSION}",\n{_INDENT}"repositories": {{'
    separator = "\n"
    raw = Views(store).at(head).raw
    used = uses([good.value for good in raw.values() if good.value and not good.value.removed])
    for id_, records in _records_by_repository(store, head, raw):
        if found := exported(records, used.get(id_, ())):
            span.take(records)
            name, metadata = found
            yield f"{separator}{_member(name, metadata, depth=2)}"
            separator = ",\n"
    yield f"\n{_INDENT}}}"
    organisation = read_organisation(store.read(ORGANISATION_FILES, at=head))
    for name, value in _other_fields(organisation, span, store, head).items():
        yield f",\n{_member(name, value, depth=1)}"
    yield "\n}\n"


def _records_by_repository(
    store: Store, head: str, raw: Mapping[str, LastGood[Projection]]
) -> Iterator[tuple[RepositoryId, list[Record]]]:
    """All records of each repository that has a name of its own, those of what it adopted included."""
    folders: list[tuple[RepositoryId, list[str]]] = []
    for path, good in raw.items():
        if good.value is None:  # never was a page: whose it is cannot be known
            raise Damaged(f"{path} is no page of a repository: devnexus kb verify --repair")
        page = good.value
        if path == projection_path(page.repository_name):  # in a v2 file one name is one repository
            ids = (page.repository_id, *page.adopted)
            folders.append((page.repository_id, [history_folder(id_) for id_ in ids]))
    for start in range(0, len(folders), _REPOSITORIES_TOGETHER):
        together = folders[start : start + _REPOSITORIES_TOGETHER]
        files = store.read([folder for _, of_one in together for folder in of_one], at=head)
        for id_, of_one in together:
            records = [
                record
                for path, content in sorted(files.items())
                if path.startswith(tuple(of_one))
                for record in read_records(content, path=path)
            ]
            yield id_, records


def _other_fields(organisation: Organisation, span: _Span, store: Store, head: str) -> dict[str, object]:
    fields = dict(organisation.fields)
    if "created_at" not in fields or "last_updated" not in fields:
        made = next(store.log(head)).at
        fields.setdefault("created_at", write(span.first or made))
        fields.setdefault("last_updated", write(span.last or span.first or made))
    if span.last and span.last > _TIMESTAMP.validate_python(fields["last_updated"]):
        fields["last_updated"] = write(span.last)
    return {
        "component_index": dict(organisation.component_index),
        "consolidation_history": list(organisation.consolidation_history),
        "metadata": {},
        **{name: value for name, value in fields.items() if name not in {"schema_version", "repositories"}},
    }


def _member(name: str, value: object, *, depth: int) -> str:
    """A key and its value as a v2 file indents them; strings hold no line ends, so lines can be moved."""
    text = f"{json.dumps(name, ensure_ascii=False)}: " + json.dumps(
        value, indent=len(_INDENT), ensure_ascii=False, allow_nan=False
    )
    return _INDENT * depth + text.replace("\n", "\n" + _INDENT * depth)
