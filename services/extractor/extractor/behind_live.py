"""Bulk work takes turns, so that a live push finds a thread and most of the processor."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from devnexus.errors import Unavailable

TURNS = 2
"""Snapshots and the past that are read at a time; with more nothing is faster, and a live push waits."""

_PATIENCE_SECONDS = 120.0
"""Well below the ack deadline: turning away at once would make a thousand messages come back together, and
wait ten minutes each while nobody works."""


class BehindLive:
    """Lets so many through at a time; whoever waits for its turn holds a thread and nothing else."""

    def __init__(self, turns: int = TURNS, *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._turns = threading.Semaphore(turns)
        self._patience_seconds = patience_seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Run the block when it is its turn; raise Unavailable if that takes too long."""
        if not self._turns.acquire(timeout=self._patience_seconds):
            raise Unavailable("others are still being read; live pushes go first")
        try:
            yield
        finally:
            self._turns.release()
