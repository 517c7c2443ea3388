"""`add_lesson_learned`: what somebody learned about a repository, for all who come after."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, model_validator

from a2a_gateway.answer import Message
from a2a_gateway.heard_of import note, page_of
from a2a_gateway.reading import Reading
from a2a_gateway.report import Origin, Report, WrittenAnswer
from a2a_gateway.said import Line, Lines, Words
from a2a_gateway.skill import WritingSkill
from a2a_gateway.subject import subject
from devnexus.events import LessonLearned, Record
from devnexus.events.agent_reports import LessonCategory
from devnexus.timestamps import write

Severity = Literal["info", "warning", "critical"]

_SEVERITY_OF_IMPACT: dict[str, Severity] = {
    "low": "info",
    "medium": "warning",
    "high": "critical",
    "critical": "critical",
}


class AddLessonLearned(Message):
    """The lesson. Three shapes are understood: `lesson` with `context`, the orchestrator's with
    `source_commit` and `confidence`, and the frontend's with `title`, `description` and `impact`."""

    repository: Annotated[Line, Field(validation_alias=AliasChoices("repository", "repo"))]
    """`<owner>/<name>`; one that is not known is listed from then on."""
    category: LessonCategory
    """What it is about; the last three are how the orchestrator judged a change."""
    lesson: Annotated[Words, Field(min_length=1, validation_alias=AliasChoices("lesson", "title"))]
    """What to do, or not to do; secrets in it are taken out, here and in every text."""
    context: Annotated[Words, Field(validation_alias=AliasChoices("context", "description"))] = ""
    """What happened, so that others can judge whether it is their case too."""
    severity: Severity = "info"
    """An `impact` of low, medium, high or critical is understood as well."""
    recorded_by: Line = ""
    """Whoever learned it; empty: whoever calls."""
    related_files: Lines = ()
    """Paths in the repository."""
    tags: Lines = ()
    source_commit: Line = ""
    """The commit that it was learned from."""
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    """How sure whoever says so is."""

    @model_validator(mode="before")
    @classmethod
    def _impact_is_a_severity(cls, given: Any) -> Any:  # noqa: ANN401 - the edge: whatever JSON held
        if not isinstance(given, dict) or given.get("severity") is not None:
            return given
        impact = given.get("impact")
        severity = _SEVERITY_OF_IMPACT.get(impact.lower()) if isinstance(impact, str) else None
        return {**given, "severity": severity}


class LessonAdded(WrittenAnswer):
    """The lesson, once it is recorded or on its way."""

    lesson_id: str
    """Its time: what tells it from the other lessons of its repository."""
    repository: str
    category: str
    severity: str
    kb_url: str
    """The repository's page in the knowledge base, from its root."""
    note: str
    """What may be wrong: a repository that nobody knew before, or one that was removed."""


def add_lesson_learned(told: AddLessonLearned, knowledge: Reading) -> Report[WrittenAnswer]:
    """Record a lesson."""
    about = subject(told.repository, knowledge)

    def event(origin: Origin) -> Record:
        return LessonLearned(
            cause="agent",
            repository=about.repository,
            at=origin.at,
            caller=origin.caller,
            skill=origin.skill,
            key=origin.key,
            category=told.category,
            lesson=told.lesson,
            context=told.context,
            severity=told.severity,
            recorded_by=told.recorded_by or None,
            related_files=told.related_files,
            tags=told.tags,
            source_commit=told.source_commit or None,
            confidence=told.confidence,
        )

    def answer(record: Record) -> LessonAdded:
        return LessonAdded(
            lesson_id=write(record.at),
            repository=about.repository.name,
            category=told.category,
            severity=told.severity,
            kb_url=page_of(about),
            note=note(about),
        )

    return Report(f"a lesson on {told.category} for {about.repository.name}", event, answer)


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
