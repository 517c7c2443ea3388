"""The use case: a batch of records becomes a commit."""

import random
import time
from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from devnexus.errors import Unavailable
from devnexus.events import Record, RepositoryRemoved
from devnexus.knowledge.commit_message import commit_message, headline
from devnexus.knowledge.forgotten import Forgotten, read_forgotten
from devnexus.knowledge.history import load_histories, merge
from devnexus.knowledge.layout import history_folder, history_path, projection_path
from devnexus.knowledge.store import Conflict, Store
from devnexus.repository import RepositoryId, RepositoryName, id_of_name
from kb_writer.adoption import adoptions
from kb_writer.pages import place_pages
from kb_writer.portions import Draft, Portion, portions
from kb_writer.read_once import ReadOnce
from kb_writer.repository_history import RepositoryHistory

_CONFLICTS_ENDURED = 20
_JITTER_SECONDS = 0.05
_REPOSITORIES_IN_MIND = 500


@dataclass(frozen=True)
class Outcome:
    """What became of a batch."""

    head: str
    """The revision that holds all of the batch that is not `left`."""
    revision: str | None
    """The new revision; None if every record was there already."""
    new: tuple[Record, ...]
    left: tuple[Record, ...] = ()
    """What did not fit into one commit: ask for it next."""
    forgotten: int = 0
    """Records older than the wish that their repository be forgotten: dropped."""
    conflicts: int = 0
    """How often somebody else was faster."""


