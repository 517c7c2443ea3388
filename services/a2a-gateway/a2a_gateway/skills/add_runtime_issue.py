"""`add_runtime_issue`: something went wrong in production."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from a2a_gateway.answer import Message, Part
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import WritingSkill
from a2a_gateway.writes.heard_of import note
from a2a_gateway.writes.report import Origin, Report, WrittenAnswer
from a2a_gateway.writes.said import Line, WebAddress, Words, first
from a2a_gateway.writes.similar_issues import similar_issues
from a2a_gateway.writes.subject import subject
from devnexus.events import Record, RuntimeIssueReported
from devnexus.events.agent_reports import Severity
from devnexus.repository import Repository

Metric = Annotated[float, Field(allow_inf_nan=False)] | Line | bool | None


class AddRuntimeIssue(Message):
    """The issue."""

    repository: Line
    """`<owner>/<name>`; one that is not known is from now on."""
    service_type: Literal["cloud_run", "cloud_functions", "cloud_build", "gce", "gke", "app_engine", "other"]
    issue_type: Literal["error", "performance", "crash", "timeout", "memory", "security", "other"]
    severity: Severity
    log_snippet: Annotated[str, AfterValidator(first(1000))]
    """Of the log, the lines that show it: the first 1,000 characters are kept, without secrets."""
    root_cause: Words = ""
    suggested_fix: Words = ""
    pattern_reference: Line = ""
    """The pattern that it is about, by name, id or alias."""
    github_issue_url: WebAddress = ""
    metrics: Annotated[dict[Line, Metric], Field(max_length=50)] = {}
    """`error_rate`, `latency_p95`, `throughput` and the like; the repository's last known ones."""


class SimilarIssue(Part):
    """An issue of the same type, with the same pattern or the same words."""

    repository: str
    issue_id: str
    severity: str
    root_cause: str | None


class RuntimeIssueAdded(WrittenAnswer):
    """The issue, once it is recorded or on its way."""

    issue_id: str
    """What `update_runtime_issue` names it by."""
    repository: str
    severity: str
    pattern_updated: bool
    """Whether `pattern_reference` names a pattern that some repository has: it shows the issue then."""
    pattern_ids: list[str]
    """The patterns that are meant."""
    similar_issues: list[SimilarIssue]
    """At most 5 that were known before, the newest first; false alarms are left out."""
    note: str
    """What may be wrong: an unknown pattern or repository, or a repository that was removed."""


def add_runtime_issue(told: AddRuntimeIssue, knowledge: Reading) -> Report[WrittenAnswer]:
    """Record an issue."""
    about = subject(told.repository, knowledge)
    meant = sorted(id_ for id_ in knowledge.patterns_meant(told.pattern_reference) if id_ in knowledge.having)
    known = similar_issues(told.issue_type, told.pattern_reference, _text(told), knowledge)
    similar = [
        SimilarIssue(
            repository=knowledge.name(one.repository),
            issue_id=one.issue.issue_id,
            severity=one.issue.severity,
            root_cause=one.issue.root_cause,
        )
        for one in known
    ]
    unknown = told.pattern_reference and not meant
    hint = f"No repository has a pattern called {told.pattern_reference!r}. " if unknown else ""

    def event(origin: Origin) -> Record:
        return _event(told, origin, about.repository)

    def answer(record: Record) -> RuntimeIssueAdded:
        assert isinstance(record, RuntimeIssueReported)
        return RuntimeIssueAdded(
            issue_id=record.issue_id,
            repository=about.name,
            severity=told.severity,
            pattern_updated=bool(meant),
            pattern_ids=meant,
            similar_issues=[one for one in similar if one.issue_id != record.issue_id],
            note=f"{hint}{note(about)}".strip(),
        )

    return Report(f"a {told.severity} {told.issue_type} in {about.name}", event, answer)


def _text(told: AddRuntimeIssue) -> str:
    return f"{told.root_cause} {told.log_snippet}"


def _event(told: AddRuntimeIssue, origin: Origin, repository: Repository) -> RuntimeIssueReported:
    return RuntimeIssueReported(
        **origin.of(repository),
        service_type=told.service_type,
        issue_type=told.issue_type,
        severity=told.severity,
        log_snippet=told.log_snippet,
        root_cause=told.root_cause or None,
        suggested_fix=told.suggested_fix or None,
        pattern_reference=told.pattern_reference or None,
        github_issue_url=told.github_issue_url or None,
        metrics=told.metrics,
    )


SKILL = WritingSkill(
    id="add_runtime_issue",
    name="Add Runtime Issue",
    description="Report something that went wrong in production, and learn where the like happened before.",
    tags=("runtime", "monitoring", "issues", "production", "operations"),
    input=AddRuntimeIssue,
    output=RuntimeIssueAdded,
    run=add_runtime_issue,
    example=AddRuntimeIssue(
        repository="acme/api",
        service_type="cloud_run",
        issue_type="timeout",
        severity="high",
        log_snippet="ReadTimeout: billing did not answer within 30 s",
        root_cause="The client retries at once, all instances together",
        pattern_reference="Retry with backoff",
    ),
)
