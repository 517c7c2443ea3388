"""How sure the health of a pattern is: the chance of a month without serious trouble, with an interval.

Issues with a pattern are taken to come like calls to a switchboard, at a rate per repository that has it: a
Poisson process. Looking back, an hour counts for less the longer ago it was, with its issues and with the
repositories that had none, as Harvey and Fernandes discount counts ("Time Series Models for Count or
Qualitative Observations", Journal of Business & Economic Statistics 7, 1989). What the rate may be is then
Jeffreys' posterior of a Poisson rate, a gamma distribution (Brown, Cai and DasGupta, "Interval Estimation in
Exponential Families", Statistica Sinica 13, 2003), whose quantiles are those of Wilson and Hilferty ("The
Distribution of Chi-Square", PNAS 17, 1931): at most 0.012 off in the chance that is told.

`docs/pattern-health.md` has an example, and how often the interval is right.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

WARNING, CRITICAL = 0.7, 0.5
"""Below these a pattern is in trouble, and in much trouble; the original's, as is the next."""
HEALTHY = 0.9

MONTH_DAYS = 30.0
HALF_LIFE_DAYS = 30.0
"""So long ago, what happened or did not happen counts half."""

SEVERITIES = {"critical": 1.0, "high": 0.7, "medium": 0.4, "low": 0.1}
"""What an issue counts for, the worst first."""
UNKNOWN_SEVERITY = "medium"
"""What one counts as whose severity is none of these: an import may call it anything."""

LEAST_DAYS = 30.0
"""Fewer effective days of repositories say nothing, whatever happened in them."""

_JEFFREYS = 0.5
_Z_90 = 1.6448536269514722
"""5 % of a normal distribution are above it."""

Verdict = Literal["healthy", "mostly_healthy", "warning", "critical", "not_enough_data"]


class Weighed(NamedTuple):
    """One issue as the interval counts it."""

    who_and_what: tuple[str, str]
    """The repository and the kind of issue: the same trouble there again says less each time."""
    severity: str
    age_days: float


@dataclass(frozen=True)
class Interval:
    """The chance that a repository with the pattern goes a month without an issue that counts like a critical
    one."""

    estimate: float | None
    """None where no repository had the pattern for any time."""
    low: float
    high: float
    """It is between these in at least 9 of 10 cases; 0 and 1 where nothing is known."""
    effective_issues: float
    """Each issue by its severity, its age, and how often that repository had the same."""
    effective_days: float
    """The days that repositories had the pattern, each by how long ago it was."""

    @property
    def verdict(self) -> Verdict:
        """By the estimate; not enough data where the pattern may be healthy as well as critical."""
        is_open = self.low < CRITICAL and self.high >= HEALTHY
        if self.estimate is None or self.effective_days < LEAST_DAYS or is_open:
            return "not_enough_data"
        if self.estimate >= HEALTHY:
            return "healthy"
        if self.estimate >= WARNING:
            return "mostly_healthy"
        return "warning" if self.estimate >= CRITICAL else "critical"


def interval(days_had: npt.NDArray[np.float64], issues: Iterable[Weighed]) -> Interval:
    """What is known from repositories that had the pattern for so many days up to now, and their issues.

    Never rises with an issue more, or a newer or more severe one; never falls with more days.
    """
    count, days = effective_issues(issues), effective_days(days_had)
    if not days:
        return Interval(estimate=None, low=0.0, high=1.0, effective_issues=count, effective_days=0.0)
    most = gamma_quantile(count + _JEFFREYS, _Z_90)
    least = gamma_quantile(count + _JEFFREYS, -_Z_90)
    return Interval(
        estimate=_spared(count, days),
        low=_spared(most, days),
        high=_spared(least, days),
        effective_issues=count,
        effective_days=days,
    )


def effective_days(days_had: npt.NDArray[np.float64]) -> float:
    """So many days of now those days of repositories are worth."""
    if not len(days_had):
        return 0.0
    return float(np.sum(1 - np.exp2(-days_had / HALF_LIFE_DAYS)) * HALF_LIFE_DAYS / math.log(2))


def effective_issues(issues: Iterable[Weighed]) -> float:
    """So many critical issues of now they are worth; of one kind in one repository the second a half, and
    so on."""
    again: dict[tuple[str, str], list[float]] = defaultdict(list)
    for issue in issues:
        again[issue.who_and_what].append(_weight(issue))
    return math.fsum(
        weight / rank for some in again.values() for rank, weight in enumerate(sorted(some, reverse=True), 1)
    )


@lru_cache(maxsize=1000)
def known_severity(severity: str) -> str:
    """The one of SEVERITIES that is meant."""
    lowered = severity.strip().lower()
    return lowered if lowered in SEVERITIES else UNKNOWN_SEVERITY


def gamma_quantile(shape: float, z: float) -> float:
    """The value that a gamma distribution of scale 1 stays below as often as a normal one stays below `z`."""
    return shape * max(0.0, 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))) ** 3


def _weight(issue: Weighed) -> float:
    return SEVERITIES[known_severity(issue.severity)] * 2 ** -(max(0.0, issue.age_days) / HALF_LIFE_DAYS)


def _spared(issues: float, days: float) -> float:
    """The chance of a month without any, where so many came in so many days."""
    return round(math.exp(-issues * MONTH_DAYS / days), 3)
