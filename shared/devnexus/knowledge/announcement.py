"""What a commit of the knowledge base says to the others: a pure function of that commit."""

from collections import defaultdict
from collections.abc import Iterable

from devnexus.events.knowledge_committed import ChangedRepository, KnowledgeCommitted
from devnexus.knowledge.history import Record, records_between
from devnexus.knowledge.store import Store

MAX_LIST_BYTES = 200_000


def announcement(store: Store, revision: str) -> KnowledgeCommitted:
    """The event that tells of `revision`; without the list of changes where that would be too long."""
    parent = store.parent(revision)
    landed = _by_repository(records_between(store, parent, revision)) if parent else {}
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
        kinds=tuple(sorted({record.subject for record in records})),
        causes=tuple(sorted({record.cause for record in records})),
        record_ids=tuple(sorted({record.record_id for record in records})),
    )
