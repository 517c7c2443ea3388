"""Tasks in memory, for one instance: not for ever, and not more than there is room for."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from a2a.server.agent_execution.active_task import INTERRUPTED_TASK_STATES, TERMINAL_TASK_STATES
from a2a.server.context import ServerCallContext
from a2a.server.tasks import InMemoryTaskStore, TaskStore
from a2a.types.a2a_pb2 import ListTasksRequest, ListTasksResponse, Task

from a2a_gateway.callers.caller import Caller
from a2a_gateway.protocol.caller_context import caller_in, context_of
from a2a_gateway.protocol.owner import owner_of
from a2a_gateway.protocol.weighed_receivers import WeighedReceivers

KEPT_SECONDS = 86_400.0
MOST_BYTES = 64_000_000

_EACH_BYTES = 1500
"""What a task takes beside what it says: measured."""

_MAY_GO = TERMINAL_TASK_STATES | INTERRUPTED_TASK_STATES
"""Nothing works on these."""


@dataclass(frozen=True)
class _Kept:
    caller: Caller
    written: bytes
    saved_at: float
    may_go: bool

    @property
    def bytes(self) -> int:
        return len(self.written) + _EACH_BYTES


class BoundedTasks(TaskStore):
    """Tasks for a day, of which the oldest go before where it gets full.

    What is worked on stays. With a task go those who were to be told of it. For one event loop.
    They are kept as written: as objects they take eight to thirteen times as much. The SDK's store in memory
    has what they are found by.
    """

    def __init__(
        self,
        receivers: WeighedReceivers,
        *,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._index = InMemoryTaskStore(owner_resolver=owner_of, use_copying=False)
        self._receivers = receivers
        self._most_bytes = most_bytes
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        """By id, the one that was saved last at the end."""
        self._bytes = 0

    async def save(self, task: Task, context: ServerCallContext) -> None:
        """As promised by the SDK's port."""
        await self._index.save(_entry(task), context)
        self._forget(task.id)
        may_go = task.status.state in _MAY_GO
        kept = _Kept(caller_in(context), task.SerializeToString(), self._clock(), may_go)
        self._kept[task.id] = kept
        self._bytes += kept.bytes
        await self._make_room(but=task.id)

    async def get(self, task_id: str, context: ServerCallContext) -> Task | None:
        """As promised by the SDK's port."""
        await self._make_room(but=task_id)
        entry = await self._index.get(task_id, context)
        return self._read(entry) if entry else None

    async def list(self, params: ListTasksRequest, context: ServerCallContext) -> ListTasksResponse:
        """As promised by the SDK's port."""
        await self._make_room(but="")
        page = await self._index.list(params, context)
        whole = [self._read(entry) for entry in page.tasks]
        del page.tasks[:]
        page.tasks.extend(whole)
        return page

    async def delete(self, task_id: str, context: ServerCallContext) -> None:
        """As promised by the SDK's port."""
        if await self._index.get(task_id, context) is None:
            return
        self._forget(task_id)
        await self._index.delete(task_id, context)
        if await self._receivers.get_info(task_id, context):
            await self._receivers.delete_info(task_id, context)

    async def _make_room(self, *, but: str) -> None:
        for task_id, kept in self._too_many(but):
            await self.delete(task_id, context_of(kept.caller))

    def _too_many(self, but: str) -> Sequence[tuple[str, _Kept]]:
        """The tasks that are to go, the oldest first."""
        old, over = self._clock() - KEPT_SECONDS, self._bytes + self._receivers.bytes - self._most_bytes
        found = []
        for task_id, kept in self._kept.items():
            if over <= 0 and kept.saved_at > old:
                break
            if kept.may_go and task_id != but:
                found.append((task_id, kept))
                over -= kept.bytes + self._receivers.bytes_of(task_id)
        return found

    def _read(self, entry: Task) -> Task:
        return Task.FromString(self._kept[entry.id].written)

    def _forget(self, task_id: str) -> None:
        if before := self._kept.pop(task_id, None):
            self._bytes -= before.bytes


def _entry(task: Task) -> Task:
    """By what it is found and put in order."""
    entry = Task(id=task.id, context_id=task.context_id)
    entry.status.state = task.status.state
    if task.status.HasField("timestamp"):
        entry.status.timestamp.CopyFrom(task.status.timestamp)
    return entry
