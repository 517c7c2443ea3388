"""All that waits to be told, within bounds: one caller's receivers neither fill it nor take all threads."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

from a2a_gateway.protocol.push_line import Line, Notification

_AT_ONCE = 8
_AT_ONCE_PER_CALLER = 3

_MOST_WAITING = 1000
_MOST_WAITING_PER_CALLER = 200
_MOST_BYTES = 32_000_000
_MOST_BYTES_PER_CALLER = 8_000_000

Key = tuple[str, str]
"""A task, and one of its configurations."""


class Backlog:
    """The lines there are. For one event loop."""

    def __init__(self) -> None:
        self._lines: dict[Key, Line] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._theirs: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(_AT_ONCE_PER_CALLER)
        )

    def find(self, key: Key) -> Line | None:
        """The line where it is there already."""
        return self._lines.get(key)

    def open(self, key: Key, line: Line) -> bool:
        """Let the line be there; false where it was before."""
        is_new = key not in self._lines
        self._lines[key] = line
        return is_new

    def close(self, key: Key) -> None:
        """A line that nothing waits in any more."""
        line = self._lines.pop(key)
        if next(self._lines_of(line.asker.name), None) is None:
            self._theirs.pop(line.asker.name, None)

    def has_room_for(self, notification: Notification, line: Line) -> bool:
        """Whether it may wait as well. How a task ended always may, after what its receiver waits for."""
        if notification.is_final and line.waiting:
            return True
        return _fits(self._lines.values(), notification, _MOST_WAITING, _MOST_BYTES) and _fits(
            self._lines_of(line.asker.name), notification, _MOST_WAITING_PER_CALLER, _MOST_BYTES_PER_CALLER
        )

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[None]:
        """Wait until an attempt for this caller may begin."""
        async with self._theirs[caller], self._slots:
            yield

    def _lines_of(self, caller: str) -> Iterator[Line]:
        return (line for line in self._lines.values() if line.asker.name == caller)


def _fits(lines: Iterable[Line], notification: Notification, most: int, most_bytes: int) -> bool:
    sizes = [waiting.size for line in lines for waiting in line.waiting]
    return len(sizes) < most and sum(sizes) + notification.size <= most_bytes
