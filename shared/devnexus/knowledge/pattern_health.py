"""How patterns fare in production: the share of the repositories with one that had no trouble with it."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from devnexus.knowledge.health_interval import SEVERITIES, Interval, Weighed, interval, known_severity
from devnexus.knowledge.known_issues import KnownIssues, Trouble
from devnexus.knowledge.projection import Projection

_NO_ISSUE = "false_positive"
_DAY_SECONDS = 86_400.0

_AHEAD = _DAY_SECONDS
"""So far others' clocks may be ahead; what is said to happen later never counts."""

_RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}

_Floats = npt.NDArray[np.float64]


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

    @cached_property
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
        self._known: dict[str, tuple[_Floats, Sequence[_Case]]] = {}

    def of(self, id_: str, *, now: datetime, days: int = 30, least: str = "low") -> PatternHealth:
        """How a pattern fared in the last `days`, as issues tell that are no less severe than `least`."""
        if id_ not in self._known:
            self._known[id_] = self._first_seen(id_), self._cases(id_)
        first_seen, cases = self._known[id_]
        until, since = now.timestamp(), now.timestamp() - days * _DAY_SECONDS
        newest, oldest = (
            bisect_left(cases, -at, key=lambda case: -case.at) for at in (until + _AHEAD, since)
        )
        recent = cases[newest:oldest]
        counting = [case for case in recent if case.rank <= _RANKS[least]]
        here = [case for case in counting if case.is_here]
        had = np.clip((until - first_seen) / _DAY_SECONDS, 0.0, float(days))
        weighed = [case.weighed(until) for case in here if case.is_since_seen]
        return PatternHealth(
            total=len(first_seen),
            troubles=tuple(case.trouble for case in here),
            elsewhere=tuple(case.trouble for case in counting if not case.is_here),
            repository_days=round(float(np.sum(had)), 1),
            interval=interval(had, weighed),
            counted=len(weighed),
        )

    def _first_seen(self, id_: str) -> _Floats:
        pages = self._having.get(id_, ())
        first = [page.standing_patterns[id_].first_seen.at.timestamp() for page in pages]
        return np.array(first, dtype=np.float64)

    def _cases(self, id_: str) -> Sequence["_Case"]:
        found = (_case(trouble, id_) for trouble in self._issues.with_pattern(id_))
        return [case for case in found if case.trouble.issue.status != _NO_ISSUE]


class _Case(NamedTuple):
    """An issue with one pattern, and what of it takes long to find out again and again."""

    trouble: Trouble
    at: float
    rank: int
    who_and_what: tuple[str, str]
    is_here: bool
    """Whether the pattern stands in the repository that had it."""
    is_since_seen: bool
    """Whether it was seen before that it does: for how long it had, nobody knows."""

    def weighed(self, now: float) -> Weighed:
        age_days = (now - self.at) / _DAY_SECONDS
        return Weighed(self.who_and_what, self.trouble.issue.severity, age_days)


def _case(trouble: Trouble, id_: str) -> _Case:
    page, issue = trouble.repository, trouble.issue
    standing = page.standing_patterns.get(id_)
    return _Case(
        trouble=trouble,
        at=issue.detected_at.timestamp(),
        rank=_RANKS[known_severity(issue.severity)],
        who_and_what=(page.repository_id, issue.issue_type),
        is_here=standing is not None,
        is_since_seen=standing is not None and issue.detected_at >= standing.first_seen.at,
    )
