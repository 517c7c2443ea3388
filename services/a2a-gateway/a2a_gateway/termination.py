"""Hears that the process is to end while calls still wait: servers tell the application only afterwards."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_termination(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` in the event loop when SIGTERM arrives, beside what the server does about it."""
    if threading.current_thread() is not threading.main_thread():  # as in tests: no signals arrive there
        yield
        return
    loop = asyncio.get_running_loop()
    servers = signal.getsignal(signal.SIGTERM)

    def both(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)
        if callable(servers):
            servers(number, frame)

    signal.signal(signal.SIGTERM, both)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, servers)
