"""One call of an A2A agent, followed to its end."""

import asyncio
from collections.abc import Iterable

import click
import httpx
from a2a.client import Client
from a2a.types.a2a_pb2 import (
    CancelTaskRequest,
    GetTaskRequest,
    Message,
    Part,
    SendMessageRequest,
    StreamResponse,
    Task,
    TaskArtifactUpdateEvent,
    TaskState,
    TaskStatus,
)
from a2a.utils.errors import A2AError, TaskNotCancelableError
from google.protobuf.json_format import MessageToDict

from a2a_gateway.protocol.values import plain
from devnexus.printable import printable
from devnexus_cli.calling.gateway import NotReached, Reply

_GOES_ON = frozenset(
    {TaskState.TASK_STATE_UNSPECIFIED, TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING}
)
_EVENT_ID = "event_id"
_PAUSE_SECONDS = 1.0
_PATIENCE = 5
"""So often in a row an agent may be away; it goes on with the task meanwhile."""
_GIVE_UP_SECONDS = 10.0


class Following:
    """Sends a message, and knows what became of it so far."""

    def __init__(self, client: Client, *, again: str) -> None:
        """`again` says how a call is sent again of which nothing is known, where that matters."""
        self._client = client
        self._again = again
        self._task = Task()
        self._message = Message()
        self._said = ""

    async def answer(self, request: SendMessageRequest) -> Reply:
        """The answer, or the refusal that the call ended in; raise A2AError or NotReached for none."""
        try:
            async for told in self._client.send_message(request):
                self._hear(told)
        except A2AError as error:
            if not _is_cut(error):
                raise
            if not self._task.id:
                _say(self._again)
                raise
        while self._task.id and self._task.status.state in _GOES_ON:
            await asyncio.sleep(_PAUSE_SECONDS)
            self._hear(StreamResponse(task=await self._looked_up()))
        if self._task.id:
            return _reply(self._task)
        if not self._message.message_id:
            _say(self._again)
            raise NotReached("the agent ended its answer before it began")
        return _answered(self._message.parts)

    async def give_up(self) -> None:
        """Cancel the task, or say what goes on."""
        if not self._task.id:
            _say(self._again)
            return
        name = f"task {self._task.id}"
        try:
            async with asyncio.timeout(_GIVE_UP_SECONDS):
                await self._client.cancel_task(CancelTaskRequest(id=self._task.id))
        except TaskNotCancelableError as error:
            _say(f"{name} is not cancelled: {error.message}{self._recorded_as()}")
        except (A2AError, TimeoutError):
            _say(f"{name} may go on: it could not be cancelled{self._recorded_as()}")
        else:
            _say(f"{name} is given up")

    def _hear(self, told: StreamResponse) -> None:
        match told.WhichOneof("payload"):
            case "task":
                self._task.CopyFrom(told.task)
            case "message":
                self._message.CopyFrom(told.message)
            case "artifact_update":
                _add(self._task, told.artifact_update)
            case "status_update":
                self._task.id = self._task.id or told.status_update.task_id
                self._task.status.CopyFrom(told.status_update.status)
                self._task.metadata.MergeFrom(told.status_update.metadata)
        self._tell(self._task.status)

    def _tell(self, status: TaskStatus) -> None:
        step = _texts(status.message.parts)
        if status.state in _GOES_ON and step not in {"", self._said}:
            _say(step)
            self._said = step

    async def _looked_up(self) -> Task:
        for _ in range(_PATIENCE - 1):
            try:
                return await self._client.get_task(GetTaskRequest(id=self._task.id))
            except A2AError as error:
                if not _is_cut(error):
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)
        return await self._client.get_task(GetTaskRequest(id=self._task.id))

    def _recorded_as(self) -> str:
        fields = self._task.metadata.fields
        if _EVENT_ID not in fields:
            return ""
        return f"; get_write_status tells of it: event_id={fields[_EVENT_ID].string_value}"


def _say(text: str) -> None:
    if text:
        click.echo(printable(text), err=True)


def _is_cut(error: A2AError) -> bool:
    """Whether nothing was said, as when the connection breaks or a proxy has nobody to ask."""
    match error.__cause__:
        case httpx.HTTPStatusError() as refused:
            return refused.response.status_code >= 500
        case httpx.RequestError():
            return True
    return False


def _add(task: Task, update: TaskArtifactUpdateEvent) -> None:
    for known in task.artifacts if update.append else ():
        if known.artifact_id == update.artifact.artifact_id:
            known.parts.extend(update.artifact.parts)
            return
    task.artifacts.append(update.artifact)


def _reply(task: Task) -> Reply:
    if task.status.state == TaskState.TASK_STATE_COMPLETED:
        return _answered([part for artifact in task.artifacts for part in artifact.parts])
    parts = task.status.message.parts
    told = next((one for one in map(_content, parts) if isinstance(one, dict)), {})
    if task.status.state == TaskState.TASK_STATE_FAILED and told:
        return Reply(400, {**told, "success": False})
    state = TaskState.Name(task.status.state).removeprefix("TASK_STATE_").lower().replace("_", " ")
    error = _texts(parts) or f"the task is {state}"
    return Reply(400, {**told, "success": False, "error": error, "task": task.id, "state": state})


def _answered(parts: Iterable[Part]) -> Reply:
    """An answer of ours as it is; what other agents answer under a name of its own."""
    contents = [_content(part) for part in parts]
    content = contents[0] if len(contents) == 1 else contents
    if isinstance(content, dict) and content.get("success") is True:
        return Reply(200, content)
    return Reply(200, {"success": True, "answer": content})


def _content(part: Part) -> object:
    match part.WhichOneof("content"):
        case "data":
            return plain(part.data)
        case "text":
            return part.text
    return MessageToDict(part)


def _texts(parts: Iterable[Part]) -> str:
    return " ".join(part.text for part in parts if part.text)
