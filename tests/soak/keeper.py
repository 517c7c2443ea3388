"""Kills services as planned, and starts again what has ended, as Cloud Run does."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from soak.found import Ending
from soak.plan import Kill
from soak.stack import SoakStack

_LOOK_SECONDS = 0.1
_RESTART_SECONDS = 1.0
IN_TIME_SECONDS = 10.0
"""What Cloud Run grants after SIGTERM."""


class Keeper:
    """A thread that holds the services, and ends them."""

    def __init__(self, stack: SoakStack, kills: Sequence[Kill], *, excuse: Callable[[], str]) -> None:
        """`excuse` names the fault that may keep a service from starting just now; empty: none does."""
        self._stack, self._kills, self._excuse = stack, list(kills), excuse
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._starts: dict[str, float] = {}
        """Service that is down → when it is started again."""
        self.killed: Counter[str] = Counter()
        self.endings: list[Ending] = []
        self.slow_ends: list[str] = []

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; whatever was down is up again."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        for service in self._starts:
            self._stack.start(service)
        self._starts.clear()

    def kill_no_more(self) -> None:
        """Only start again from now on."""
        self._kills.clear()

    def _work(self) -> None:
        began = time.monotonic()
        while not self._stop.wait(_LOOK_SECONDS):
            self._restart()
            self._notice_endings()
            while self._kills and self._kills[0].at <= time.monotonic() - began:
                self._kill(self._kills.pop(0))

    def _kill(self, kill: Kill) -> None:
        if kill.service in self._starts:
            return
        if kill.number == signal.SIGKILL:
            self._stack.kill(kill.service)
        elif (seconds := self._stack.end(kill.service)) >= IN_TIME_SECONDS:
            self.slow_ends.append(f"{kill.service} ({seconds:.1f} s)")
        self.killed[f"{kill.number.name} {kill.service}"] += 1
        self._starts[kill.service] = time.monotonic() + kill.away_seconds

    def _restart(self) -> None:
        for service, at in list(self._starts.items()):
            if at <= time.monotonic():
                del self._starts[service]
                self._stack.start(service)

    def _notice_endings(self) -> None:
        for service, status in self._stack.ended().items():
            self.endings.append(Ending(service, status, self._excuse()))
            self._starts[service] = time.monotonic() + _RESTART_SECONDS
