"""Performs the call that a message is, as a task."""

import asyncio
import logging
from contextlib import suppress
from functools import partial
from http import HTTPStatus

from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.types.a2a_pb2 import Part, Task, TaskState

from a2a_gateway.call import Body, Call
from a2a_gateway.perform import Outcome, Performer
from a2a_gateway.protocol.caller_context import call_in, caller_in
from a2a_gateway.protocol.places import Places
from a2a_gateway.protocol.steps import Steps
from a2a_gateway.protocol.stopping import Stopping
from a2a_gateway.protocol.tasks import answered, changed, data, new_task, text
from a2a_gateway.registry import Skills
from a2a_gateway.skill import AskingSkill, WritingSkill
from a2a_gateway.watch import Watch

_BUG = Outcome({"success": False, "error": "Internal error"}, HTTPStatus.INTERNAL_SERVER_ERROR)
_STAMP = frozenset({"timestamp", "execution_time_ms"})
_WHICH = (
    "Which skill? Name it in the message: as metadata.skillId, with the input as a data part, or as one data"
    ' part {"skill": "<id>", "input": {…}}. There are: '
)

_log = logging.getLogger(__name__)


class SkillExecutor(AgentExecutor):
    """Answers by the skills there are."""

    def __init__(self, performer: Performer, *, working: Places, stopping: Stopping) -> None:
        """`working`: what those calls take that go on beyond their request."""
        self._performer = performer
        self._working = working
        self._stopping = stopping

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Perform the call, or ask which one is meant."""
        call = call_in(context.call_context)
        if call is None:
            await _tell(context, event_queue, TaskState.TASK_STATE_INPUT_REQUIRED, _which(self._skills))
        elif self._takes_long(call) or context.current_task or _is_awaited_elsewhere(context):
            with self._working.taken(caller_in(context.call_context)):
                await self._work(call, context, event_queue)
        else:
            await event_queue.enqueue_event(await self.answer(call, context))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Note that the task is given up; the work ends with the task that waits for it."""
        if context.current_task:
            await event_queue.enqueue_event(changed(context.current_task, TaskState.TASK_STATE_CANCELED))

    def answers_at_once(self, call: Call) -> bool:
        """Whether there is nothing to tell of the call before it is done."""
        return not self._takes_long(call)

    async def answer(self, call: Call, context: RequestContext) -> Task:
        """Its task, told of once, when it is done: told of four times it would take four times as long."""
        outcome = await self._outcome(call, context)
        if outcome.status == HTTPStatus.OK:
            return new_task(context, TaskState.TASK_STATE_COMPLETED, answer=_body(outcome))
        return new_task(context, TaskState.TASK_STATE_FAILED, _refused(outcome))

    @property
    def _skills(self) -> Skills:
        return self._performer.skills

    def _takes_long(self, call: Call) -> bool:
        return isinstance(self._skills[call.skill_id], AskingSkill | WritingSkill)

    async def _work(self, call: Call, context: RequestContext, events: EventQueue) -> None:
        task = await _tell(context, events, TaskState.TASK_STATE_WORKING)
        steps = Steps(self._stopping)
        work = asyncio.create_task(self._outcome(call, context, steps))
        try:
            async for step in steps.until(work):
                said = [text(step.doing)] if step.doing else []
                going_on = changed(task, TaskState.TASK_STATE_WORKING, said, event_id=step.event_id)
                await events.enqueue_event(going_on)
            outcome = await work
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
        ended = partial(changed, task, event_id=steps.event_id)
        if outcome.status == HTTPStatus.OK and self._is_on_its_way(call, outcome):
            state = TaskState.TASK_STATE_WORKING if self._stopping.has_begun else TaskState.TASK_STATE_FAILED
            await events.enqueue_event(ended(state, [text(str(outcome.body["message"]))]))
        elif outcome.status == HTTPStatus.OK:
            await events.enqueue_event(answered(task, _body(outcome)))
            await events.enqueue_event(ended(TaskState.TASK_STATE_COMPLETED))
        else:
            await events.enqueue_event(ended(TaskState.TASK_STATE_FAILED, _refused(outcome)))

    def _is_on_its_way(self, call: Call, outcome: Outcome) -> bool:
        """Whether it will be recorded, and nobody can wait until it is."""
        return isinstance(self._skills[call.skill_id], WritingSkill) and not outcome.body["committed"]

    async def _outcome(self, call: Call, context: RequestContext, watch: Watch | None = None) -> Outcome:
        try:
            return await self._performer.perform(call, caller_in(context.call_context), watch)
        except Exception:  # noqa: BLE001 - the edge: the SDK would tell the caller the exception word for word
            _log.exception("bug in a call of %s", call.skill_id)
            return _BUG


async def _tell(
    context: RequestContext, events: EventQueue, state: TaskState, parts: list[Part] | None = None
) -> Task:
    """Say how the task stands, which begins with this where it has not begun; the task."""
    if context.current_task:
        await events.enqueue_event(changed(context.current_task, state, parts or []))
        return context.current_task
    task = new_task(context, state, parts or [])
    await events.enqueue_event(task)
    return task


def _is_awaited_elsewhere(context: RequestContext) -> bool:
    return context.configuration is not None and context.configuration.return_immediately


def _body(outcome: Outcome) -> Body:
    """The answer without what differs from call to call."""
    return {name: value for name, value in outcome.body.items() if name not in _STAMP}


def _refused(outcome: Outcome) -> list[Part]:
    body = _body(outcome)
    return [text(str(body["error"])), data(body)]


def _which(skills: Skills) -> list[Part]:
    known = [{"id": skill.id, "description": skill.description} for skill in skills.values()]
    return [text(_WHICH + ", ".join(skills)), data({"skills": known})]
