"""`add_lesson_learned`: what somebody learned about a repository, for all who come after."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, Field

from a2a_gateway.answer import Message
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import WritingSkill
from a2a_gateway.writes.heard_of import note, page_here
from a2a_gateway.writes.report import Origin, Report, WrittenAnswer
from a2a_gateway.writes.said import Line, Lines, Words, filled
from a2a_gateway.writes.subject import subject
from devnexus.events import LessonLearned, Record
from devnexus.events.agent_reports import LessonCategory
from devnexus.timestamps import write

Severity = Literal["info", "warning", "critical"]

_SEVERITY_OF_IMPACT: dict[str, Severity] = {
    "low": "info",
    "medium": "warning",
    "high": "critical",
    "critical": "critical",
    "info": "info",
    "warning": "warning",
}


class AddLessonLearned(Message):
    """The lesson. Three shapes are understood: `lesson` with `context`, the orchestrator's with
    `source_commit` and `confidence`, and the frontend's with `title`, `description` and `impact`."""

    repository: Annotated[Line, Field(validation_alias=AliasChoices("repository", "repo"))]
    """`<owner>/<name>`; one that is not known is from now on."""
    category: LessonCategory
    """What it is about; `consumer_triage` and the like: how the orchestrator judged a change."""
    lesson: Annotated[Words, AfterValidator(filled), Field(validation_alias=AliasChoices("lesson", "title"))]
    """What to do, or not to do; secrets in it are taken out, here and in every text."""
    context: Annotated[Words, Field(validation_alias=AliasChoices("context", "description"))] = ""
    """What happened, so that others can judge whether it is their case too."""
    severity: Severity = "info"
    recorded_by: Line = ""
    """Whoever learned it; empty: whoever calls, without the domain of their address."""
    related_files: Lines = ()
    """Paths in the repository."""
    tags: Lines = ()
    source_commit: Line = ""
    """The commit that it was learned from."""
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    """How sure whoever says so is."""
    impact: Line = ""
    """For `severity`: low (info), medium (warning), high or critical; other words join the context."""

    @property
    def said_severity(self) -> Severity:
        """`severity`, else what `impact` amounts to."""
        if "severity" in self.model_fields_set:
            return self.severity
        return _SEVERITY_OF_IMPACT.get(self.impact.strip().lower(), "info")

    @property
    def said_context(self) -> str:
        """The context with an impact that is no severity."""
        if not self.impact.strip() or self.impact.strip().lower() in _SEVERITY_OF_IMPACT:
            return self.context
        return f"{self.context}\n\nImpact: {self.impact}".strip()


class LessonAdded(WrittenAnswer):
    """The lesson, once it is recorded or on its way."""

    lesson_id: str
    """Its time: what tells it from the other lessons of its repository."""
    repository: str
    category: str
    severity: str
    kb_url: str
    """Where this service shows it."""
    note: str
    """What may be wrong: a repository that nobody knew before, or one that was removed."""


def add_lesson_learned(told: AddLessonLearned, knowledge: Reading) -> Report[WrittenAnswer]:
    """Record a lesson."""
    about = subject(told.repository, knowledge)

    def event(origin: Origin) -> Record:
        return LessonLearned(
            **origin.of(about.repository),
            category=told.category,
            lesson=told.lesson,
            context=told.said_context,
            severity=told.said_severity,
            recorded_by=told.recorded_by or None,
            related_files=told.related_files,
            tags=told.tags,
            source_commit=told.source_commit or None,
            confidence=told.confidence,
        )

    def answer(record: Record) -> LessonAdded:
        return LessonAdded(
            lesson_id=write(record.at),
            repository=about.name,
            category=told.category,
            severity=told.said_severity,
            kb_url=page_here(about),
            note=note(about),
        )

    return Report(f"a lesson on {told.category.replace('_', ' ')} for {about.name}", event, answer)


SKILL = WritingSkill(
    id="add_lesson_learned",
    name="Add Lesson Learned",
    description="Record what was learned about a repository in operation, so that others find it.",
    tags=("knowledge", "documentation", "lessons"),
    input=AddLessonLearned,
    output=LessonAdded,
    run=add_lesson_learned,
    example=AddLessonLearned(
        repository="acme/api",
        category="reliability",
        lesson="Set a timeout on every call to the billing service",
        context="On 3 May all workers waited for it for two hours",
        severity="warning",
    ),
)
