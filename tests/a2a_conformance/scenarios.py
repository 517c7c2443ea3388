"""What the kit asks of an agent by the ids of its messages; the skills answer everything else."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from a2a.helpers import new_task_from_user_message
from a2a.server.agent_execution import RequestContext
from a2a.server.events import EventQueue
from a2a.server.tasks import TaskUpdater
from a2a.types.a2a_pb2 import Part

from a2a_gateway.protocol.executor import SkillExecutor
from a2a_gateway.protocol.tasks import data, text

_LONG_SECONDS = 4.0
"""Twice what the kit waits for an event of a stream."""

Act = Callable[[TaskUpdater], Awaitable[None]]


async def _works(task: TaskUpdater) -> None:
    await task.start_work()


async def _takes_long(_: TaskUpdater) -> None:
    await asyncio.sleep(_LONG_SECONDS)


async def _completes(task: TaskUpdater, says: str = "") -> None:
    await task.complete(task.new_agent_message([text(says)]) if says else None)


async def _asks(task: TaskUpdater) -> None:
    await task.requires_input()


async def _rejects(task: TaskUpdater) -> None:
    await task.reject(task.new_agent_message([text("rejected")]))


async def _chunks(task: TaskUpdater) -> None:
    add = partial(task.add_artifact, artifact_id="chunked")
    await add([text("chunk-1 ")], append=False, last_chunk=False)
    await add([text("chunk-2")], append=True, last_chunk=True)


def _gives(part: Part) -> Act:
    async def gives(task: TaskUpdater) -> None:
        await task.add_artifact([part])

    return gives


_PLAIN = "text/plain"
_FILE = _gives(Part(raw=b"tck", filename="output.txt", media_type=_PLAIN))
_LINK = _gives(Part(url="https://example.com/output.txt", filename="output.txt", media_type=_PLAIN))
_HELLO = partial(_completes, says="Hello from TCK")
_MESSAGE = "tck-message-response"

SCENARIOS: Mapping[str, tuple[Act, ...]] = {
    "tck-complete-task": (_HELLO,),
    "tck-artifact-text": (_gives(text("Generated text content")), _completes),
    "tck-artifact-file": (_FILE, _completes),
    "tck-artifact-file-url": (_LINK, _completes),
    "tck-artifact-data": (_gives(data({"key": "value", "count": 42})), _completes),
    "tck-input-required": (_asks,),
    "tck-reject-task": (_rejects,),
    "tck-stream-001": (_works, _gives(text("Stream hello from TCK")), _completes),
    "tck-stream-002": (_completes,),
    "tck-stream-003": (_works, _gives(text("Stream task lifecycle")), _completes),
    "tck-stream-ordering-001": (_works, _gives(text("Ordered output")), _completes),
    "tck-stream-artifact-text": (_works, _gives(text("Streamed text content")), _completes),
    "tck-stream-artifact-file": (_works, _FILE, _completes),
    "tck-stream-artifact-chunked": (_works, _chunks, _completes),
    "test-resubscribe-message-id": (_works, _takes_long, _completes),
}
"""How a message's id begins → what becomes of its task."""


class ScenarioExecutor(SkillExecutor):
    """Plays the kit's scenarios, and answers every other message by the skills there are."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Do what the id of the message asks for."""
        name = context.message.message_id if context.message else ""
        if name.startswith(_MESSAGE):
            await event_queue.enqueue_event(_updater(context, event_queue).new_agent_message([_DIRECT]))
        elif acts := _acts(name):
            await _play(acts, context, event_queue)
        else:
            await super().execute(context, event_queue)


_DIRECT = text("Direct message response")


def _acts(name: str) -> tuple[Act, ...]:
    prefixes = [prefix for prefix in SCENARIOS if name.startswith(prefix)]
    return SCENARIOS[max(prefixes, key=len)] if prefixes else ()


async def _play(acts: tuple[Act, ...], context: RequestContext, events: EventQueue) -> None:
    if not context.current_task and context.message:
        task = new_task_from_user_message(context.message)
        task.id, task.context_id = context.task_id, context.context_id
        await events.enqueue_event(task)
    updater = _updater(context, events)
    for act in acts:
        await act(updater)


def _updater(context: RequestContext, events: EventQueue) -> TaskUpdater:
    """Of the task's own context, which a follow-up need not name."""
    task = context.current_task
    return TaskUpdater(
        events, task.id if task else context.task_id, task.context_id if task else context.context_id
    )
