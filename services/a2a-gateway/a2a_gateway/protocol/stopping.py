"""The end of the process, which what waits for other things must not wait beyond."""

import asyncio
from collections.abc import AsyncGenerator

from a2a.server.events import Event

_LAST_WORDS_SECONDS = 1.0
"""For what ends by itself to say how."""


class Stopping:
    """Whether this process is to end; lives in one event loop."""

    def __init__(self) -> None:
        self.has_begun = False
        self._is_due = asyncio.Event()

    def begin(self) -> None:
        """It is to end; for the event loop, at SIGTERM."""
        self.has_begun = True
        asyncio.get_running_loop().call_later(_LAST_WORDS_SECONDS, self._is_due.set)

    async def until_due(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """The events; they end in order when the process does, and `events` with them."""
        due = asyncio.create_task(self._is_due.wait())
        following = asyncio.create_task(_next(events))
        try:
            while await _first(following, due) and (event := following.result()) is not None:
                yield event
                following = asyncio.create_task(_next(events))
        finally:
            due.cancel()
            if following.done():
                await events.aclose()
            else:
                following.cancel()  # which ends `events` where they wait


async def _next(events: AsyncGenerator[Event, None]) -> Event | None:
    return await anext(events, None)


async def _first(one: "asyncio.Task[Event | None]", other: "asyncio.Task[object]") -> bool:
    """Whether `one` was done first."""
    await asyncio.wait({one, other}, return_when=asyncio.FIRST_COMPLETED)
    return one.done()
