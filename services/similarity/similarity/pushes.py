"""The pushes that one commit of knowledge brought, where pages do not tell all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from devnexus.events import KnowledgeCommitted, PatternsExtracted, Record
from devnexus.events.knowledge_committed import ChangedRepository
from devnexus.knowledge.differing import Pages
from devnexus.knowledge.order import in_order
from devnexus.repository import RepositoryId

Pushes = Mapping[RepositoryId, Sequence[Sequence[PatternsExtracted]]]
"""Repository → its pushes, oldest first, each with all of its parts."""


def untold(event: KnowledgeCommitted, pages: Pages) -> Collection[RepositoryId]:
    """The repositories with a live push that is not the newest record of the page: several came, or one
    late, or a snapshot with it."""
    return {
        changed.repository
        for changed in event.changed or ()
        if "live" in changed.causes and changed.repository in pages
        if (ids := _push_ids(changed))
        and ids != [one.record_id for one in pages[changed.repository].recent[:1]]
    }


def pushes_in(records: Iterable[Record]) -> Pushes:
    """The live pushes among these records."""
    parts: dict[str, list[PatternsExtracted]] = defaultdict(list)
    for record in records:
        if isinstance(record, PatternsExtracted) and record.subject == "push" and record.cause == "live":
            parts[record.record_id].append(record)
    found: dict[RepositoryId, list[Sequence[PatternsExtracted]]] = defaultdict(list)
    for first in in_order(some[0] for some in parts.values()):
        assert isinstance(first, PatternsExtracted)
        found[first.repository.id].append(parts[first.record_id])
    return found


def _push_ids(changed: ChangedRepository) -> list[str]:
    return [id_ for id_ in changed.record_ids if id_.startswith(f"{changed.repository}:refs/")]
