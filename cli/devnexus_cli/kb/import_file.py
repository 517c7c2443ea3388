"""The use case of `devnexus kb import`: a file's records and organisation files join a knowledge base."""

from collections.abc import Iterator
from dataclasses import dataclass

from devnexus.errors import Unavailable
from devnexus.events import KnowledgeImported, Record
from devnexus.knowledge.commit_message import commit_message
from devnexus.knowledge.forgotten import read_forgotten
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import METADATA_PATH, history_folder
from devnexus.knowledge.organisation_files import ORGANISATION_FILES, with_organisation
from devnexus.knowledge.store import Conflict, Store
from devnexus_cli.kb.imported_records import imported_records
from devnexus_cli.kb.knowledge_file import KnowledgeFile
from kb_writer.group_commit import Writer

_RECORDS_TOGETHER = 2000
_REPOSITORIES_TOGETHER = 50
_CONFLICTS_ENDURED = 20


@dataclass(frozen=True)
class Batch:
    """What became, or would become, of some repositories of the file."""

    repositories: int
    new: int
    """Records that were not in the knowledge base before."""
    known: int
    forgotten: int
    """Records of repositories that were asked to be forgotten later than that: left out."""


def import_repositories(file: KnowledgeFile, store: Store) -> Iterator[Batch]:
    """Write the file's repositories, a batch at each step; whatever has been written stays.

    Doing it again completes what was interrupted, and changes nothing where nothing was.
    """
    writer = Writer(store)
    for repositories, records in _batches(file):
        new = forgotten = 0
        left: list[Record] = [*records]
        while left:
            outcome = writer.group_commit(left)
            new += sum(isinstance(record, KnowledgeImported) for record in outcome.new)
            forgotten += outcome.forgotten
            left = list(outcome.left)
        yield Batch(repositories, new, len(records) - new - forgotten, forgotten)


def compare_repositories(file: KnowledgeFile, store: Store) -> Iterator[Batch]:
    """What `import_repositories` would do to the knowledge base as it is now; nothing is written."""
    head = store.head()
    forgotten = read_forgotten(store, at=head)
    for repositories, records in _batches(file):
        wanted = {record.id for record in records if not forgotten.covers(record)}
        folders = sorted({history_folder(record.repository.id) for record in records})
        new = wanted - {stored.id for folder in folders for stored in stored_records(store, folder, at=head)}
        yield Batch(repositories, len(new), len(wanted) - len(new), len(records) - len(wanted))


def import_organisation(file: KnowledgeFile, store: Store) -> int:
    """Write what the file says besides its repositories; the number of files that changed."""
    for _ in range(_CONFLICTS_ENDURED):
        head = store.head()
        changes = with_organisation(store.read(ORGANISATION_FILES, at=head), file.organisation)
        try:
            for portion in _portions(changes, store):
                message = commit_message("Import what is about no repository", sorted(portion), on=head)
                head = store.commit(portion, message=message, expected_head=head)
            return len(changes)
        except Conflict:
            continue  # somebody else was faster: read again
    raise Unavailable(f"the knowledge base moved {_CONFLICTS_ENDURED} times under this import: run it again")


def _batches(file: KnowledgeFile) -> Iterator[tuple[int, list[KnowledgeImported]]]:
    repositories, records = 0, []
    for name, metadata in file.read():
        repositories += 1
        records += imported_records(name, metadata)
        if repositories == _REPOSITORIES_TOGETHER or len(records) >= _RECORDS_TOGETHER:
            yield repositories, records
            repositories, records = 0, []
    if records:
        yield repositories, records


def _portions(changes: dict[str, bytes | None], store: Store) -> Iterator[dict[str, bytes | None]]:
    """`changes` in commits that the store can take; metadata.json, which says they are done, in the last."""
    portion: dict[str, bytes | None] = {}
    size = 0
    for path in sorted(changes, key=lambda path: (path == METADATA_PATH, path)):
        content = changes[path]
        files, room = store.limits.files, store.limits.bytes
        more = size + len(content or b"")
        if portion and ((files and len(portion) >= files) or (room and more > room)):
            yield portion
            portion, more = {}, len(content or b"")
        portion[path] = content
        size = more
    if portion:
        yield portion
