"""The use case: work over many repositories is told of once, when it is over."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from devnexus.events import NotificationRequested, SimilarityComputed
from devnexus.events.event import Cause
from devnexus.events.notification_requested import Counted, Summary
from devnexus.events.similarity_computed import Named
from devnexus.people.organisation import Route
from notifier.routes import Routes

QUIET_SECONDS = 600.0
"""A run is over when nothing came of it for so long."""

LONGEST_SECONDS = 86_400.0
"""Where something always comes, what came in so long is a run."""

_SHOWN = 10
_COUNTED: frozenset[Cause] = frozenset({"backfill", "import", "reanalysis"})


@dataclass(frozen=True)
class Brought:
    """What a run brought to one repository."""

    repository: Named
    owners: tuple[str, ...] = ()
    patterns: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    """Id → name and category of those that are new."""


@dataclass(frozen=True)
class Run:
    """All that one run brought."""

    id: str
    cause: Cause
    began_at: float
    """Seconds since 1970, as is the next."""
    ended_at: float
    brought: Sequence[Brought]
    """Each repository once."""


class RunStore(Protocol):
    """Where runs are kept while they go on. Every method raises Unavailable if it may not have been kept."""

    def note(self, event_id: str, cause: Cause, brought: Brought, *, now: float) -> None:
        """Add to the run of this cause that is open, or open one; an event that is known adds nothing."""

    def finished(self, *, now: float, quiet: float, longest: float) -> Iterable[Run]:
        """The runs that had nothing added for `quiet` seconds or began `longest` ago: closed for good."""

    def told(self, run_id: str, *, now: float) -> None:
        """Everybody was told of it."""


def belongs_to_a_run(event: SimilarityComputed) -> bool:
    """Whether it is told of in a summary: a first reading is, another snapshot is nobody's news."""
    return not event.quiet and (event.cause in _COUNTED or (event.cause == "snapshot" and event.first))


def note(event: SimilarityComputed, store: RunStore, *, now: float) -> None:
    """Keep what the event brought for the summary of its run."""
    patterns = {one.id: (one.name, one.category) for one in event.introduced}
    brought = Brought(event.repository, event.owners, patterns)
    store.note(event.id, event.cause, brought, now=now)


def requests_of(run: Run, routes: Routes) -> Iterator[NotificationRequested]:
    """One summary for each target that hears of some of the run's repositories, of these alone."""
    heard: dict[str, list[Brought]] = {}
    for brought in run.brought:
        for target, asking in routes.asking(brought.repository.name, run.cause).items():
            wanted = _wanted(brought, asking)
            if wanted and routes.summaries(target):
                heard.setdefault(target, []).append(wanted)
    for target, some in heard.items():
        yield NotificationRequested(cause=run.cause, about=run.id, target=target, summary=_summary(run, some))


def _wanted(brought: Brought, asking: Sequence[Route]) -> Brought | None:
    """What is told of one repository; None where the routes are about others' code or other patterns."""
    routes = [route for route in asking if route.is_for(brought.owners)]
    patterns = {
        id_: (name, category)
        for id_, (name, category) in brought.patterns.items()
        if any(route.is_about(pattern=id_, name=name, category=category) for route in routes)
    }
    if not patterns and all(route.is_about_patterns for route in routes):
        return None
    return Brought(brought.repository, brought.owners, patterns)


def _summary(run: Run, some: Sequence[Brought]) -> Summary:
    names = sorted((one.repository for one in some), key=lambda one: one.name)
    counts = Counter(name for one in some for name, _ in one.patterns.values())
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    return Summary(
        cause=run.cause,
        repositories=len(some),
        names=tuple(names[:_SHOWN]),
        patterns=tuple(Counted(name=name, repositories=count) for name, count in most),
        pattern_count=len(counts),
        began_at=_time(run.began_at),
        ended_at=_time(run.ended_at),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
