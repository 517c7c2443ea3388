"""Waits for records to be committed: one look at the head for all who wait, and no thread for each."""

import asyncio
import logging
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread

from devnexus.errors import Unavailable
from devnexus.events import Record
from devnexus.knowledge.history import read_records
from devnexus.knowledge.layout import history_path
from devnexus.knowledge.store import Damaged, Store
from devnexus.timestamps import write
from devnexus.values import canonical_json

LOOK_EVERY_SECONDS = 0.2
PATIENCE_SECONDS = 5.0
MOST_WAITING = 1000

_AT = re.compile(rb'"at":("[^"]*")')

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Waiting:
    record: Record
    found: asyncio.Future[str | None]
    looked_at: str = ""
    """The last revision that does not hold the record."""


class CommitWatch:
    """Follows the head of a knowledge base for as long as somebody waits; lives in one event loop."""

    def __init__(self, store: Store, *, patience: float = PATIENCE_SECONDS, most: int = MOST_WAITING) -> None:
        self._store = store
        self._patience = patience
        self._most = most
        self._waiting: set[_Waiting] = set()
        self._looking: asyncio.Task[None] | None = None
        self._looks = CapacityLimiter(1)
        self._next_look_at = 0.0
        self._is_away = False
        self._is_ending = False

    async def holding(self, record: Record) -> str | None:
        """A revision that holds the record, as soon as there is one.

        None where that takes too long, where too many wait already, and once this process is to end.
        """
        if self._is_ending or len(self._waiting) >= self._most:
            return None
        waiting = _Waiting(record, asyncio.get_running_loop().create_future())
        self._waiting.add(waiting)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_while_somebody_waits())
        try:
            async with asyncio.timeout(self._patience):
                return await waiting.found
        except TimeoutError:
            return None
        finally:
            self._waiting.discard(waiting)

    def look_for(self, record: Record) -> str | None:
        """The head if it holds the record; raise Unavailable where that cannot be found out. For a thread."""
        head = self._store.head()
        return head if _held([record], self._store, at=head) else None

    def end(self) -> None:
        """Let nobody wait any longer."""
        self._is_ending = True
        for waiting in self._waiting:
            _tell(waiting, None)

    async def _look_while_somebody_waits(self) -> None:
        while self._waiting:
            await asyncio.sleep(max(0.0, self._next_look_at - time.monotonic()))
            began = time.monotonic()
            await self._look([*self._waiting])
            # where a look is expensive, as in a repository elsewhere, there are fewer
            self._next_look_at = began + max(LOOK_EVERY_SECONDS, 2 * (time.monotonic() - began))

    async def _look(self, waiting: Sequence[_Waiting]) -> None:
        try:
            head, found = await to_thread.run_sync(self._find, waiting, limiter=self._looks)
        except Unavailable as error:
            if not self._is_away:
                _log.warning("cannot tell what is committed: %s", error)
            self._is_away = True
            return
        self._is_away = False
        for one in found:
            _tell(one, head)

    def _find(self, waiting: Sequence[_Waiting]) -> tuple[str, Sequence[_Waiting]]:
        """The head, and those whose records it holds."""
        head = self._store.head()
        new = [one for one in waiting if one.looked_at != head]
        ids = _held([one.record for one in new], self._store, at=head)
        for one in new:
            one.looked_at = head
        return head, [one for one in new if one.record.id in ids]


def _tell(waiting: _Waiting, revision: str | None) -> None:
    if not waiting.found.done():
        waiting.found.set_result(revision)


def _held(records: Iterable[Record], store: Store, *, at: str) -> set[str]:
    """The ids of those of `records` that revision `at` holds, whatever name their repositories have now."""
    moments: dict[str, set[bytes]] = {}
    for record in records:
        path = history_path(record.repository.id, record.at)
        moments.setdefault(path, set()).add(canonical_json(write(record.at)))
    wanted = {record.id for record in records}
    try:
        files = store.read(moments.keys(), at=at) if moments else {}
        return {
            record.id
            for path, content in files.items()
            for record in _of_moments(content, moments[path], path=path)
            if record.id in wanted
        }
    except (Damaged, OSError) as error:
        raise Unavailable(str(error)) from error


def _of_moments(content: bytes, moments: set[bytes], *, path: str) -> list[Record]:
    """The records of a history file that name one of these moments: to parse all of them would take long."""
    lines = [line for line in content.split(b"\n") if not moments.isdisjoint(_AT.findall(line))]
    return read_records(b"\n".join(lines), path=path)
