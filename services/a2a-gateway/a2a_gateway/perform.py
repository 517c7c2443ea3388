"""The use case: one call of one skill, by somebody who may make it."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Any

from pydantic_core import PydanticSerializationError
from starlette.concurrency import run_in_threadpool

from a2a_gateway.answer import Answer, CannotAnswer, Message, Question
from a2a_gateway.call import Body, Call, encoded
from a2a_gateway.callers.caller import Caller
from a2a_gateway.knowledge.read_model import ReadModel
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.registry import Skills
from a2a_gateway.skill import AskingSkill, LookingSkill, ReadingSkill, Skill, WritingSkill
from a2a_gateway.stamp import stamp
from a2a_gateway.tasks.own_threads import OwnThreads
from a2a_gateway.tasks.port import StillRunning, Tasks
from a2a_gateway.watch import Watch
from a2a_gateway.world import Progress, World
from a2a_gateway.writes.report import Report, WrittenAnswer
from a2a_gateway.writes.writing import Accepted, Writing
from devnexus import tracing
from devnexus.errors import Unavailable
from devnexus.metrics import OTHER

_POLL_EVERY_MS = 2000
_LOOK_AGAIN_SECONDS = 1.0

_log = logging.getLogger(__name__)

WorldOf = Callable[[Caller, Progress], World]
"""What a skill of this caller's may ask besides the knowledge."""


@dataclass(frozen=True)
class Outcome:
    """The answer to a call, or why there is none, and the status that says so."""

    told: Body
    """The whole body; beside an `answer`, what is said of it: of when it is, and how long it took."""
    status: HTTPStatus = HTTPStatus.OK
    answer: Answer | None = None
    written: bytes = field(default=b"", repr=False)
    """The answer as JSON, where that was made already."""

    @property
    def body(self) -> Body:
        """All of it."""
        return {**_shown(self.answer), **self.told} if self.answer else self.told

    def content(self) -> bytes:
        """The body as JSON."""
        return b"%b,%b" % (self.written[:-1], encoded(self.told)[1:]) if self.written else encoded(self.body)


