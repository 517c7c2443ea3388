"""The extractor's own use cases on clones of this machine: no broker, no service, nothing stored."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from devnexus.events import CommitPushed, Event, PatternsExtracted, SnapshotRequested
from devnexus.people.organisation import Organisation
from devnexus.repository import Repository
from extractor.claude.second_opinion import SecondOpinion
from extractor.extract import NO_SETTINGS, analyse
from extractor.local_git import LocalGit
from extractor.reading import Reader
from extractor.rule_set import load_rules


class InProcess:
    """An extractor that gives back what it would publish; a context that ends its git processes."""

    def __init__(
        self,
        clones: Mapping[str, Path],
        *,
        organisation: Organisation = NO_SETTINGS,
        tell: Callable[[int], None] = lambda _: None,
        second: Callable[[Reader], SecondOpinion | None] = lambda _: None,
    ) -> None:
        """`clones` says where the repository of a name is; `tell` is told how many files were just read.

        `second` gives who reads besides the rules.
        """
        self._source = _Told(clones, tell)
        self._reader = Reader(load_rules())
        self._organisation = organisation
        self._opinion = second(self._reader)

    def __enter__(self) -> "InProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def published(self, event: CommitPushed | SnapshotRequested) -> list[Event]:
        """What the service publishes for `event`: all parts, and a request where it asks for a snapshot.

        Nothing where the repository is not to be analysed. Raises Unavailable where a clone cannot be read.
        """
        collected = _Collected()
        analyse(
            event,
            source=self._source,
            reader=self._reader,
            publisher=collected,
            organisation=self._organisation,
            opinion=self._opinion,
        )
        return collected.events

    def extracted(self, event: CommitPushed | SnapshotRequested) -> list[PatternsExtracted]:
        """All parts that come of `event`, also of the snapshot that is asked for where a push needs one."""
        records: list[PatternsExtracted] = []
        for told in self.published(event):
            if isinstance(told, PatternsExtracted):
                records.append(told)
            elif isinstance(told, SnapshotRequested):
                records += self.extracted(told)
        return records


class _Told(LocalGit):
    """A LocalGit that tells how far it is."""

    def __init__(self, clones: Mapping[str, Path], tell: Callable[[int], None]) -> None:
        super().__init__(clones)
        self._tell = tell

    def contents(
        self, repository: Repository, object_ids: Sequence[str], *, at: str, max_bytes: int
    ) -> list[bytes | None]:
        """As promised by Source."""
        found = super().contents(repository, object_ids, at=at, max_bytes=max_bytes)
        self._tell(len(object_ids))
        return found


class _Collected:
    """A Publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        self.events.extend(events)
