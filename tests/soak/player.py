"""Plays the faults as planned, and notes for how long each was on."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from soak.faults import DISK_FULL, EXCUSES, Fault
from soak.plan import Trouble

_LOOK_SECONDS = 0.1
_EXCUSED_SECONDS = 15.0
"""So long after a fault it still explains why a service did not start."""


class Player:
    """A thread that begins and ends faults."""

    def __init__(
        self,
        faults: Mapping[str, Fault],
        troubles: Sequence[Trouble],
        *,
        after: Callable[[str], object],
    ) -> None:
        """`after` is called with the name of each fault that has ended."""
        self._faults, self._troubles, self._after = faults, list(troubles), after
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="player", daemon=True)
        self._ended_at: dict[str, float] = {}
        self.on: dict[str, float] = {}
        """Fault → when it began."""
        self.seconds: dict[str, float] = defaultdict(float)
        """Fault → for how long it was on."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and every fault with it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        for name in list(self.on):
            self._end(name)

    def excuse(self) -> str:
        """The fault that may keep a service from starting just now; empty: none does."""
        now = time.monotonic()
        for name in EXCUSES:
            if name in self.on or now - self._ended_at.get(name, -_EXCUSED_SECONDS) < _EXCUSED_SECONDS:
                return name
        return ""

    def _work(self) -> None:
        began = time.monotonic()
        ends: dict[str, float] = {}
        while not self._stop.wait(_LOOK_SECONDS):
            now = time.monotonic() - began
            for name in [name for name, at in ends.items() if at <= now]:
                del ends[name]
                self._end(name)
            while self._troubles and self._troubles[0].begins <= now:
                one = self._troubles.pop(0)
                ends[one.fault] = one.ends
                self.on.setdefault(one.fault, time.monotonic())
                self._faults[one.fault].begin()
            if DISK_FULL in self.on:
                self._faults[DISK_FULL].begin()  # others may have given some of it back

    def _end(self, name: str) -> None:
        self._faults[name].end()
        now = time.monotonic()
        self.seconds[name] += now - self.on.pop(name)
        self._ended_at[name] = now
        self._after(name)