class Writer:
    """Writes batches of records to a store, remembering what it has just written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._head: str | None = None
        self._histories: dict[str, RepositoryHistory] = {}
        self._forgotten = Forgotten({})
        self._files = ReadOnce(store, "")

    def group_commit(self, batch: Sequence[Record], *, announced: str | None = None) -> Outcome:
        """Write as much of the batch as one commit may hold, or nothing if nothing in it is new.

        Acknowledge what is not `left` only after this returns: after a crash it comes again, and applying
        it again is harmless. `announced` is the last revision that others were told of; the commit notes
        it. Raises Unavailable if the store is; then nothing has changed, or all has.
        """
        for conflicts in range(_CONFLICTS_ENDURED):
            try:
                outcome = self._try(batch, announced, conflicts)
                self._forget_the_longest_unused()
                return outcome
            except Conflict:
                self._forget()
                time.sleep(random.uniform(0, min(conflicts, 5) * _JITTER_SECONDS))  # or rivals stay in step  # nosec B311  # only spreads retries
            except BaseException:
                self._forget()
                raise
        raise Unavailable(f"the knowledge base moved {_CONFLICTS_ENDURED} times under this batch")

    def _try(self, batch: Sequence[Record], announced: str | None, conflicts: int) -> Outcome:
        head = self._store.head()
        if head != self._head:
            self._forget()
            self._forgotten = read_forgotten(self._store, at=head)
            self._head = head
        wanted = [record for record in batch if not self._forgotten.covers(record)]
        self._files = self._read_ahead(wanted, head)
        self._call_to_mind({record.repository.id for record in wanted}, head)
        unknown: dict[RepositoryId, list[Record]] = defaultdict(list)
        for record in wanted:
            if not self._history(record.repository.id).knows(record):
                unknown[record.repository.id].append(record)
        # Each repository by itself: what agents tell has an id that does not name its repository.
        new = [record for records in unknown.values() for record in merge((), records)]
        forgotten = len(batch) - len(wanted)
        if not new:
            return Outcome(head=head, revision=None, new=(), forgotten=forgotten, conflicts=conflicts)
        draft, left = self._draft(new, head)
        revision = self._store.commit(
            self._changes(draft, head),
            message=commit_message(
                headline(draft.records), [r.id for r in draft.records], on=head, announced=announced
            ),
            expected_head=head,
        )
        self._head = revision
        return Outcome(revision, revision, draft.records, left, forgotten, conflicts)

    def _draft(self, new: Sequence[Record], head: str) -> tuple[Draft, tuple[Record, ...]]:
        """As much as one commit may hold, at least one portion, and what is left."""
        limits = self._store.limits
        waiting = deque(self._portions(new, head))
        draft = Draft()
        while waiting and waiting[0].family not in draft.families:  # what is drafted cannot be read back yet
            addition = self._fold_in(waiting[0], head)
            together = draft.with_(addition)
            if draft.records and not together.fits(limits):
                for repository in {record.repository.id for record in addition.records} | addition.families:
                    self._histories.pop(repository, None)
                break
            draft = together
            waiting.popleft()
        return draft, tuple(record for portion in waiting for record in portion.records)

    def _portions(self, new: Sequence[Record], head: str) -> list[Portion]:
        found = adoptions(
            new,
            waiting=lambda id_: self._history(id_).repository,
            adopter_of=lambda id_: self._history(id_).adopter,
            files=self._files,
            at=head,
        )
        pending = {
            record.repository.id: record.adopter for record in found if isinstance(record, RepositoryRemoved)
        }

        def family_of(record: Record) -> RepositoryId:
            id_ = record.repository.id
            return pending.get(id_) or self._history(id_).adopter or id_

        return portions([*new, *found], self._store.limits, family_of=family_of)

    def _fold_in(self, portion: Portion, head: str) -> Draft:
        """What one portion changes. Its histories are in mind as if it were committed."""
        by_repository: dict[RepositoryId, list[Record]] = {portion.family: []}
        for record in portion.records:
            by_repository.setdefault(record.repository.id, []).append(record)
        own = by_repository.pop(portion.family)
        of_adopted = [record for records in by_repository.values() for record in records]
        files: dict[str, bytes | None] = {}
        names: set[RepositoryName] = set()
        hidden = set(by_repository)
        for repository, records in by_repository.items():
            history = self._history(repository)
            names |= {history.name} if history.name else set()
            files.update(history.add(records, files=self._files, at=head))
        history = self._history(portion.family)
        names |= {history.name} if history.name else set()
        files.update(history.add(own, of_adopted=of_adopted, files=self._files, at=head))
        projection = history.projection()
        return Draft(
            families=frozenset({portion.family}),
            records=portion.records,
            files=files,
            projections=(projection,) if projection else (),
            hidden=frozenset(hidden if projection else hidden | {portion.family}),
            names_left=frozenset(names),
            page_bytes=len(projection.page()) if projection and self._store.limits.bytes else 0,
        )

    def _changes(self, draft: Draft, head: str) -> dict[str, bytes | None]:
        pages = place_pages(
            draft.projections, hidden=draft.hidden, left=draft.names_left, files=self._files, at=head
        )
        return {**draft.files, **pages}

    def _read_ahead(self, records: Sequence[Record], head: str) -> ReadOnce:
        """All that `records` need as a rule, in one read."""
        files = ReadOnce(self._store, head)
        repositories = {record.repository.id for record in records}
        repositories |= {id_of_name(record.repository.name) for record in records}  # which may be waiting
        paths = {history_folder(id_) for id_ in repositories - self._histories.keys()}
        paths |= {history_path(record.repository.id, record.at) for record in records}
        paths |= {projection_path(record.repository.name) for record in records}
        paths |= {projection_path(record.repository.name, record.repository.id) for record in records}
        files.read(paths, at=head)
        return files

    def _history(self, repository: RepositoryId) -> RepositoryHistory:
        assert self._head is not None
        self._call_to_mind({repository}, self._head)
        history = self._histories.pop(repository)
        self._histories[repository] = history  # the last used stands last
        return history

    def _call_to_mind(self, repositories: Collection[RepositoryId], head: str) -> None:
        unknown = [id_ for id_ in repositories if id_ not in self._histories]
        if unknown:
            for id_, records in load_histories(self._files, unknown, at=head).items():
                self._histories[id_] = RepositoryHistory(id_, records)

    def _forget_the_longest_unused(self) -> None:
        while len(self._histories) > _REPOSITORIES_IN_MIND:
            del self._histories[next(iter(self._histories))]

    def _forget(self) -> None:
        self._head = None
        self._histories.clear()