@dataclass(frozen=True)
class Performer:
    """Performs calls, whatever protocol they come by."""

    skills: Skills
    model: ReadModel
    writing: Writing
    tasks: Tasks
    world: WorldOf
    reading: OwnThreads = field(default_factory=partial(OwnThreads, 4, most_in_line=1000))
    """For what is answered from memory: more threads would only take turns."""
    past: OwnThreads = field(default_factory=partial(OwnThreads, 2, most_in_line=20))
    """For earlier revisions, which may have to be read first."""
    accepting: OwnThreads = field(default_factory=partial(OwnThreads, 12, most_in_line=200))
    """For what waits for the operational store and the broker: milliseconds, seconds when they are slow."""
    looking: OwnThreads = field(default_factory=partial(OwnThreads, 4, most_in_line=100))
    """For what waits for the operational store alone."""

    async def perform(self, call: Call, caller: Caller, watch: Watch | None = None) -> Outcome:
        """What becomes of the call. Every answer says as of which revision it was given, and when.

        With a `watch` it is the end of the call, for as long as that goes on: the answer and not where to ask
        for it, the commit and not that it is on its way.
        """
        started = time.perf_counter()
        skill = call.skill_id if call.skill_id in self.skills else OTHER
        try:
            outcome = await self._outcome(call, caller, started, watch)
        except Exception:
            _tell(skill, "bug", started)
            raise
        _tell(skill, _named(outcome.status), started)
        return outcome

    async def _outcome(self, call: Call, caller: Caller, started: float, watch: Watch | None) -> Outcome:
        skill = self.skills.get(call.skill_id)
        if skill is None:
            known: Body = {"available_skills": [*self.skills]}
            return _refused(f"Unknown skill: {call.skill_id}", HTTPStatus.NOT_FOUND, started, known)
        told: Body = {"skill_id": skill.id}
        try:
            require(skill, caller)
            begins = "write" if isinstance(skill, WritingSkill) else ""
            with tracing.span(f"skill {skill.id}", kind="server", begins=begins):
                outcome = await self._perform(skill, call, caller, watch)
        except CannotAnswer as problem:
            return _refused(problem.error, problem.status, started, {**told, **problem.fields})
        except Unavailable:
            error = "The knowledge base cannot be read at the moment. Try again in a few seconds."
            return _refused(error, HTTPStatus.SERVICE_UNAVAILABLE, started, told)
        return replace(outcome, told={**outcome.told, **stamp(started)})

    async def _perform(self, skill: Skill[Any], call: Call, caller: Caller, watch: Watch | None) -> Outcome:
        if isinstance(skill, WritingSkill):
            return await self._write(skill, call, caller, watch)
        given = skill.read(call.input)
        match skill:
            case AskingSkill():
                return await self._ask(skill, given, caller, watch)
            case ReadingSkill():
                return await self._read(skill, given, caller)
            case LookingSkill():
                return await self.looking.run(partial(self._look, skill, given, caller))
        raise AssertionError(f"{skill.id} is of no kind of skill")

    async def _read(self, skill: ReadingSkill[Any], given: Question, caller: Caller) -> Outcome:
        if given.as_of:
            return await self.past.run(partial(self._read_at, skill, given, caller))
        knowledge = self.model.at_hand(caller)
        if knowledge and skill.is_quick(given, knowledge):
            return _answered(skill, given, knowledge)
        return await self.reading.run(partial(self._read_at, skill, given, caller))

    def _read_at(self, skill: ReadingSkill[Any], given: Question, caller: Caller) -> Outcome:
        return _answered(skill, given, self.model.reading(caller, as_of=given.as_of))

    def _look(self, skill: LookingSkill[Any], given: object, caller: Caller) -> Outcome:
        knowledge = self.model.reading(caller)
        with _telling_age(knowledge):
            shown = _shown(skill.run(given, knowledge, self.world(caller, lambda _: None)))
        if shown.get("committed") is True:
            self.model.catch_up()
        return Outcome({**_age(knowledge), **shown})

    async def _ask(
        self, skill: AskingSkill[Any], given: object, caller: Caller, watch: Watch | None
    ) -> Outcome:
        knowledge = await run_in_threadpool(self.model.reading, caller)

        def work(progress: Progress) -> Answer:
            answer: Answer = skill.run(given, knowledge, self.world(caller, progress))
            return answer

        with _telling_age(knowledge):
            answer = await self.tasks.run(work, caller=caller, skill=skill.id, watch=watch)
        if isinstance(answer, StillRunning):
            queued = {"state": "async_queued", "workflow_id": answer.task_id}
            body = {"success": True, **queued, "polling_interval_ms": _POLL_EVERY_MS, **_age(knowledge)}
            return Outcome(body, HTTPStatus.ACCEPTED)
        return Outcome({**_shown(answer), **_age(knowledge)})

    def _report(
        self, skill: WritingSkill[Any], call: Call, caller: Caller
    ) -> tuple[Message, Reading, Report[WrittenAnswer]]:
        """What is told, and of what it was judged. For a thread: to look a megabyte through for secrets takes
        a second, which is others' too."""
        given = skill.read(call.input)
        knowledge = self.model.reading(caller)
        with _telling_age(knowledge):
            return given, knowledge, skill.run(given, knowledge)

    async def _write(
        self, skill: WritingSkill[Any], call: Call, caller: Caller, watch: Watch | None
    ) -> Outcome:
        given, knowledge, report = await run_in_threadpool(self._report, skill, call, caller)
        accept = partial(self.writing.accept, report, caller=caller, skill=skill.id)
        key = given.idempotency_key or call.idempotency_key or uuid.uuid4().hex
        try:
            accepted = await self.accepting.run(partial(accept, key=key, given=given))
        except Unavailable as error:
            again: Body = {"idempotency_key": key}
            raise CannotAnswer(_NOT_SENT, status=HTTPStatus.SERVICE_UNAVAILABLE, **again) from error
        revision = await self._committed(accepted, watch)
        if revision:  # whoever asks next finds what was recorded
            await run_in_threadpool(self.model.catch_up)
        answer = report.answer(accepted.record).model_copy(
            update={
                "event_id": accepted.record.id,
                "committed": revision is not None,
                "message": f"Recorded: {report.what}" if revision else _ON_ITS_WAY.format(what=report.what),
            }
        )
        return Outcome({**_shown(answer), "revision": revision or knowledge.revision, "stale_seconds": 0})

    async def _committed(self, accepted: Accepted, watch: Watch | None) -> str | None:
        if watch:
            watch.accepted(accepted.record.id)
        revision = await self.writing.committed(accepted)
        while watch and revision is None and watch.goes_on():
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            revision = await self.writing.committed(accepted)
        return revision


