"""Who goes next: nobody takes all threads, and nobody waits in a line without end."""

from collections import Counter, deque
from typing import Generic, TypeVar

T = TypeVar("T")

THREADS = 8
PER_CALLER = 4
"""So many of one caller's run at the same time."""

MOST_WAITING = 64
MOST_WAITING_PER_CALLER = 32


class TaskQueue(Generic[T]):
    """What waits and what runs, by caller. Not for several threads at once: whoever holds it locks it."""

    def __init__(self, *, threads: int = THREADS, per_caller: int = PER_CALLER) -> None:
        self._threads = threads
        self._per_caller = per_caller
        self._waiting: deque[tuple[str, T]] = deque()
        self._running: Counter[str] = Counter()

    def has_room_for(self, caller: str) -> bool:
        """Whether another task of this caller may wait."""
        theirs = sum(1 for name, _ in self._waiting if name == caller)
        return len(self._waiting) < MOST_WAITING and theirs < MOST_WAITING_PER_CALLER

    def add(self, caller: str, task: T) -> None:
        """Put a task at the end of the line."""
        self._waiting.append((caller, task))

    def next(self) -> T | None:
        """The first task in line whose caller may run another one, which runs from now on; None for none."""
        if self._running.total() >= self._threads:
            return None
        for place, (caller, task) in enumerate(self._waiting):
            if self._running[caller] < self._per_caller:
                del self._waiting[place]
                self._running[caller] += 1
                return task
        return None

    def done(self, caller: str) -> None:
        """A task of this caller's runs no more."""
        self._running[caller] -= 1
        if not self._running[caller]:
            del self._running[caller]

    def clear(self) -> None:
        """Nothing waits any more."""
        self._waiting.clear()
