"""What a deployment is advised: to proceed, or why rather not."""

from collections.abc import Mapping, Sequence
from typing import Literal

from a2a_gateway.answer import Answer, Part
from a2a_gateway.knowledge.dependents import Relationship, Source
from devnexus.knowledge.health_interval import CRITICAL, WARNING, Verdict
from devnexus.knowledge.known_issues import Trouble
from devnexus.knowledge.pattern_health import PatternHealth
from devnexus.printable import printable
from devnexus.timestamps import Timestamp

Decision = Literal["proceed", "warn", "block"]

ISSUES_SHOWN = 10
_REPOSITORIES_SHOWN = 50
_REPOSITORIES_NAMED = 5
_DOUBT = ". That may be chance: there is not enough data to tell"


class Issue(Part):
    """Something that went wrong in production."""

    repository: str
    issue_id: str
    detected_at: Timestamp
    issue_type: str
    severity: str
    status: str
    github_issue: str | None = None


class PatternFigure(Part):
    """How one of the repository's patterns fared."""

    id: str
    pattern: str
    health: float
    """1 − repositories with issues / repositories that have it: what the decision rests on."""
    verdict: Verdict
    """What `get_pattern_health` says of it; not_enough_data: the health may be chance."""
    repositories: int
    """How many have it."""
    troubled: tuple[str, ...]
    """Those of them that had issues with it in the last 30 days, at most 50."""
    troubled_count: int
    issues: tuple[Issue, ...]
    """Newest first, at most 10."""


class Reason(Part):
    """Why not simply to proceed: a pattern that does not fare well, and who had trouble with it."""

    decision: Decision
    pattern: str
    health: float
    text: str
    repositories: tuple[str, ...]
    issues: tuple[str, ...]
    """Their ids, newest first, at most 10."""


class Dependent(Part):
    """A repository that depends on the one that is deployed."""

    repository: str
    relationship: Relationship
    told_by: tuple[Source, ...]
    evidence: str | None = None
    """The line of a manifest that says so."""


class Monitoring(Part):
    """What watches over the repository in production, and what is open."""

    status: str | None = None
    """How the log-attacker says it is; None if it was not to be had."""
    open_issues: tuple[Issue, ...] = ()
    """Of the repository, newest first, at most 10."""
    open_issue_count: int = 0


class Degraded(Part):
    """An agent that could not add what it knows."""

    agent: str
    why: str


class Advice(Answer):
    """Whether to deploy a repository now."""

    repository: str
    decision: Decision
    lowest_health: float | None
    """None where it has no pattern that is known."""
    reasons: tuple[Reason, ...]
    """Those of `block` first; empty where it may proceed."""
    patterns: tuple[PatternFigure, ...]
    """Those that were looked at, the lowest health first, as far as 100 kB hold them."""
    pattern_count: int
    unknown_patterns: tuple[str, ...] = ()
    """Those asked for that nobody uses."""
    dependents: tuple[Dependent, ...]
    """By name, at most 200."""
    dependent_count: int
    monitoring: Monitoring
    degraded: tuple[Degraded, ...]
    """Empty where every agent was heard."""


def decision_at(health: float | None) -> Decision:
    """What a pattern's health, or the lowest of several, advises."""
    if health is None or health >= WARNING:
        return "proceed"
    return "block" if health < CRITICAL else "warn"


def figure(id_: str, name: str, health: PatternHealth, names: Mapping[str, str]) -> PatternFigure:
    """The figure of a pattern; `names` says what each repository is called, by its id."""
    return PatternFigure(
        id=id_,
        pattern=name,
        health=health.score,
        verdict=health.interval.verdict,
        repositories=health.total,
        troubled=tuple(names[page.repository_id] for page in health.troubled[:_REPOSITORIES_SHOWN]),
        troubled_count=len(health.troubled),
        issues=tuple(issue_of(trouble, names) for trouble in health.troubles[:ISSUES_SHOWN]),
    )


def issue_of(trouble: Trouble, names: Mapping[str, str]) -> Issue:
    """An issue as the advice tells of it."""
    issue = trouble.issue
    return Issue(
        repository=names[trouble.repository.repository_id],
        issue_id=issue.issue_id,
        detected_at=issue.detected_at,
        issue_type=issue.issue_type,
        severity=issue.severity,
        status=issue.status,
        github_issue=issue.github_issue,
    )


def reasons(figures: Sequence[PatternFigure]) -> tuple[Reason, ...]:
    """Why not simply to proceed, in the order of the figures."""
    return tuple(
        Reason(
            decision=decision_at(figure.health),
            pattern=figure.pattern,
            health=figure.health,
            text=printable(_text(figure)),
            repositories=figure.troubled,
            issues=tuple(issue.issue_id for issue in figure.issues),
        )
        for figure in figures
        if decision_at(figure.health) != "proceed"
    )


def _text(figure: PatternFigure) -> str:
    named = ", ".join(figure.troubled[:_REPOSITORIES_NAMED])
    more = figure.troubled_count - _REPOSITORIES_NAMED
    others = f" and {more} more" if more > 0 else ""
    newest = figure.issues[0]
    return (
        f"{figure.pattern}: health {figure.health:.2f}, {figure.troubled_count} of {figure.repositories}"
        f" repositories had issues with it in the last 30 days ({named}{others});"
        f" the newest: {newest.severity} {newest.issue_type} in {newest.repository}"
        f" on {newest.detected_at:%Y-%m-%d}{_DOUBT if figure.verdict == 'not_enough_data' else ''}"
    )
