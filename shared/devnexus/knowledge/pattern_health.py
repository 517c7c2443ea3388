"""How patterns fare in production: the share of the repositories with one that had no trouble with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from devnexus.knowledge.health_interval import SEVERITIES, Interval, Weighed, interval, known_severity
from devnexus.knowledge.known_issues import KnownIssues, Trouble
from devnexus.knowledge.projection import Projection

_NO_ISSUE = "false_positive"
_DAY_SECONDS = 86_400.0

_Days = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PatternHealth:
    """How one pattern fared; what was no issue after all does not count."""

    total: int
    """How many repositories have the pattern."""
    troubles: tuple[Trouble, ...]
    """What those repositories had with it in the time asked for, newest first."""
    elsewhere: tuple[Trouble, ...]
    """The same of repositories in which it does not stand: they count for nothing else here."""
    repository_days: float
    """For how long the repositories had it in that time, together."""
    interval: Interval
    counted: int
    """How many of `troubles` the interval counts: those since it was seen that the repository has it."""

    @property
    def troubled(self) -> tuple[Projection, ...]:
        """The repositories that had an issue with it, each once, that of the newest issue first."""
        return tuple({one.repository.repository_id: one.repository for one in self.troubles}.values())

    @property
    def score(self) -> float:
        """1 − repositories with issues / repositories, the original's figure; 1.0 where nobody uses it.

        Neither how many issues there were nor how severe they were weighs.
        """
        return (self.total - len(self.troubled)) / self.total if self.total else 1.0


class PatternHealths:
    """How every pattern fares, as far as one state of the knowledge tells; `of` is asked often."""

    def __init__(self, having: Mapping[str, Sequence[Projection]], issues: KnownIssues) -> None:
        """`having` is: id of a pattern → the repositories it stands in."""
        self._having = having
        self._issues = issues
        self._since: dict[str, _Days] = {}

    def of(self, id_: str, *, now: datetime, days: int = 30, least: str = "low") -> PatternHealth:
        """How a pattern fared in the last `days`, as issues tell that are no less severe than `least`."""
        since = now - timedelta(days=days)
        counting = set(list(SEVERITIES)[: list(SEVERITIES).index(least) + 1])
        here: list[Trouble] = []
        elsewhere: list[Trouble] = []
        for trouble in self._issues.with_pattern(id_):
            issue = trouble.issue
            if issue.detected_at <= since:
                break
            if issue.status != _NO_ISSUE and known_severity(issue.severity) in counting:
                (here if id_ in trouble.repository.standing_patterns else elsewhere).append(trouble)
        weighed = [_weighed(trouble, now) for trouble in here if _happened_with(id_, trouble)]
        had = np.clip(now.timestamp() / _DAY_SECONDS - self._days_since(id_), 0.0, float(days))
        return PatternHealth(
            total=len(self._having.get(id_, ())),
            troubles=tuple(here),
            elsewhere=tuple(elsewhere),
            repository_days=round(float(np.sum(had)), 1),
            interval=interval(had, weighed),
            counted=len(weighed),
        )

    def _days_since(self, id_: str) -> _Days:
        """The day, counted from 1970, on which each of the repositories came to have the pattern."""
        if id_ not in self._since:
            pages = self._having.get(id_, ())
            first = [page.standing_patterns[id_].first_seen.at.timestamp() / _DAY_SECONDS for page in pages]
            self._since[id_] = np.array(first, dtype=np.float64)
        return self._since[id_]


def _happened_with(id_: str, trouble: Trouble) -> bool:
    """Whether it was seen before that the repository has it: for how long it had, nobody knows."""
    return trouble.issue.detected_at >= trouble.repository.standing_patterns[id_].first_seen.at


def _weighed(trouble: Trouble, now: datetime) -> Weighed:
    issue = trouble.issue
    return Weighed(
        who_and_what=(trouble.repository.repository_id, issue.issue_type),
        severity=issue.severity,
        age_days=(now - issue.detected_at).total_seconds() / _DAY_SECONDS,
    )
