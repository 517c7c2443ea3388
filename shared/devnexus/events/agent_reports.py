"""`lesson.learned.v1` and its like: what agents and people tell of a repository, through the gateway."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from devnexus.events.record import Record
from devnexus.schema_v2 import DependencyInfo, DeploymentInfo, holds
from devnexus.timestamps import Timestamp
from devnexus.values import digest

Severity = Literal["critical", "high", "medium", "low"]
IssueStatus = Literal["open", "investigating", "fixed", "false_positive"]
LessonCategory = Literal[
    "performance",
    "security",
    "reliability",
    "cost",
    "observability",
    "consumer_triage",
    "template_triage",
    "triage_analysis",
    "deployment",
    "pattern_observed",
]
"""Schema v2's, those by which the dependency-orchestrator says what it learned, and the pattern-miner's."""


class _Report(Record):
    caller: str
    """Who says so, as the gateway verified it."""
    skill: str
    key: str
    """The caller's idempotency key, or one that the gateway made."""

    @property
    def id(self) -> str:
        """`<caller>:<skill>:<key>`."""
        return f"{self.caller}:{self.skill}:{self.key}"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not (self.caller and self.skill and self.key):
            raise ValueError("caller, skill and key may not be empty")
        return self


class LessonLearned(_Report):
    """Somebody learned something about this repository that others should know."""

    TYPE: ClassVar[str] = "lesson.learned.v1"

    category: LessonCategory
    lesson: str
    context: str
    severity: Literal["info", "warning", "critical"] = "info"
    recorded_by: str | None = None
    related_files: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    source_commit: str | None = None
    """The commit that it was learned from."""
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    """How sure whoever says so is."""

    @property
    def kind(self) -> str:
        """As promised by Record."""
        return "lesson"


class DependenciesDeclared(_Report):
    """Who depends on this repository, or derives from it; replaces what was declared before.

    Where it `adds`, its consumers and derivatives join those that were declared, each in the place of one
    that says the same of the same repository, and nothing else changes.
    """

    TYPE: ClassVar[str] = "dependencies.declared.v1"

    dependencies: Annotated[dict[str, Any], AfterValidator(holds(DependencyInfo))]
    """v2's DependencyInfo; a field that is not there leaves what is known."""
    adds: bool = False

    @property
    def kind(self) -> str:
        """As promised by Record."""
        return "dependencies"


class DeploymentDescribed(_Report):
    """How this repository is deployed; lessons stay what they are."""

    TYPE: ClassVar[str] = "deployment.described.v1"

    deployment: Annotated[dict[str, Any], AfterValidator(holds(DeploymentInfo))]
    """v2's DeploymentInfo; a field that is not there leaves what is known."""

    @property
    def kind(self) -> str:
        """As promised by Record."""
        return "deployment"


class RuntimeIssueReported(_Report):
    """Something went wrong in production."""

    TYPE: ClassVar[str] = "runtime_issue.reported.v1"

    service_type: Literal["cloud_run", "cloud_functions", "cloud_build", "gce", "gke", "app_engine", "other"]
    issue_type: Literal["error", "performance", "crash", "timeout", "memory", "security", "other"]
    severity: Severity
    log_snippet: Annotated[str, Field(max_length=1000)] = ""
    root_cause: str | None = None
    suggested_fix: str | None = None
    pattern_reference: str | None = None
    github_issue_url: str | None = None
    metrics: dict[str, Any] = {}

    @property
    def kind(self) -> str:
        """As promised by Record."""
        return "runtime_issue"

    @property
    def issue_id(self) -> str:
        """What later updates name it by: a digest of the record's id, which may hold an address."""
        return digest(self.id, length=12)


class RuntimeIssueUpdated(_Report):
    """What is not None is so from now on for one issue of this repository."""

    TYPE: ClassVar[str] = "runtime_issue.updated.v1"

    issue_id: str
    status: IssueStatus | None = None
    root_cause: str | None = None
    suggested_fix: str | None = None
    github_issue_url: str | None = None
    resolved_at: Timestamp | None = None

    @property
    def kind(self) -> str:
        """As promised by Record."""
        return "runtime_issue"
