"""The use case: a batch of records becomes one commit."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from devnexus.errors import Unavailable
from devnexus.knowledge.history import Record, merge
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Conflict, Store
from devnexus.repository import RepositoryId, RepositoryName
from devnexus.values import digest
from kb_writer.pages import place_pages
from kb_writer.repository_history import RepositoryHistory

_CONFLICTS_ENDURED = 5
_REPOSITORIES_IN_MIND = 500


@dataclass(frozen=True)
class Outcome:
    """What became of a batch."""

    revision: str | None
    """The new revision; None if every record was there already."""
    new: tuple[Record, ...]


class Writer:
    """Writes batches of records to a store, remembering what it has just written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._head: str | None = None
        self._histories: dict[str, RepositoryHistory] = {}

    def group_commit(self, batch: Sequence[Record]) -> Outcome:
        """Write the whole batch as one commit, or nothing if nothing in it is new.

        Acknowledge the batch only after this returns: after a crash it comes again, and applying it
        again is harmless. Raises Unavailable if the store is; then nothing has changed, or all has.
        """
        for _ in range(_CONFLICTS_ENDURED):
            try:
                outcome = self._try(batch)
                self._forget_the_longest_unused()
                return outcome
            except Conflict:
                self._forget()
            except BaseException:
                self._forget()
                raise
        raise Unavailable(f"the knowledge base moved {_CONFLICTS_ENDURED} times under this batch")

    def _try(self, batch: Sequence[Record]) -> Outcome:
        head = self._store.head()
        if head != self._head:
            self._forget()
        self._head = head
        new = tuple(
            merge((), (record for record in batch if not self._history(record.repository.id).knows(record)))
        )
        if not new:
            return Outcome(revision=None, new=())
        revision = self._store.commit(self._changes(new, head), message=_message(new), expected_head=head)
        self._head = revision
        return Outcome(revision=revision, new=new)

    def _changes(self, new: Sequence[Record], head: str) -> dict[str, bytes | None]:
        changes: dict[str, bytes | None] = {}
        projections: list[Projection] = []
        names: set[RepositoryName] = set()
        for repository, records in _by_repository(new).items():
            history = self._history(repository)
            names |= {history.name} if history.name else set()
            changes.update(history.add(records, store=self._store, at=head))
            if projection := history.projection():
                projections.append(projection)
        changes.update(place_pages(projections, left=names, store=self._store, at=head))
        return changes

    def _history(self, repository: RepositoryId) -> RepositoryHistory:
        assert self._head is not None
        history = self._histories.pop(repository, None) or RepositoryHistory(
            repository, store=self._store, at=self._head
        )
        self._histories[repository] = history  # the last used stands last
        return history

    def _forget_the_longest_unused(self) -> None:
        while len(self._histories) > _REPOSITORIES_IN_MIND:
            del self._histories[next(iter(self._histories))]

    def _forget(self) -> None:
        self._head = None
        self._histories.clear()


def _by_repository(records: Sequence[Record]) -> dict[str, list[Record]]:
    grouped: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        grouped[record.repository.id].append(record)
    return grouped


def _message(records: Sequence[Record]) -> str:
    names = sorted({record.repository.name for record in records})
    if len(records) == 1:
        headline = f"Update KB: {names[0]} @ {records[0].after[:7]}"
    else:
        where = f"{len(names)} repositories" if len(names) > 1 else names[0]
        headline = f"Update KB: {len(records)} updates in {where}"
    return f"{headline}\n\nBatch: {digest(sorted(record.id for record in records))}\n"