_NOT_SENT = (
    "It could not be sent, so it may not be recorded. Send the same call again with this idempotency_key:"
    " it will be recorded once."
)
_ON_ITS_WAY = "Accepted, and not committed yet: {what}. get_write_status tells when it is"


def _tell(skill: str, outcome: str, started: float) -> None:
    duration_ms = round((time.perf_counter() - started) * 1000, 1)
    _log.info("skill called", extra={"skill": skill, "outcome": outcome, "duration_ms": duration_ms})


def _named(status: HTTPStatus) -> str:
    if status == HTTPStatus.ACCEPTED:
        return "accepted"
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return "answered"
    return "not-now" if status in _NOT_NOW else "refused"


_NOT_NOW = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}


def require(skill: Skill[Any], caller: Caller) -> None:
    """Raise CannotAnswer where this caller may not call this skill."""
    if not skill.is_for_writers or caller.may_write:
        return
    if caller.is_verified:
        error = f"{caller.name} may not call {skill.id}: ALLOWED_SERVICE_ACCOUNTS does not name it"
        raise CannotAnswer(error, status=HTTPStatus.FORBIDDEN)
    about = {"message": f"{skill.id} is for callers who say who they are", "skill": skill.id}
    raise CannotAnswer("Authentication required", status=HTTPStatus.UNAUTHORIZED, **about)


def _refused(error: str, status: HTTPStatus, started: float, fields: Body) -> Outcome:
    return Outcome({"success": False, "error": error, **fields, **stamp(started)}, status)


def _shown(answer: Answer) -> Body:
    return answer.model_dump(mode="json")


def _answered(skill: ReadingSkill[Any], given: Question, knowledge: Reading) -> Outcome:
    with _telling_age(knowledge):
        answer: Answer = skill.run(given, knowledge)
    return Outcome(_age(knowledge), answer=answer, written=_written(answer))


def _written(answer: Answer) -> bytes:
    """The answer as JSON; nothing where another way of writing it must be taken."""
    if not _TOLD.isdisjoint(type(answer).model_fields):
        return b""
    try:
        return answer.__pydantic_serializer__.to_json(answer)
    except PydanticSerializationError:  # half of a surrogate pair
        return b""


_TOLD = frozenset({"revision", "stale_seconds", "timestamp", "execution_time_ms"})
"""Fields that join every answer; one that has such a field itself must not say it twice."""


def _age(knowledge: Reading) -> Body:
    """As of which commit an answer holds, and how old that may be."""
    return {"revision": knowledge.revision, "stale_seconds": knowledge.stale_seconds}


@contextmanager
def _telling_age(knowledge: Reading) -> Iterator[None]:
    """A refusal that rests on the knowledge says as of which commit it holds, too."""
    try:
        yield
    except CannotAnswer as problem:
        problem.fields = {**_age(knowledge), **problem.fields}
        raise
