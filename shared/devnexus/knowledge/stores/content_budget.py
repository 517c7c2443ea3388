"""How often GitHub lets content be created, and how to make that last the hour."""

import threading
from collections import deque
from collections.abc import Callable

PER_MINUTE = 80
PER_HOUR = 500

_ONE_COMMIT = 4
"""Requests that one more commit may take: a tree, a large file, the commit, the branch."""

_USUAL_COMMIT = 3
"""Requests that a commit takes as a rule."""

_FREE_SHARE = 0.5
"""Up to this share of an hour's requests commits follow each other at once."""

_LONGEST_PAUSE_SECONDS = 30.0


class ContentBudget:
    """Counts requests that create content (GitHub: 80 a minute, 500 an hour), for many threads.

    `clock` gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: deque[float] = deque()
        self._held_until = 0.0
        self._lock = threading.Lock()

    def spend(self) -> None:
        """Count one request, sent now; also one that failed, since GitHub may count it."""
        with self._lock:
            self._times.append(self._clock())

    def hold(self, seconds: float) -> None:
        """Spend nothing for so long: GitHub asked for it."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + seconds)

    def pause_seconds(self) -> float:
        """How long to wait before the next commit.

        Grows once half of the hour's requests are used, up to 30 s when all are: constant load then
        settles at about one commit in 24 s. After a burst it is longer, up to a minute, so that what is
        left lasts until the burst is an hour old, instead of nothing being committed for half an hour.
        """
        with self._lock:
            now = self._clock()
            self._forget(now)
            return max(
                0.0,
                self._pace(now),
                self._held_until - now,
                self._until_room(now, PER_MINUTE, 60.0),
                self._until_room(now, PER_HOUR, 3600.0),
            )

    def usage(self) -> dict[str, int]:
        """The requests of the last hour and the last minute."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            return {
                "content_requests_last_hour": len(self._times),
                "content_requests_last_minute": sum(time > now - 60.0 for time in self._times),
            }

    def _pace(self, now: float) -> float:
        share = len(self._times) / PER_HOUR
        if share <= _FREE_SHARE:
            return 0.0
        steady = _LONGEST_PAUSE_SECONDS * (share - _FREE_SHARE) / (1 - _FREE_SHARE)
        left = max(1, PER_HOUR - len(self._times) - _ONE_COMMIT)
        # Until the request at `index` is an hour old, there are only what is left and what left before it.
        lasting = max((time + 3600.0 - now) / (left + index) for index, time in enumerate(self._times))
        # From 50 to 60 % little by little: who commits steadily at that rate need not wait for it.
        bend = min(1.0, (share - _FREE_SHARE) * 10)
        return max(steady, bend * min(60.0, _USUAL_COMMIT * lasting))

    def _until_room(self, now: float, allowed: int, window_seconds: float) -> float:
        """When the oldest request that stands in the way of one more commit leaves the window."""
        used = [time for time in self._times if time > now - window_seconds]
        too_many = len(used) + _ONE_COMMIT - allowed
        return used[too_many - 1] + window_seconds - now if too_many > 0 else 0.0

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] <= now - 3600.0:
            self._times.popleft()
