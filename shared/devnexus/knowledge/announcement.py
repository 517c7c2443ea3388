"""What a commit of the knowledge base says to the others: a pure function of that commit."""

from collections import defaultdict
from collections.abc import Iterable

from devnexus.events import PatternsExtracted, Record
from devnexus.events.knowledge_committed import ChangedRepository, KnowledgeCommitted
from devnexus.knowledge.history import records_between
from devnexus.knowledge.store import Damaged, Store

MAX_LIST_BYTES = 200_000


def announcement(store: Store, revision: str) -> KnowledgeCommitted:
    """The event that tells of `revision`; without the list of changes where that would be too long.

    Also where the list cannot be made because something is damaged: what is sound must be told of.
    """
    parent = next(store.log(revision)).parent
    try:
        landed = _by_repository(records_between(store, parent, revision)) if parent else {}
    except Damaged:
        return KnowledgeCommitted(cause="import", revision=revision, parent=parent)
    causes = {record.cause for records in landed.values() for record in records}
    event = KnowledgeCommitted(
        cause="live" if "live" in causes else min(causes, default="import"),
        hops=max((record.hops for records in landed.values() for record in records), default=0),
        revision=revision,
        parent=parent,
        changed=tuple(_summary(repository, records) for repository, records in sorted(landed.items())),
    )
    if len(event.model_dump_json()) > MAX_LIST_BYTES:
        return event.model_copy(update={"changed": None})
    return event


def _by_repository(records: Iterable[Record]) -> dict[str, list[Record]]:
    grouped: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        grouped[record.repository.id].append(record)
    return grouped


def _summary(repository: str, records: list[Record]) -> ChangedRepository:
    return ChangedRepository(
        repository=repository,
        kinds=tuple(sorted({record.kind for record in records})),
        causes=tuple(sorted({record.cause for record in records})),
        record_ids=tuple(sorted({_subject_id(record) for record in records})),
    )


def _subject_id(record: Record) -> str:
    """The push or snapshot that the record is about, else the record itself."""
    return record.record_id if isinstance(record, PatternsExtracted) else record.id
