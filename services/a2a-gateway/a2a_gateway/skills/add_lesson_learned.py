"""`add_lesson_learned`: what somebody learned about a repository, and others should know."""

from typing import Annotated

from pydantic import AliasChoices, Field

from a2a_gateway.answer import CannotAnswer, Message
from a2a_gateway.pages.links import repository_link
from a2a_gateway.reading import Reading
from a2a_gateway.report import Origin, Report, WrittenAnswer
from a2a_gateway.said import Line, Text
from a2a_gateway.skill import WritingSkill
from a2a_gateway.subject import Subject, subject
from devnexus.events import LessonLearned, Record
from devnexus.events.agent_reports import LessonCategory, LessonSeverity
from devnexus.timestamps import write

_SEVERITIES: dict[str, LessonSeverity] = {
    "low": "info",
    "medium": "warning",
    "high": "critical",
    "info": "info",
    "warning": "warning",
    "critical": "critical",
}
"""What callers call the impact of a lesson → how severe that is."""


class AddLessonLearned(Message):
    """A lesson, in one of three ways: `lesson` with `context`, or as the dependency-orchestrator says it with
    `source_commit` and `confidence`, or as the frontend says it with `title`, `description` and `impact`."""

    repository: Annotated[str, Field(validation_alias=AliasChoices("repository", "repo"))]
    """`<owner>/<name>`; one that is not known yet is known by this name from now on."""
    category: LessonCategory
    lesson: Text = ""
    """What was learned, at most 10,000 characters, as every text here. Secrets in it are replaced."""
    context: Text = ""
    """What led to it; without it give `source_commit`, `confidence` or `description`."""
    severity: LessonSeverity = "info"
    recorded_by: Line | None = None
    """Who says so, if it is not the caller; at most 300 characters."""
    related_files: Annotated[tuple[Line, ...], Field(max_length=100)] = ()
    """Paths in the repository, at most 100."""
    tags: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    """At most 50."""
    source_commit: Line | None = None
    """The commit that it was learned from."""
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    """How sure that is, from 0 to 1."""
    title: Line = ""
    """In place of `lesson`, in a line."""
    description: Text = ""
    """In place of `context`."""
    impact: Line = ""
    """In place of `severity`: low (info), medium (warning), high (critical); other words join the context."""


class LessonRecorded(WrittenAnswer):
    """The lesson as it was accepted."""

    lesson_id: str
    """Its time in the knowledge base."""
    repository: str
    category: LessonCategory
    severity: LessonSeverity
    repository_known: bool
    """Whether the repository was known before, as far as this caller may see; false: check its name."""
    kb_url: str
    """The page here that shows it."""


def add_lesson_learned(told: AddLessonLearned, knowledge: Reading) -> Report[LessonRecorded]:
    """Record the lesson; raise CannotAnswer where there is nothing to learn from it."""
    about = subject(told.repository, knowledge)
    lesson, context = _lesson(told), _context(told)
    severity = _severity(told)

    def event(origin: Origin) -> LessonLearned:
        return LessonLearned(
            cause="agent",
            repository=about.repository,
            at=origin.at,
            caller=origin.caller,
            skill=origin.skill,
            key=origin.key,
            category=told.category,
            lesson=lesson,
            context=context,
            severity=severity,
            recorded_by=told.recorded_by,
            related_files=told.related_files,
            tags=told.tags,
            source_commit=told.source_commit,
            confidence=told.confidence,
        )

    return Report(
        what=f"a lesson on {told.category.replace('_', ' ')} for {about.name}",
        event=event,
        answer=lambda record: _answer(record, about),
    )


def _lesson(told: AddLessonLearned) -> str:
    if lesson := told.lesson.strip() or told.title.strip() or told.description.strip():
        return lesson
    raise CannotAnswer("lesson: Field required: what was learned, as lesson or title")


def _context(told: AddLessonLearned) -> str:
    whole = told.context or told.description
    if told.impact and told.impact.strip().lower() not in _SEVERITIES:
        whole = f"{whole}\n\nImpact: {told.impact}".strip()
    if whole or told.title or told.source_commit or told.confidence is not None:
        return whole
    raise CannotAnswer("context: Field required: what led to the lesson")


def _severity(told: AddLessonLearned) -> LessonSeverity:
    if "severity" in told.model_fields_set:
        return told.severity
    return _SEVERITIES.get(told.impact.strip().lower(), "info")


def _answer(record: Record, about: Subject) -> LessonRecorded:
    assert isinstance(record, LessonLearned)
    return LessonRecorded(
        lesson_id=write(record.at),
        repository=about.name,
        category=record.category,
        severity=record.severity,
        repository_known=about.is_shown,
        kb_url=repository_link(about.name).url or "",
    )


SKILL = WritingSkill(
    id="add_lesson_learned",
    name="Add Lesson Learned",
    description="Record what was learned about a repository: from an outage, a deployment, an analysis.",
    tags=("knowledge", "documentation", "lessons"),
    input=AddLessonLearned,
    output=LessonRecorded,
    run=add_lesson_learned,
    example=AddLessonLearned(
        repository="acme/api",
        category="reliability",
        lesson="Set a timeout on every outgoing call",
        context="A slow upstream held all workers for 20 minutes",
        severity="warning",
    ),
)
