"""What the writer keeps in mind of one repository between two batches, so as not to read it again."""

from collections import defaultdict
from collections.abc import Sequence

from devnexus.knowledge.analyses import effective
from devnexus.knowledge.fold import RepositoryState, fold
from devnexus.knowledge.history import Record, line_digest, merge, stored_records, with_records
from devnexus.knowledge.layout import history_folder, history_path
from devnexus.knowledge.order import in_order
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Store
from devnexus.repository import RepositoryId, RepositoryName


class RepositoryHistory:
    """The records of one repository at one revision: their digests, and the state they fold to.

    `add` changes this object before its changes are committed: throw it away when the commit fails.
    """

    def __init__(self, repository: RepositoryId, *, store: Store, at: str) -> None:
        self._repository = repository
        self._digests: dict[str, bytes] = {}
        self._record_ids: set[str] = set()
        self._state: RepositoryState | None = None
        self._replay(stored_records(store, history_folder(repository), at=at), ())

    @property
    def name(self) -> RepositoryName | None:
        """Today's name; None while no record is complete."""
        return self._state.last.repository.name if self._state else None

    def projection(self) -> Projection | None:
        """What is known of the repository; None while no record is complete."""
        return self._state.project() if self._state else None

    def knows(self, record: Record) -> bool:
        """Whether adding `record` would change nothing: it is there, or one that prevails over it."""
        known = self._digests.get(record.id)
        return known is not None and known <= line_digest(record)

    def add(self, records: Sequence[Record], *, store: Store, at: str) -> dict[str, bytes]:
        """The changed history files once `records`, none of which is known, have joined revision `at`."""
        by_path: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_path[history_path(record.repository.id, record.at)].append(record)
        contents = store.read(by_path.keys(), at=at)
        changes = {
            path: with_records(contents.get(path, b""), added, path=path) for path, added in by_path.items()
        }
        if not self._advance(records):
            self._replay(stored_records(store, history_folder(self._repository), at=at), records)
        return changes

    def _advance(self, records: Sequence[Record]) -> bool:
        """Apply records that are all newer than every applied one; False if they have to be folded in."""
        state = self._state
        if state is None or any(
            record.at <= state.last.at or record.record_id in self._record_ids for record in records
        ):
            return False
        for record in in_order(effective(records), head=state.last.after):
            state.apply(record)
        self._note(records)
        return True

    def _replay(self, known: Sequence[Record], new: Sequence[Record]) -> None:
        everything = merge(known, new)
        self._state = fold(everything)
        self._note(everything)

    def _note(self, records: Sequence[Record]) -> None:
        self._digests.update({record.id: line_digest(record) for record in records})
        self._record_ids.update(record.record_id for record in records)
