"""What the writer keeps in mind of one repository between two batches, so as not to read it again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from devnexus.events import PatternsExtracted, Record
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.fold import RepositoryState, fold
from devnexus.knowledge.history import (
    adopted_by,
    appended,
    line_digest,
    load_history,
    merge,
    stored_records,
    with_records,
)
from devnexus.knowledge.layout import history_folder, history_path
from devnexus.knowledge.order import in_order
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Files
from devnexus.repository import Repository, RepositoryId, RepositoryName


class RepositoryHistory:
    """The records of one repository at one revision: their digests, and the state they fold to.

    `add` changes this object before its changes are committed: throw it away when the commit fails.
    """

    def __init__(self, repository: RepositoryId, known: Sequence[Record]) -> None:
        self._repository = repository
        self._digests: dict[str, bytes] = {}
        self._record_ids: set[str] = set()
        self._state: RepositoryState | None = None
        self._replay(known, ())

    @property
    def name(self) -> RepositoryName | None:
        """Today's name; None while no record is complete."""
        return self._state.name if self._state else None

    @property
    def repository(self) -> Repository | None:
        """What it is called today, with its id; None while no record is complete."""
        name = self.name
        return Repository(id=self._repository, name=name, default_branch="main") if name else None

    @property
    def adopter(self) -> RepositoryId | None:
        """The repository with a number that this one, known by name alone, belongs to."""
        return self._state.adopter if self._state else None

    def projection(self) -> Projection | None:
        """What is known of the repository; None while no record is complete, and once another adopted it."""
        return self._state.project() if self._state and not self._state.adopter else None

    def knows(self, record: Record) -> bool:
        """Whether adding `record` would change nothing: it is there, or one that prevails over it."""
        known = self._digests.get(record.id)
        return known is not None and known <= line_digest(record)

    def add(
        self,
        records: Sequence[Record],
        *,
        of_adopted: Sequence[Record] = (),
        files: Files,
        at: str,
    ) -> dict[str, bytes | None]:
        """The changed history files once `records`, none of which is known, have joined revision `at`.

        `of_adopted` are new records of repositories that this one has adopted; others write them.
        """
        by_path: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_path[history_path(record.repository.id, record.at)].append(record)
        changes = self._changed_files(by_path, records, files, at)
        adopted_now = adopted_by(records)
        if of_adopted or adopted_now or not self._advance(records):
            known = load_history(files, self._repository, at=at)
            for id_ in adopted_now:
                known += stored_records(files, history_folder(id_), at=at)
            self._replay(known, [*records, *of_adopted])
        return changes

    def _changed_files(
        self, by_path: Mapping[str, Sequence[Record]], records: Sequence[Record], files: Files, at: str
    ) -> dict[str, bytes | None]:
        contents = files.read(by_path.keys(), at=at)
        rivals = self._places_of_rivals(records, files, at)
        if not rivals:
            return {path: _with(contents.get(path, b""), added, path) for path, added in by_path.items()}
        contents |= files.read(rivals, at=at)
        ids = {record.id for record in records}
        changes: dict[str, bytes | None] = {}
        for path in {*by_path, *rivals}:
            added = by_path.get(path, ())
            elsewhere = ids - {record.id for record in added}  # of which a rival copy may stand here
            content = with_records(contents.get(path, b""), added, path=path, without=elsewhere)
            changes[path] = content or None
        return changes

    def _places_of_rivals(self, records: Sequence[Record], files: Files, at: str) -> set[str]:
        """The files that hold differing copies of `records`, which these take the place of."""
        rivals = {record.id for record in records if record.id in self._digests}
        if not rivals:
            return set()
        known = stored_records(files, history_folder(self._repository), at=at)
        return {history_path(self._repository, record.at) for record in known if record.id in rivals}

    def _advance(self, records: Sequence[Record]) -> bool:
        """Apply records that are all newer than every applied one; False if they have to be folded in."""
        state = self._state
        if state is None or any(self._is_late(record, state) for record in records):
            return False
        for record in in_order(effective(records), head=state.last_commit):
            state.apply(record)
        self._note(records)
        return True

    def _is_late(self, record: Record, state: RepositoryState) -> bool:
        again = isinstance(record, PatternsExtracted) and record.record_id in self._record_ids
        takes_a_place = record.id in self._digests  # of a rival copy, which has been applied
        return again or takes_a_place or record.at <= state.last.at

    def _replay(self, known: Sequence[Record], new: Sequence[Record]) -> None:
        everything = merge(known, new)
        self._state = fold(everything)
        self._note(everything)

    def _note(self, records: Sequence[Record]) -> None:
        self._digests.update({record.id: line_digest(record) for record in records})
        self._record_ids.update(
            record.record_id for record in records if isinstance(record, PatternsExtracted)
        )


def _with(content: bytes, new: Sequence[Record], path: str) -> bytes:
    return appended(content, new, path=path) or with_records(content, new, path=path)
