"""What the base says was missed, as the events that make up for it: a pure function of page and host.

A made-up push lies as late as it can, at the moment of the push after it or of the host's last news: a real
one that arrives after all sorts before it, and what stands in the end is the same.
"""

from datetime import datetime, timedelta

from devnexus.events import CommitPushed, RepositoryRegistered
from devnexus.knowledge.projection import Gap, Projection
from devnexus.repository import Repository
from devnexus.timestamps import write

SETTLED = timedelta(minutes=15)
"""What happened later than that may still be on its way to us."""

READ_WITHIN = timedelta(hours=6)
"""Of being followed: a thousand repositories may wait before it."""

ASKED_BY = "sweep"


def settled_gaps(page: Projection, *, now: datetime) -> list[Gap]:
    """Those gaps that nothing under way will close."""
    return [gap for gap in page.gaps if now - gap.at >= SETTLED]


def push_across(gap: Gap, repository: Repository, ref: str) -> CommitPushed:
    """The one push that takes the place of what was missed; the next one was told already, so it is quiet."""
    return CommitPushed(
        cause="backfill",
        repository=repository,
        ref=ref,
        before=gap.after,
        after=gap.before,
        pushed_at=gap.at,
        recovered=True,
    )


def may_be_stale(page: Projection, pushed_at: datetime | None) -> bool:
    """Whether the host was pushed to since the base last heard of it, be it on another branch."""
    return pushed_at is not None and bool(page.recent) and pushed_at > page.recent[0].at


def is_settled(*, committed_at: datetime, pushed_at: datetime | None, now: datetime) -> bool:
    """Whether a head of that age is no news any more that may still be on its way."""
    return now - committed_at >= SETTLED or (pushed_at is not None and now - pushed_at >= SETTLED)


def push_to_head(
    page: Projection, repository: Repository, ref: str, *, head: str, pushed_at: datetime | None
) -> CommitPushed | None:
    """The one push from where the base last was to `head`; None where it is there.

    Ask for `pushed_at` after `head`: then every later push is later here, too.
    """
    last = page.recent[0]
    if last.after == head:
        return None
    return CommitPushed(
        cause="live",
        repository=repository,
        ref=ref,
        before=last.after,
        after=head,
        pushed_at=max(pushed_at or last.at, last.at),
        recovered=True,
    )


def is_about_to_be_read(page: Projection, *, now: datetime) -> bool:
    """Whether a webhook told of it so recently that the snapshot it asked for may still be waiting."""
    return now - page.last_updated < READ_WITHIN


def registration(page: Projection, repository: Repository) -> RepositoryRegistered:
    """That a repository is followed again which the base takes for removed."""
    return RepositoryRegistered(
        cause="snapshot",
        repository=repository,
        at=page.last_updated + timedelta(seconds=1),
        asked_by=f"{ASKED_BY}:{write(page.last_updated)}",
    )
