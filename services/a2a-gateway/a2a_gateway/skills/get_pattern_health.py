"""`get_pattern_health`: how a pattern fares in production, and how sure that is."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AliasChoices, Field

from a2a_gateway.answer import Answer, Part, Question
from a2a_gateway.fitting import fitting
from a2a_gateway.knowledge.asked_time import asked_time
from a2a_gateway.knowledge.fares import in_words
from a2a_gateway.knowledge.issue_record import IssueRecord, issue_record
from a2a_gateway.knowledge.named_pattern import named_pattern
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.health_interval import Verdict, known_severity
from devnexus.knowledge.known_issues import Trouble
from devnexus.knowledge.pattern_health import PatternHealth

_ISSUES_SHOWN = 10
_ISSUES_BYTES = 100_000
_REPOSITORIES_SHOWN = 1000
_ELSEWHERE_SHOWN = 50


class GetPatternHealth(Question):
    """Which pattern, and which issues count."""

    pattern_name: Annotated[
        str,
        Field(min_length=1, max_length=200, validation_alias=AliasChoices("pattern_name", "pattern")),
    ]
    """Name, alias or id of a pattern, whatever its case."""
    time_range_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """How far to look back."""
    severity_threshold: Literal["critical", "high", "medium", "low"] = "low"
    """Only issues that are at least so severe count."""


class IssueBreakdown(Part):
    """How many issues there were of each severity."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    """With those whose severity is none of these."""
    low: int = 0


class Evidence(Part):
    """What the verdict rests on."""

    repositories: int
    """How many have the pattern."""
    repository_days: float
    """For how long they had it within the time looked at, together."""
    effective_repository_days: float
    """The same, a day for less the longer it is ago: half after 30 days."""
    issues: int
    """Those of `issue_count` that came after the repository was first seen to have the pattern: for how long
    it had gone without any before, nobody knows."""
    effective_issues: float
    """So many critical issues of today they are worth. High counts 0.7, medium 0.4, low 0.1; half after 30
    days; of the same type in the same repository the second counts a half, the third a third."""


class HealthOfPattern(Answer):
    """How the pattern fares: the original's figure, and what may be concluded from it."""

    pattern: str
    pattern_id: str
    also_meant: list[str]
    """Ids of further patterns that the name may mean; this is about the one that most repositories have."""
    health_score: float | None
    """1 − repositories with issues / repositories with the pattern; None where none has it."""
    estimate: float | None
    """The chance that a repository with the pattern goes a month without an issue as bad as a critical one;
    None where no repository had it for any time."""
    low: float
    high: float
    """The chance is between these in at least 9 of 10 cases."""
    verdict: Verdict
    """healthy from an estimate of 0.9, mostly_healthy from 0.7, warning from 0.5, else critical;
    not_enough_data where the interval reaches from below 0.5 to 0.9 or more, or with fewer than 30 effective
    repository days."""
    evidence: Evidence
    total_repos: int
    repos_with_issues: int
    repos_with_issues_list: list[str]
    """That of the newest issue first, at most 1000."""
    issue_count: int
    """Of repositories with the pattern; false positives do not count."""
    issue_breakdown: IssueBreakdown
    issues: list[IssueRecord]
    """Newest first, at most 10 and 100 kB; `query_known_issues` has the rest."""
    issues_elsewhere: int
    """Issues that name the pattern, of repositories that do not have it: they count for nothing else here."""
    repos_elsewhere_list: list[str]
    """Those repositories, at most 50."""
    recommendation: str
    time_range_days: int
    severity_threshold: str


def get_pattern_health(asked: GetPatternHealth, knowledge: Reading, *, now: datetime) -> HealthOfPattern:
    """Tell how a pattern fared up to `now`, or up to the time that is asked for."""
    pattern = named_pattern(asked.pattern_name, knowledge, further=knowledge.issues.by_pattern.keys())
    days = asked.time_range_days
    until = asked_time(asked.as_of, knowledge, now=now)
    health = knowledge.healths.of(pattern.id, now=until, days=days, least=asked.severity_threshold)
    troubled = health.troubled
    return HealthOfPattern(
        pattern=pattern.name,
        pattern_id=pattern.id,
        also_meant=list(pattern.others),
        health_score=round(health.score, 2) if health.total else None,
        estimate=health.interval.estimate,
        low=health.interval.low,
        high=health.interval.high,
        verdict=health.interval.verdict,
        evidence=_evidence(health),
        total_repos=health.total,
        repos_with_issues=len(troubled),
        repos_with_issues_list=[knowledge.name(page) for page in troubled[:_REPOSITORIES_SHOWN]],
        issue_count=len(health.troubles),
        issue_breakdown=_breakdown(health.troubles),
        issues=fitting(
            (issue_record(trouble, knowledge) for trouble in health.troubles[:_ISSUES_SHOWN]),
            most_bytes=_ISSUES_BYTES,
        ),
        issues_elsewhere=len(health.elsewhere),
        repos_elsewhere_list=_names(health.elsewhere, knowledge)[:_ELSEWHERE_SHOWN],
        recommendation=in_words(health, days=days),
        time_range_days=days,
        severity_threshold=asked.severity_threshold,
    )


def _evidence(health: PatternHealth) -> Evidence:
    return Evidence(
        repositories=health.total,
        repository_days=health.repository_days,
        effective_repository_days=round(health.interval.effective_days, 1),
        issues=health.counted,
        effective_issues=round(health.interval.effective_issues, 3),
    )


def _breakdown(troubles: tuple[Trouble, ...]) -> IssueBreakdown:
    return IssueBreakdown(**Counter(known_severity(trouble.issue.severity) for trouble in troubles))


def _names(troubles: tuple[Trouble, ...], knowledge: Reading) -> list[str]:
    return list(dict.fromkeys(knowledge.name(trouble.repository) for trouble in troubles))


def _run(asked: GetPatternHealth, knowledge: Reading) -> HealthOfPattern:
    return get_pattern_health(asked, knowledge, now=datetime.now(UTC))


SKILL = ReadingSkill(
    id="get_pattern_health",
    name="Get Pattern Health",
    description="How a pattern fares in production: the share of its repositories without issues, the chance"
    " of a month without serious trouble with an interval, a verdict, and the issues. Not enough data is an"
    " answer.",
    tags=("patterns", "health", "analysis", "runtime", "monitoring"),
    input=GetPatternHealth,
    output=HealthOfPattern,
    run=_run,
    is_quick=lambda asked, knowledge: asked.pattern_name.strip().lower() in knowledge.pattern_ids,
    example=GetPatternHealth(pattern_name="Retry backoff"),
)
