"""Which pushes a run plays, in which order, and which records must come of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devnexus.events import SnapshotRequested
from devnexus.git_names import is_no_commit
from devnexus.repository import Repository
from devnexus_cli.local_repository import HOST, LocalPush, LocalRepository, newest_pushes

PUSHES = 20


@dataclass(frozen=True)
class Script:
    """Repositories, and their pushes in the order in which they are sent; one sent twice stands twice."""

    repositories: Sequence[LocalRepository]
    pushes: Sequence[tuple[LocalRepository, LocalPush]]

    @property
    def records(self) -> int:
        """How many records must come of it: one a push, one a snapshot."""
        pushes = {(repository.id, push) for repository, push in self.pushes}
        snapshots = sum(_asks_for_snapshot(push) for _, push in pushes)
        return len(pushes) + snapshots + len(list(self.requests()))

    @property
    def repeated(self) -> int:
        """How many pushes are sent again."""
        return len(self.pushes) - len({(repository.id, push) for repository, push in self.pushes})

    def requests(self) -> Iterator[SnapshotRequested]:
        """A snapshot of where the first push of each repository starts, unless that is nowhere."""
        seen: set[str] = set()
        for repository, push in self.pushes:
            if repository.id not in seen and not is_no_commit(push.before):
                yield SnapshotRequested(
                    cause="snapshot",
                    repository=as_event_says(repository),
                    sha=push.before,
                    as_of=push.before_at,
                    asked_by="devnexus run",
                )
            seen.add(repository.id)


def script_of(repositories: Sequence[LocalRepository]) -> Script:
    """The last 20 pushes of each repository, one repository after the other."""
    return Script(
        repositories,
        tuple(
            (repository, push) for repository in repositories for push in newest_pushes(repository, PUSHES)
        ),
    )


def asked_by_push(repository: LocalRepository, push: LocalPush, event_id: str) -> SnapshotRequested | None:
    """The snapshot that the extractor asks for where the push does not build on what was there."""
    if not _asks_for_snapshot(push):
        return None
    return SnapshotRequested(
        cause="snapshot" if is_no_commit(push.before) else "live",
        repository=as_event_says(repository),
        sha=push.after,
        asked_by=event_id,
    )


def _asks_for_snapshot(push: LocalPush) -> bool:
    return push.is_forced or is_no_commit(push.before)


def as_event_says(repository: LocalRepository) -> Repository:
    """The repository as the events about it name it."""
    return Repository(
        id=repository.id,
        name=repository.name,
        default_branch=repository.branch,
        url=f"http://{HOST}/{repository.name}",
        private=True,
    )
