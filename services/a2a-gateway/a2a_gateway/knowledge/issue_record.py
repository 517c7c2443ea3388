"""An issue from production as skills tell of it."""

from typing import Any

from a2a_gateway.answer import Part
from a2a_gateway.fitting import LONGEST_TEXT, cut
from a2a_gateway.knowledge.reading import Reading
from devnexus.knowledge.known_issues import Trouble
from devnexus.timestamps import Timestamp

_METRICS_SHOWN = 20


class IssueRecord(Part):
    """Something that went wrong in production, as it was reported and as it stands now."""

    repository: str
    issue_id: str
    detected_at: Timestamp
    issue_type: str
    severity: str
    service_type: str
    status: str
    logs: str | None
    """At most 1000 characters, as are the other texts."""
    root_cause: str | None
    suggested_fix: str | None
    pattern_reference: str | None
    """The pattern as whoever reported it wrote it."""
    pattern_ids: list[str]
    """The patterns that this means here; empty where it means none that is known."""
    github_issue: str | None
    metrics: dict[str, float | str | bool | None]
    """At most 20 of them."""
    resolution_time: str | None


def issue_record(trouble: Trouble, knowledge: Reading) -> IssueRecord:
    """The issue with the repository that had it."""
    issue = trouble.issue
    return IssueRecord(
        repository=knowledge.name(trouble.repository),
        issue_id=issue.issue_id,
        detected_at=issue.detected_at,
        issue_type=issue.issue_type,
        severity=issue.severity,
        service_type=issue.service_type,
        status=issue.status,
        logs=_cut(issue.logs),
        root_cause=_cut(issue.root_cause),
        suggested_fix=_cut(issue.suggested_fix),
        pattern_reference=_cut(issue.pattern_reference),
        pattern_ids=sorted(knowledge.patterns_meant(issue.pattern_reference or "")),
        github_issue=_cut(issue.github_issue),
        metrics=_metrics(issue.metrics or {}),
        resolution_time=_cut(str(issue.resolution_time)) if issue.resolution_time is not None else None,
    )


def _metrics(told: dict[str, Any]) -> dict[str, float | str | bool | None]:
    plain = [(name[:LONGEST_TEXT], value) for name, value in told.items() if _is_plain(value)]
    return {name: _cut(value) if isinstance(value, str) else value for name, value in plain[:_METRICS_SHOWN]}


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (int, float, str))


def _cut(text: str | None) -> str | None:
    return None if text is None else cut(text)
