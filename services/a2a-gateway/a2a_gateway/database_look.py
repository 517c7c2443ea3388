"""Whether the operational store answers, told within a second whatever it does."""

from collections.abc import Callable, Mapping

from anyio import CapacityLimiter, move_on_after, to_thread

from devnexus.errors import Unavailable

_PATIENCE_SECONDS = 1.0


class DatabaseLook:
    """Asks the database how it is, one question at a time."""

    def __init__(self, ask: Callable[[], str]) -> None:
        """`ask` gives the version of the database, or raises Unavailable."""
        self._ask = ask
        self._questions = CapacityLimiter(1)

    async def state(self) -> Mapping[str, str]:
        """Its `status`, and its `version` where that is healthy."""
        with move_on_after(_PATIENCE_SECONDS):
            try:
                # a question that hangs goes on alone; until it ends, the next ones wait for it in vain
                version = await to_thread.run_sync(self._ask, abandon_on_cancel=True, limiter=self._questions)
            except Unavailable:
                return _UNHEALTHY
            return {"status": "healthy", "version": version}
        return _UNHEALTHY


_UNHEALTHY = {"status": "unhealthy", "error": "The operational store does not answer: nothing can be written"}
