"""Tasks in memory, for one instance: not for ever, and not more than there is room for."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from a2a.server.agent_execution.active_task import INTERRUPTED_TASK_STATES, TERMINAL_TASK_STATES
from a2a.server.context import ServerCallContext
from a2a.server.tasks import InMemoryTaskStore, PushNotificationConfigStore, TaskStore
from a2a.types.a2a_pb2 import ListTasksRequest, ListTasksResponse, Task

from a2a_gateway.callers.caller import Caller
from a2a_gateway.protocol.caller_context import caller_in, context_of
from a2a_gateway.protocol.owner import owner_of

KEPT_SECONDS = 86_400.0
MOST_BYTES = 64_000_000

_MAY_GO = TERMINAL_TASK_STATES | INTERRUPTED_TASK_STATES
"""Nothing works on these."""


@dataclass(frozen=True)
class _Kept:
    caller: Caller
    bytes: int
    saved_at: float
    may_go: bool


class BoundedTasks(TaskStore):
    """The SDK's store in memory, from which tasks go after a day, and the oldest before where it gets full.

    What is worked on stays. With a task go the addresses that were to be told of it. For one event loop.
    """

    def __init__(
        self,
        push_configs: PushNotificationConfigStore,
        *,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = InMemoryTaskStore(owner_resolver=owner_of)
        self._push_configs = push_configs
        self._most_bytes = most_bytes
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        """By id, the one that was saved last at the end."""
        self._bytes = 0

    async def save(self, task: Task, context: ServerCallContext) -> None:
        """As promised by the SDK's port."""
        await self._store.save(task, context)
        size, may_go = task.ByteSize(), task.status.state in _MAY_GO
        self._forget(task.id)
        self._kept[task.id] = _Kept(caller_in(context), size, self._clock(), may_go)
        self._bytes += size
        await self._make_room(but=task.id)

    async def get(self, task_id: str, context: ServerCallContext) -> Task | None:
        """As promised by the SDK's port."""
        await self._make_room(but=task_id)
        return await self._store.get(task_id, context)

    async def list(self, params: ListTasksRequest, context: ServerCallContext) -> ListTasksResponse:
        """As promised by the SDK's port."""
        await self._make_room(but="")
        return await self._store.list(params, context)

    async def delete(self, task_id: str, context: ServerCallContext) -> None:
        """As promised by the SDK's port."""
        self._forget(task_id)
        await self._store.delete(task_id, context)
        if await self._push_configs.get_info(task_id, context):
            await self._push_configs.delete_info(task_id, context)

    async def _make_room(self, *, but: str) -> None:
        for task_id, kept in self._too_many(but):
            await self.delete(task_id, context_of(kept.caller))

    def _too_many(self, but: str) -> Sequence[tuple[str, _Kept]]:
        """The tasks that are to go, the oldest first."""
        old, over = self._clock() - KEPT_SECONDS, self._bytes - self._most_bytes
        found = []
        for task_id, kept in self._kept.items():
            if over <= 0 and kept.saved_at > old:
                break
            if kept.may_go and task_id != but:
                found.append((task_id, kept))
                over -= kept.bytes
        return found

    def _forget(self, task_id: str) -> None:
        if before := self._kept.pop(task_id, None):
            self._bytes -= before.bytes
