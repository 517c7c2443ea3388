"""What happens between SIGTERM and the end of the process, for which there are ten seconds at most."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from types import FrameType

from starlette.applications import Starlette

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


Await = Callable[[], Awaitable[None]]


def ending(
    *,
    begin: Sequence[Await] = (),
    hurry: Sequence[Callable[[], None]],
    end: Sequence[Await] = (),
    close: Sequence[Callable[[], None]],
) -> Lifespan:
    """A lifespan that awaits all of `begin` before the first request, calls all of `hurry` at SIGTERM, while
    requests are answered, and after the last awaits all of `end` and calls all of `close`."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        for first in begin:
            await first()
        with _at_sigterm(hurry, asyncio.get_running_loop()):
            yield
        for last in end:
            await last()
        for one in close:
            one()

    return lifespan


@contextmanager
def _at_sigterm(hurry: Sequence[Callable[[], None]], loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Let the event loop call them at SIGTERM, and whoever waited for the signal before have it too."""
    if threading.current_thread() is not threading.main_thread():  # as in tests: no signal arrives there
        yield
        return
    before = signal.getsignal(signal.SIGTERM)

    def hurry_and_pass_on(number: int, frame: FrameType | None) -> None:
        for one in hurry:
            loop.call_soon_threadsafe(one)
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, hurry_and_pass_on)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
