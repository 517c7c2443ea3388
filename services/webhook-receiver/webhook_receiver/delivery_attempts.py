"""Deliveries of webhooks as GitHub remembers them, and which of them are worth another attempt."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=3)
"""For so long GitHub delivers again."""

_FIRST_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True)
class Attempt:
    """One attempt to deliver a webhook: the first, or one that somebody asked for."""

    id: int
    guid: str
    """The same for all attempts of one webhook."""
    at: datetime
    is_ok: bool
    event: str
    repository: int | None


@dataclass(frozen=True)
class Undelivered:
    """A webhook that no attempt has brought to us."""

    attempts: tuple[Attempt, ...]
    """Oldest first."""

    @property
    def last(self) -> Attempt:
        """The newest."""
        return self.attempts[-1]

    def is_due(self, now: datetime) -> bool:
        """Whether to try again: at once after the first, then after 10 minutes, 20, 40 …"""
        return now >= self.last.at + self._pause

    def is_under_way(self, now: datetime) -> bool:
        """Whether somebody asked for it so recently that it may be arriving."""
        return len(self.attempts) > 1 and now < self.last.at + _FIRST_PAUSE

    @property
    def _pause(self) -> timedelta:
        asked = len(self.attempts) - 1
        return _FIRST_PAUSE * 2 ** (min(asked, 10) - 1) if asked else timedelta()


def undelivered(attempts: Iterable[Attempt]) -> list[Undelivered]:
    """The webhooks of which no attempt went well, the oldest first: it is the next to be forgotten."""
    by_guid: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_guid[attempt.guid].append(attempt)
    lost = [
        Undelivered(tuple(sorted(some, key=lambda attempt: (attempt.at, attempt.id))))
        for some in by_guid.values()
        if not any(attempt.is_ok for attempt in some)
    ]
    return sorted(lost, key=lambda one: (one.attempts[0].at, one.attempts[0].id))
