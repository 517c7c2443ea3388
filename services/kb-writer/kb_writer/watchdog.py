"""Ends a writer that nothing comes to any more, whatever it waits for: whoever runs it starts another."""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

SILENT_SECONDS = 300.0
"""How long a writer may go without a pull that Pub/Sub answered, a commit, or a pause on purpose."""

HANGS = 4
"""Exit status."""

_TICKS = 60
_log = logging.getLogger(__name__)


class Watchdog:
    """The heartbeat of a writer, and the thread that looks whether it goes on."""

    def __init__(
        self, file: Path, *, seconds: float = SILENT_SECONDS, end: Callable[[int], object] = os._exit
    ) -> None:
        """`file` is touched with every sign of life, for those who look from outside."""
        self._file = file
        self._seconds = seconds
        self._end = end
        self._alive = threading.Event()
        self._problem = "a call that has not come back"

    def touch(self) -> None:
        """A sign of life. Raises OSError where the file cannot be touched."""
        self._file.touch()
        self._alive.set()
        self._problem = "a call that has not come back"

    def failed(self, error: Exception) -> None:
        """Note why the last attempt was no sign of life."""
        self._problem = str(error)

    def start(self) -> None:
        """End the process with HANGS, and one line that says why, once there was none for so long.

        At once: a call that hangs would hold up any other end. Messages in hand come again as their leases
        run out.
        """
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _watch(self) -> None:
        silent = 0
        # ticks, not hours: nothing is wrong with a process that was frozen with all its clocks
        while silent < _TICKS:
            time.sleep(self._seconds / _TICKS)
            silent = 0 if self._alive.is_set() else silent + 1
            self._alive.clear()
        _log.critical(
            "no sign of life for %.0f s (%s): this process ends, for another to take its place. Should that "
            "end too: does Pub/Sub answer, does the subscription exist, may this account pull from it?",
            *(self._seconds, self._problem),
            extra={"main_thread": _where_it_is()},
        )
        self._end(HANGS)


def _where_it_is() -> str:
    ident = threading.main_thread().ident
    frame = sys._current_frames().get(ident) if ident else None
    return "".join(traceback.format_stack(frame, limit=20)) if frame else ""
