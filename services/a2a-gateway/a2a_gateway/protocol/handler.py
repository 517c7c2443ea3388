"""Takes requests of the protocol: what is wrong with a call is said before there is a task."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractContextManager, aclosing
from functools import partial
from typing import Any

from a2a.server.agent_execution import RequestContext
from a2a.server.agent_execution.active_task import TERMINAL_TASK_STATES
from a2a.server.cluster.version import TaskVersion
from a2a.server.context import ServerCallContext
from a2a.server.events import Event
from a2a.server.request_handlers import DefaultRequestHandlerV2
from a2a.server.request_handlers.request_handler import validate_request_params
from a2a.types.a2a_pb2 import (
    AgentCard,
    CancelTaskRequest,
    GetExtendedAgentCardRequest,
    ListTasksRequest,
    ListTasksResponse,
    Message,
    SendMessageRequest,
    SubscribeToTaskRequest,
    Task,
    TaskPushNotificationConfig,
)
from a2a.utils.errors import TaskNotCancelableError, UnsupportedOperationError
from a2a.utils.input_mode_validator import validate_input_modes
from a2a.utils.task import apply_history_length, validate_history_length

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.call import Call
from a2a_gateway.perform import require
from a2a_gateway.protocol.caller_context import call_in, caller_in, header, with_call
from a2a_gateway.protocol.errors import NotAuthenticated, bad_input, refusal
from a2a_gateway.protocol.executor import SkillExecutor
from a2a_gateway.protocol.owner import may_list_all
from a2a_gateway.protocol.places import Places
from a2a_gateway.protocol.receivers import Receivers
from a2a_gateway.protocol.selection import Unclear, asked
from a2a_gateway.protocol.stopping import Stopping
from a2a_gateway.protocol.tasks import event_of
from a2a_gateway.registry import Skills

_LARGEST_TASK_BYTES = 2_000_000
"""With all that was said before: each message that follows is kept, and sent back."""

_ID = re.compile(r"[!-~]{0,200}")
_ID_SAID = "up to 200 letters, digits and signs of ASCII"

_RECEIVER = "configuration.taskPushNotificationConfig."


class GuardedHandler(DefaultRequestHandlerV2):
    """The SDK's handler for the skills there are, by the rules of who may call them."""

    def __init__(
        self,
        *,
        skills: Skills,
        executor: SkillExecutor,
        streams: Places,
        working: Places,
        stopping: Stopping,
        receivers: Receivers,
        **others: Any,  # noqa: ANN401 - as the SDK's handler has it
    ) -> None:
        super().__init__(agent_executor=executor, **others)
        self._skills = skills
        self._executor = executor
        self._streams = streams
        self._working = working
        self._stopping = stopping
        self._receivers = receivers

    async def on_message_send(self, params: SendMessageRequest, context: ServerCallContext) -> Message | Task:
        """The task that the message makes, or goes on with."""
        await self._settle(params, context)
        result: Message | Task
        if answer := self._at_once(params, call_in(context)):
            result = await self._answered(params, context, answer)
        else:
            result = await super().on_message_send(params, context)
        return result

    async def on_message_send_stream(
        self, params: SendMessageRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        """The same, and what becomes of it."""
        await self._settle(params, context)
        with self._place_for_stream(context):
            async with aclosing(super().on_message_send_stream(params, context)) as events:
                async for event in events:
                    yield event

    async def on_subscribe_to_task(
        self, params: SubscribeToTaskRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        """What becomes of a task, for as long as this process may wait for that."""
        with self._place_for_stream(context):
            events = self._stopping.until_due(super().on_subscribe_to_task(params, context))
            async with aclosing(events):
                async for event in events:
                    yield event

    async def on_list_tasks(self, params: ListTasksRequest, context: ServerCallContext) -> ListTasksResponse:
        """The caller's tasks; those of one conversation where nobody says who they are."""
        if not params.context_id and not may_list_all(context):
            why = "Name the conversation: whoever does not say who they are is shown no other tasks"
            raise bad_input(why, [("contextId", "Field required")])
        listed: ListTasksResponse = await super().on_list_tasks(params, context)
        return listed

    async def on_cancel_task(self, params: CancelTaskRequest, context: ServerCallContext) -> Task | None:
        """The cancelled task; what was accepted to be recorded will be, so that it cannot be cancelled."""
        stored = await self._versioned_store.get(params.id, context)
        if stored and event_of(stored.task):
            raise TaskNotCancelableError("It was accepted and will be recorded: a write cannot be cancelled")
        cancelled: Task | None = await super().on_cancel_task(params, context)
        return cancelled

    async def on_create_task_push_notification_config(
        self, params: TaskPushNotificationConfig, context: ServerCallContext
    ) -> TaskPushNotificationConfig:
        """The receiver, which is told of the task from now on."""
        await self._receivers.require_tellable(params, params.task_id, context)
        kept: TaskPushNotificationConfig = await super().on_create_task_push_notification_config(
            params, context
        )
        return kept

    async def on_get_extended_agent_card(
        self, params: GetExtendedAgentCardRequest, context: ServerCallContext
    ) -> AgentCard:
        """The card for those who proved who they are."""
        if not caller_in(context).is_verified:
            raise NotAuthenticated("The extended card is for callers who say who they are")
        card: AgentCard = await super().on_get_extended_agent_card(params, context)
        return card

    @validate_request_params
    async def _answered(
        self,
        params: SendMessageRequest,
        context: ServerCallContext,
        answer: Callable[[RequestContext], Awaitable[Task]],
    ) -> Task:
        """As the SDK would do it, without the queues by which others follow a task, half of the work.

        Nobody could follow this one, as its id is told with the answer.
        """
        validate_history_length(params.configuration)
        validate_input_modes(params.message, self._agent_card)
        task = await answer(await self._request_context_builder.build(context, params))
        await self._versioned_store.save(
            task, event=None, prev=None, prev_version=TaskVersion.MISSING, context=context
        )
        answered: Task = apply_history_length(task, params.configuration)
        return answered

    async def _settle(self, params: SendMessageRequest, context: ServerCallContext) -> None:
        """Which call the message is; raise an A2AError where it cannot be answered by this caller."""
        if not _ID.fullmatch(params.message.context_id):
            raise bad_input("message.contextId is no id", [("message.contextId", f"Should be {_ID_SAID}")])
        if params.message.task_id:
            await self._follow_up(params.message, context)
        if params.configuration.HasField("task_push_notification_config"):
            config = params.configuration.task_push_notification_config
            await self._receivers.require_tellable(config, params.message.task_id, context, within=_RECEIVER)
        try:
            call = self._call(params, context)
        except Unclear as problem:
            raise bad_input(str(problem), problem.fields) from problem
        except CannotAnswer as problem:
            raise refusal(problem) from problem
        full = self._working.why_not(caller_in(context))
        if full and not self._at_once(params, call):
            raise full
        with_call(context, call)

    async def _follow_up(self, message: Message, context: ServerCallContext) -> None:
        stored = await self._versioned_store.get(message.task_id, context)
        if stored and stored.task.status.state in TERMINAL_TASK_STATES:
            # the SDK would say the same, and leave two queues behind for the collector to complain of
            raise UnsupportedOperationError("The task has ended: begin another one")
        if stored and stored.task.ByteSize() > _LARGEST_TASK_BYTES:
            raise bad_input("It has grown too large: begin another task", [("message.taskId", "too large")])
        if not message.context_id:
            # the SDK would give it a context of its own, which the task then does not fit
            message.context_id = stored.task.context_id if stored else ""

    def _at_once(
        self, params: SendMessageRequest, call: Call | None
    ) -> Callable[[RequestContext], Awaitable[Task]] | None:
        """What answers a call of which there is nothing to tell, and to follow, before it is done."""
        executor = self.agent_executor
        if (
            call
            and isinstance(executor, SkillExecutor)
            and executor.answers_at_once(call)
            and _is_mere(params)
        ):
            return partial(executor.answer, call)
        return None

    def _place_for_stream(self, context: ServerCallContext) -> AbstractContextManager[None]:
        if full := self._streams.why_not(caller_in(context)):
            raise full
        return self._streams.taken(caller_in(context))

    def _call(self, params: SendMessageRequest, context: ServerCallContext) -> Call | None:
        call = asked(params.message, params.metadata)
        if call is None:
            return None
        skill = self._skills.get(call.skill_id)
        if skill is None:
            known = f"Known are: {', '.join(self._skills)}"
            raise Unclear(("skillId", f"Unknown skill: {call.skill_id[:100]}. {known}"))
        require(skill, caller_in(context))
        skill.read(call.input)
        key = header(context, "idempotency-key") or f"a2a:{params.message.message_id}"
        return Call(skill.id, call.input, idempotency_key=key)


def _is_mere(params: SendMessageRequest) -> bool:
    """Whether it begins a task of which nothing is wanted but how it ends."""
    how = params.configuration
    return not (
        params.message.task_id or how.return_immediately or how.HasField("task_push_notification_config")
    )
