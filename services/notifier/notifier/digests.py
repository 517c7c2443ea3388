"""Which messages that wait for one target become one, and what that is."""

from collections.abc import Sequence

from devnexus.events import NotificationRequested
from devnexus.events.notification_requested import Digest, Notice, Summary
from devnexus.values import digest

FEW = 5
"""So many are told one by one."""

MOST = 100
"""So many are told as one at most; what else waits is told by the next digest."""

MOST_CHARACTERS = 500_000
"""As one JSON text, for targets that take no more."""


def how_many_fit(lengths: Sequence[int]) -> int:
    """How many of the first messages, of which each has so many characters, fit into one digest."""
    total = 0
    for number, length in enumerate(lengths[:MOST]):
        total += length
        if total > MOST_CHARACTERS:
            return number
    return len(lengths[:MOST])


def can_be_member(request: NotificationRequested) -> bool:
    """Whether a digest can hold its message: it holds no digests."""
    return not isinstance(request.message, Digest)


def digest_of(members: Sequence[NotificationRequested]) -> NotificationRequested:
    """The one request that tells what all `members`, which have the same target, ask to tell.

    Its id follows from theirs.
    """
    messages = tuple(one.message for one in members if isinstance(one.message, Notice | Summary))
    return NotificationRequested(
        cause=members[-1].cause,
        hops=max(one.hops for one in members),
        about=f"digest:{digest([one.id for one in members], length=32)}",
        target=members[0].target,
        digest=Digest(messages=messages),
    )
