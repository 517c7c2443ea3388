"""uvicorn with a limit to how long an answer waits for its reader: it waits as long as the connection stands.

Whoever opens streams and reads none of them could otherwise keep all that they take.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

READ_SECONDS = 60.0


class NoSlowReaders(HttpToolsProtocol):
    """Ends a connection whose client takes nothing for so long of an answer that waits for it."""

    read_seconds = READ_SECONDS
    _giving_up: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """As asyncio calls it, once 64 kB wait for the client."""
        super().pause_writing()
        self._giving_up = self.loop.call_later(self.read_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """As asyncio calls it, once the client has taken most of that."""
        super().resume_writing()
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio calls it."""
        super().connection_lost(exc)
        self._go_on()

    def _go_on(self) -> None:
        if self._giving_up:
            self._giving_up.cancel()
