"""How things fare in production: the health of a pattern, and what is open in a repository."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from a2a_gateway.knowledge.fares import in_words
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.links import Link, repository_link
from a2a_gateway.pages.lists import pattern_in
from devnexus.knowledge.known_issues import Trouble, open_issues
from devnexus.knowledge.projection import Projection

DAYS = 30
"""How far back the health of a pattern looks, as the skill does that is not told otherwise."""

_ISSUES_SHOWN = 10
_LONGEST = 300


@dataclass(frozen=True)
class IssueLine:
    """An issue in one line."""

    at: datetime
    repository: Link
    severity: str
    kind: str
    status: str
    cause: str
    """The root cause where it is known, else how its log begins."""
    patterns: Sequence[Link]
    """What it names, leading to its page where it stands anywhere."""


@dataclass(frozen=True)
class HealthShown:
    """How a pattern fares."""

    score: str
    words: str
    issues: Sequence[IssueLine]
    more: int
    """How many further issues there are."""
    elsewhere: int
    """How many issues name it in repositories that do not have it."""


def health_shown(reading: Reading, id_: str, now: datetime) -> HealthShown:
    """What `get_pattern_health` says of a pattern."""
    health = reading.healths.of(id_, now=now, days=DAYS)
    return HealthShown(
        score=f"{health.score:.2f}",
        words=in_words(health, days=DAYS),
        issues=_lines(reading, health.troubles[:_ISSUES_SHOWN]),
        more=len(health.troubles[_ISSUES_SHOWN:]),
        elsewhere=len(health.elsewhere),
    )


def open_lines(reading: Reading, projection: Projection) -> tuple[Sequence[IssueLine], int]:
    """What is open in a repository, the newest first, and how many more there are."""
    found = open_issues(projection)
    return _lines(reading, found[:_ISSUES_SHOWN]), len(found[_ISSUES_SHOWN:])


def _lines(reading: Reading, troubles: Iterable[Trouble]) -> list[IssueLine]:
    return [_line(reading, trouble) for trouble in troubles]


def _line(reading: Reading, trouble: Trouble) -> IssueLine:
    issue = trouble.issue
    return IssueLine(
        at=issue.detected_at,
        repository=repository_link(reading.name(trouble.repository)),
        severity=issue.severity,
        kind=issue.issue_type,
        status=issue.status,
        cause=(issue.root_cause or issue.logs or "")[:_LONGEST],
        patterns=_patterns(reading, issue.pattern_reference or ""),
    )


def _patterns(reading: Reading, named: str) -> list[Link]:
    standing = sorted(id_ for id_ in reading.patterns_meant(named) if id_ in reading.having)
    links = [pattern_in(reading, id_, reading.having[id_][0].standing_patterns[id_].name) for id_ in standing]
    return links or ([Link(named)] if named else [])
