"""Publishes the past of repositories as pushes, at a bounded rate, and can be broken off at any point."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from devnexus.events import Event, SnapshotRequested
from devnexus.github_refusals import Refused
from devnexus.pubsub import Publisher
from devnexus.repository import RepositoryId
from devnexus_cli.github.first_parents import newest_first_parents
from devnexus_cli.github.past_pushes import past_pushes, snapshot_before
from devnexus_cli.github.progress import ProgressFile, RepositoryProgress
from webhook_receiver.installations import PAGE, Hosted

CALLS_A_COMMIT = 6
CALLS_A_SNAPSHOT = 6
"""Measured with the extractor on real repositories: 4 to 6 a push on average, 23 for the largest."""


@dataclass(frozen=True)
class Estimate:
    """What a backfill takes, at most."""

    repositories: int
    commits: int
    unknown: int
    """Repositories of which a snapshot comes first."""

    @property
    def listing_calls(self) -> int:
        """Calls to GitHub made here; more where much was merged."""
        return -(-(self.commits + self.repositories) // PAGE) + self.repositories

    @property
    def reading_calls(self) -> int:
        """Calls that the extractor makes, afterwards."""
        return CALLS_A_COMMIT * self.commits + CALLS_A_SNAPSHOT * self.unknown


def estimate(repositories: Sequence[Hosted], known: Collection[RepositoryId], commits: int) -> Estimate:
    """What it takes to bring in so many commits of each."""
    unknown = sum(hosted.repository.id not in known for hosted in repositories)
    return Estimate(len(repositories), commits * len(repositories), unknown)


@dataclass
class Backfill:
    """One backfill; its counts grow while it runs."""

    publisher: Publisher
    progress: ProgressFile
    known: Collection[RepositoryId]
    commits: int
    wait: Callable[[], None]
    """Called before each event, to keep the rate."""
    tell: Callable[[int], None]
    """Called with a number of commits that need not be waited for any more."""
    pushes: int = 0
    snapshots: int = 0
    done_before: int = 0
    """Pushes that an earlier run had published."""
    out_of_reach: list[str] = field(default_factory=list)

    def run(self, repositories: Sequence[Hosted]) -> None:
        """Publish what is not published yet; raise Unavailable where GitHub or the broker is away."""
        for hosted in repositories:
            try:
                told = self._bring_in(hosted)
            except Refused:
                self.out_of_reach.append(hosted.repository.name)
                told = 0
            self.tell(self.commits - told)
        self.progress.remove()

    def _bring_in(self, hosted: Hosted) -> int:
        """How many commits were told of, those of an earlier run included."""
        id_ = hosted.repository.id
        so_far = self.progress.of(id_)
        done = so_far.done if so_far else 0
        self.done_before += done
        if so_far and so_far.is_complete:
            return 0
        chain = newest_first_parents(hosted, self.commits, head=so_far.head if so_far else None)
        if not done and id_ not in self.known and (asked := snapshot_before(hosted, chain)):
            self._publish(asked)
            self.snapshots += 1
        self.tell(done)
        pushes = list(past_pushes(hosted, chain))
        for number, push in enumerate(pushes[done:], start=done + 1):
            self._publish(push)
            self.pushes += 1
            complete = number == len(pushes)
            progress = RepositoryProgress(head=chain.commits[-1].sha, done=number, is_complete=complete)
            self.progress.note(id_, progress)
            self.tell(1)
        return len(pushes)

    def _publish(self, event: Event) -> None:
        self.wait()
        self.publisher.publish([event], topic=SnapshotRequested.TOPIC)
