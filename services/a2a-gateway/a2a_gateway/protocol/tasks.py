"""Tasks and what they say, in the protocol's own types."""

import uuid
from collections.abc import Mapping, Sequence

from a2a.server.agent_execution import RequestContext
from a2a.types.a2a_pb2 import (
    Artifact,
    Message,
    Part,
    Role,
    Task,
    TaskArtifactUpdateEvent,
    TaskState,
    TaskStatus,
    TaskStatusUpdateEvent,
)

from a2a_gateway.call import Body
from a2a_gateway.protocol.values import as_value

GOES_ON = frozenset({TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING})
"""The states in which an instance works on a task."""

_EVENT_ID = "event_id"
_JSON = "application/json"


def new_task(
    context: RequestContext, state: TaskState, parts: Sequence[Part] = (), *, answer: Body | None = None
) -> Task:
    """The task that this message began."""
    task = Task(id=context.task_id, context_id=context.context_id)
    task.status.CopyFrom(_status(task, state, parts))
    if context.message:
        task.history.append(context.message)
    if answer is not None:
        task.artifacts.append(_artifact(answer))
    return task


def changed(
    task: Task, state: TaskState, parts: Sequence[Part] = (), *, event_id: str = ""
) -> TaskStatusUpdateEvent:
    """How the task stands from now on."""
    status = _status(task, state, parts)
    metadata = {_EVENT_ID: event_id} if event_id else None
    return TaskStatusUpdateEvent(
        task_id=task.id, context_id=task.context_id, status=status, metadata=metadata
    )


def answered(task: Task, answer: Body) -> TaskArtifactUpdateEvent:
    """What came out of the task."""
    return TaskArtifactUpdateEvent(
        task_id=task.id, context_id=task.context_id, artifact=_artifact(answer), last_chunk=True
    )


def event_of(task: Task) -> str:
    """The event that a task which writes is to see committed; empty where there is none."""
    return str(task.metadata[_EVENT_ID]) if _EVENT_ID in task.metadata else ""


def text(content: str) -> Part:
    """A part for people."""
    return Part(text=content, media_type="text/plain")


def data(content: Mapping[str, object]) -> Part:
    """A part for programs."""
    return Part(data=as_value(content), media_type=_JSON)


def _artifact(answer: Body) -> Artifact:
    return Artifact(artifact_id="answer", name="answer", parts=[data(answer)])


def _status(task: Task, state: TaskState, parts: Sequence[Part]) -> TaskStatus:
    status = TaskStatus(state=state)
    status.timestamp.GetCurrentTime()
    if parts:
        message = Message(
            message_id=uuid.uuid4().hex,
            task_id=task.id,
            context_id=task.context_id,
            role=Role.ROLE_AGENT,
            parts=parts,
        )
        status.message.CopyFrom(message)
    return status
