"""The least that an agent made with A2A's SDK can be: what `benchmarks/a2a.py` holds the gateway against.

Three that send back the parts of the message they got, or what they are given to say, with the SDK's own
handler, routes and store in memory, and nothing in front of them. In a folder of its own: beside `a2a.py` the
SDK could not be imported.
"""

import json
import os
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from a2a.helpers import new_data_part, new_message, new_task_from_user_message
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_jsonrpc_routes, create_rest_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types.a2a_pb2 import (
    AgentCapabilities,
    AgentCard,
    AgentInterface,
    AgentSkill,
    Artifact,
    Part,
    Role,
    TaskState,
)
from starlette.applications import Starlette

BASE = "/a2a/v1"


class WithTask(AgentExecutor):
    """A task that is made, begun, given its artifact and completed, as the SDK's samples do it."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Four events."""
        task = new_task_from_user_message(context.message)
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.start_work()
        await updater.add_artifact(_answer(context), name="echo")
        await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Nothing goes on for long enough."""


class WithTaskAtOnce(WithTask):
    """A task that is told of once, when it is complete: the least with which an answer can be a task."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """One event."""
        task = new_task_from_user_message(context.message)
        task.artifacts.append(Artifact(artifact_id="echo", name="echo", parts=_answer(context)))
        task.status.state = TaskState.TASK_STATE_COMPLETED
        task.status.timestamp.GetCurrentTime()
        await event_queue.enqueue_event(task)


class WithMessage(WithTask):
    """A message, of which nothing is kept: the least there is."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """One event."""
        answer = new_message(_answer(context), role=Role.ROLE_AGENT, context_id=context.context_id)
        await event_queue.enqueue_event(answer)


def _answer(context: RequestContext) -> list[Part]:
    return [new_data_part(next(_SAID), media_type="application/json")] if _SAID else [*context.message.parts]


def _said() -> Iterator[object] | None:
    """What they say in turn instead of what they are told: the list in the file that `SAID` names, if any."""
    path = os.environ.get("SAID")
    return cycle(json.loads(Path(path).read_text())) if path else None


_SAID = _said()

_EXECUTORS = {"task": WithTask, "task_at_once": WithTaskAtOnce, "message": WithMessage}


def create_app() -> Starlette:
    """The one that `ECHO` names."""
    handler = DefaultRequestHandler(
        agent_executor=_EXECUTORS[os.environ["ECHO"]](), task_store=InMemoryTaskStore(), agent_card=_card()
    )
    return Starlette(
        routes=[*create_jsonrpc_routes(handler, BASE), *create_rest_routes(handler, path_prefix=BASE)]
    )


def _card() -> AgentCard:
    return AgentCard(
        name="Echo",
        description="Says what it is told.",
        version="1",
        supported_interfaces=[
            AgentInterface(url=BASE, protocol_binding=binding, protocol_version="1.0")
            for binding in ("JSONRPC", "HTTP+JSON")
        ],
        capabilities=AgentCapabilities(streaming=True),
        default_input_modes=["application/json"],
        default_output_modes=["application/json"],
        skills=[AgentSkill(id="echo", name="Echo", description="Says what it is told.", tags=["echo"])],
    )
