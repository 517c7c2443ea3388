"""A skill that records lessons, as small as one can be, and what it is given."""

from a2a_gateway.answer import Message
from a2a_gateway.callers.caller import Caller
from a2a_gateway.skill import WritingSkill
from a2a_gateway.writes.report import Report, WrittenAnswer
from devnexus.events import LessonLearned
from devnexus.repository import Repository

ANA = Caller("ana@example.com", is_verified=True, may_write=True, sees_all=True)
API = Repository(id="github.com/1", name="acme/api", default_branch="main")


class Tell(Message):
    lesson: str


def lesson_report(lesson, repository=API):
    """What such a skill gives."""

    def event(origin):
        return LessonLearned(
            cause="agent",
            at=origin.at,
            repository=repository,
            caller=origin.caller,
            skill=origin.skill,
            key=origin.key,
            category="reliability",
            lesson=lesson,
            context="an outage",
        )

    return Report(what=f"a lesson for {repository.name}", event=event, answer=lambda record: WrittenAnswer())


TELL = WritingSkill(
    id="tell",
    name="Tell",
    description="Record a lesson.",
    tags=(),
    input=Tell,
    output=WrittenAnswer,
    run=lambda given, knowledge: lesson_report(given.lesson),
    example=Tell(lesson="Set timeouts"),
)
