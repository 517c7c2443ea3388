"""How long to leave alone what has just refused us."""

import time
from collections.abc import Callable

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 30.0


class Backoff:
    """Doubles from 1 s to 30 s with every failure in a row; what was asked for is waited in full."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = _FIRST_SECONDS
        self._until = clock()

    def failed(self, asked_for: float | None) -> None:
        """Note a failure; `asked_for` are the seconds that whoever refused named."""
        wait = self._next if asked_for is None else asked_for
        self._until = max(self._until, self._clock() + wait)
        self._next = min(self._next * 2, _LONGEST_SECONDS)

    def reset(self) -> None:
        """Note a success."""
        self._next = _FIRST_SECONDS

    def remaining(self) -> float:
        """Seconds until the next try."""
        return max(0.0, self._until - self._clock())
