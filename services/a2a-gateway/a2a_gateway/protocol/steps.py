"""What is told of a call while it goes on."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from a2a_gateway.protocol.stopping import Stopping

SIGN_OF_LIFE_SECONDS = 20.0
"""What goes on says so at least that often, so that it can be told from what died with its instance."""

_APART_SECONDS = 0.5
_PATIENCE_SECONDS = 3600.0
"""With a commit that does not come: something is broken, and more and more calls would wait."""


@dataclass(frozen=True)
class Step:
    """One thing to tell; nothing but that it goes on where both are empty."""

    doing: str = ""
    event_id: str = ""


class Steps:
    """A Watch that keeps the newest step until it is told; lives in one event loop."""

    def __init__(self, stopping: Stopping) -> None:
        self._stopping = stopping
        self._until = time.monotonic() + _PATIENCE_SECONDS
        self._news = asyncio.Event()
        self._doing = ""
        self.event_id = ""
        """What the call will be recorded as."""

    def doing(self, step: str) -> None:
        """As promised by Watch."""
        self._doing = step
        self._news.set()

    def accepted(self, event_id: str) -> None:
        """As promised by Watch."""
        self.event_id = event_id
        self.doing("accepted, waiting for its commit")

    def goes_on(self) -> bool:
        """As promised by Watch."""
        return not self._stopping.has_begun and time.monotonic() < self._until

    async def until(self, work: "asyncio.Task[Any]") -> AsyncIterator[Step]:
        """The steps until the work ends: not too many, and a sign of life where there are none."""
        while not work.done():
            news = asyncio.create_task(self._news.wait())
            try:
                await asyncio.wait(
                    {work, news}, timeout=SIGN_OF_LIFE_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                news.cancel()
            if not work.done():
                yield self._taken()
                await asyncio.wait({work}, timeout=_APART_SECONDS)

    def _taken(self) -> Step:
        step = Step(self._doing, self.event_id)
        self._news.clear()
        self._doing = ""
        return step
