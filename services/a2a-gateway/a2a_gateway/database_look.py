"""Whether the operational store answers, told within a second whatever it does."""

import math
import time
from collections.abc import Callable, Mapping

from anyio import CapacityLimiter, move_on_after, to_thread

from devnexus.errors import Unavailable

_PATIENCE_SECONDS = 1.0
_KEPT_SECONDS = 1.0
"""So long one answer is told to all who ask."""

_UNHEALTHY = {"status": "unhealthy", "error": "The operational store does not answer: nothing can be written"}


class DatabaseLook:
    """Asks the database how it is, one question at a time."""

    def __init__(self, ask: Callable[[], str], *, clock: Callable[[], float] = time.monotonic) -> None:
        """`ask` gives the version of the database, or raises Unavailable."""
        self._ask = ask
        self._clock = clock
        self._questions = CapacityLimiter(1)
        self._last: Mapping[str, str] = _UNHEALTHY
        self._asked_at = -math.inf

    async def state(self) -> Mapping[str, str]:
        """Its `status`, and its `version` where that is healthy."""
        if self._clock() - self._asked_at >= _KEPT_SECONDS:
            self._last = await self._look()
            self._asked_at = self._clock()
        return self._last

    async def _look(self) -> Mapping[str, str]:
        with move_on_after(_PATIENCE_SECONDS):
            try:
                # a question that hangs goes on alone; until it ends, the next ones wait for it in vain
                version = await to_thread.run_sync(self._ask, abandon_on_cancel=True, limiter=self._questions)
            except Unavailable:
                return _UNHEALTHY
            return {"status": "healthy", "version": version}
        return _UNHEALTHY
