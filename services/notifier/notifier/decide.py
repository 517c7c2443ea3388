"""The decision: what a change of knowledge makes worth telling, whom, and why nobody else."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from devnexus.events import NotificationRequested, SimilarityComputed
from devnexus.events.notification_requested import Notice
from devnexus.events.similarity_computed import Change
from devnexus.people.organisation import Route
from notifier.remarks import Remark, only, remarks
from notifier.routes import Routes

NotYetTold = Callable[[str, Sequence[Remark]], Collection[Remark]]
"""Target and remarks → those of them that it was not told of lately by another event."""


class Outcome(Enum):
    """What was decided for one target, or for all."""

    TOLD = "told"
    TOLD_BEFORE = "told before"  # within 30 days, by an earlier event
    NOTHING_NEW = "nothing new"
    NO_ROUTE = "no route"  # nobody wants to hear of this
    QUIET = "quiet"  # the repository asks that nobody be told


@dataclass(frozen=True)
class Decision:
    """What was decided, and the request that follows from it."""

    outcome: Outcome
    reason: str
    target: str | None = None
    """None: it is about all of them."""
    request: NotificationRequested | None = None


def decide(event: SimilarityComputed, routes: Routes, not_yet_told: NotYetTold) -> tuple[Decision, ...]:
    """What each target hears of a live push; one decision about nobody where there is none to be told.

    The same event gives the same requests again, as long as routes and `not_yet_told` say the same.
    """
    if event.quiet:
        return (Decision(Outcome.QUIET, "its .devnexus.yml says `notify: false`"),)
    notice = _notice(event)
    is_news = any(remarks(notice))
    decisions = tuple(_for_targets(event, notice, routes, not_yet_told))
    if decisions:
        return decisions
    if not is_news:
        return (Decision(Outcome.NOTHING_NEW, "the push changed nothing that is worth telling"),)
    return (Decision(Outcome.NO_ROUTE, f"no route of {routes.file} wants to hear of it"),)


def _for_targets(
    event: SimilarityComputed, notice: Notice, routes: Routes, not_yet_told: NotYetTold
) -> Iterator[Decision]:
    for target, asking in routes.asking(event.repository.name, event.cause).items():
        is_asked = [route for route in asking if _wants_push(route, event)]
        if event.push and is_asked and routes.every_push(target):
            yield _told(event, target, notice)
            continue
        wanted = [one for one in remarks(notice) if any(_wants(route, one, event) for route in asking)]
        if not wanted:
            continue
        fresh = frozenset(not_yet_told(target, wanted))
        if fresh:
            yield _told(event, target, only(notice, fresh.__contains__))
        else:
            yield Decision(Outcome.TOLD_BEFORE, "it was told the same within 30 days", target)


def _told(event: SimilarityComputed, target: str, notice: Notice) -> Decision:
    request = NotificationRequested(
        cause=event.cause, hops=event.hops, about=event.id, target=target, notice=notice
    )
    return Decision(Outcome.TOLD, "", target, request)


def _wants_push(route: Route, event: SimilarityComputed) -> bool:
    return route.is_for(event.owners) and not route.is_about_patterns


def _wants(route: Route, remark: Remark, event: SimilarityComputed) -> bool:
    if not route.is_for(remark.owners or event.owners):
        return False
    if remark.pattern is None:
        return not route.is_about_patterns
    return route.is_about(pattern=remark.pattern, name=remark.name, category=remark.category)


def _notice(event: SimilarityComputed) -> Notice:
    entered = {one.id for one in event.entered}
    return Notice(
        **{name: getattr(event, name) for name in Change.model_fields},
        entered=tuple(alike for alike in event.alike if alike.repository.id in entered),
    )
