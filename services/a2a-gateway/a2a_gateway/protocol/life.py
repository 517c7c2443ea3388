"""Tasks whose instance died: what is to be told of them."""

import asyncio
import time
from collections.abc import Callable

from a2a.server.cluster.task_store import (
    ConcurrentTaskModificationError,
    StoredTask,
    VersionedTaskStore,
)
from a2a.server.cluster.version import TaskVersion
from a2a.server.context import ServerCallContext
from a2a.server.events import Event
from a2a.types.a2a_pb2 import ListTasksRequest, ListTasksResponse, Task, TaskState

from a2a_gateway.callers.caller import Caller
from a2a_gateway.protocol.answering import answering
from a2a_gateway.protocol.caller_context import caller_in
from a2a_gateway.protocol.tasks import GOES_ON, answered, changed, event_of, text
from a2a_gateway.world import Writes
from devnexus.errors import Unavailable

SILENCE_SECONDS = 60.0
"""Three times as long as what goes on takes at most to say so (`steps.SIGN_OF_LIFE_SECONDS`)."""

_GONE = "The instance that worked on it is gone, and what it did is lost. Send the message again."


class LivingTasks(VersionedTaskStore):
    """Tasks of all instances: one of which nothing was heard for a minute has ended.

    It has failed, but where it was accepted to be recorded: then what became of its event says how it ended.
    """

    def __init__(
        self, store: VersionedTaskStore, writes: Writes, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._writes = writes
        self._clock = clock

    async def save(
        self,
        task: Task,
        *,
        event: Event | None,
        prev: Task | None,
        prev_version: TaskVersion,
        context: ServerCallContext,
    ) -> TaskVersion:
        """As promised by the SDK's port."""
        saved = self._store.save(task, event=event, prev=prev, prev_version=prev_version, context=context)
        return await answering(saved)

    async def get(self, task_id: str, context: ServerCallContext) -> StoredTask | None:
        """As promised by the SDK's port."""
        stored = await answering(self._store.get(task_id, context))
        if stored is None or not self._is_silent(stored.task):
            return stored
        return await self._settled(stored, context)

    async def list(self, params: ListTasksRequest, context: ServerCallContext) -> ListTasksResponse:
        """As promised by the SDK's port."""
        listed = await answering(self._store.list(params, context))
        silent = [task.id for task in listed.tasks if self._is_silent(task)]
        for task_id in silent:
            await self.get(task_id, context)
        # once more, as they may not be what was asked for any more
        return await answering(self._store.list(params, context)) if silent else listed

    async def delete(self, task_id: str, context: ServerCallContext) -> None:
        """As promised by the SDK's port."""
        await answering(self._store.delete(task_id, context))

    def _is_silent(self, task: Task) -> bool:
        heard_at = task.status.timestamp.ToNanoseconds() / 1e9
        return task.status.state in GOES_ON and heard_at < self._clock() - SILENCE_SECONDS

    async def _settled(self, stored: StoredTask, context: ServerCallContext) -> StoredTask:
        task = Task()
        task.CopyFrom(stored.task)
        if not await self._settle(task, caller_in(context)):
            return stored
        end = changed(task, task.status.state)
        end.status.CopyFrom(task.status)
        try:
            version = await self.save(
                task, event=end, prev=stored.task, prev_version=stored.version, context=context
            )
        except ConcurrentTaskModificationError:
            return await answering(self._store.get(task.id, context)) or stored
        return StoredTask(task, version)

    async def _settle(self, task: Task, caller: Caller) -> bool:
        """Let the task have ended; false where it has not, or where that cannot be found out now."""
        event_id = event_of(task)
        try:
            write = await asyncio.to_thread(self._writes.status, event_id, caller) if event_id else None
        except Unavailable:
            return False
        if write is None:
            task.status.CopyFrom(changed(task, TaskState.TASK_STATE_FAILED, [text(_GONE)]).status)
        elif write.revision:
            body = {"success": True, "event_id": event_id, "committed": True, "revision": write.revision}
            task.artifacts.append(answered(task, body).artifact)
            task.status.CopyFrom(changed(task, TaskState.TASK_STATE_COMPLETED).status)
        return write is None or write.revision is not None
