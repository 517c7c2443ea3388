"""Threads of their own for what may have to wait, so that it never holds those that answer others."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from a2a_gateway.answer import CannotAnswer

T = TypeVar("T")


class OwnThreads:
    """At most so many threads, with a line before them that does not grow without end."""

    def __init__(self, threads: int, *, most_in_line: int) -> None:
        self._limiter = CapacityLimiter(threads)
        self._most_in_line = most_in_line

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` gives or raises; CannotAnswer with 503 where too many stand in line already."""
        if self._limiter.statistics().tasks_waiting >= self._most_in_line:
            error = "Too many calls of this kind at the moment. Try again in a few seconds."
            raise CannotAnswer(error, status=HTTPStatus.SERVICE_UNAVAILABLE)
        return await to_thread.run_sync(work, limiter=self._limiter)
