"""From verdicts to a score and a word for it."""

from collections.abc import Iterable
from typing import Literal

from a2a_gateway.documentation.standards import severity_of
from a2a_gateway.documentation.verdict import Verdict
from devnexus.people.documentation import Severity

Status = Literal["compliant", "mostly_compliant", "needs_improvement", "non_compliant"]

WEIGHTS: dict[Severity, int] = {"critical": 10, "high": 5, "medium": 2, "low": 1}
EMOJI: dict[Status, str] = {
    "compliant": "✅",
    "mostly_compliant": "🟢",
    "needs_improvement": "🟡",
    "non_compliant": "🔴",
}

_MOSTLY = 0.75
_COMPLIANT = 0.9
_BAD = 0.5


def score(verdicts: Iterable[Verdict]) -> float | None:
    """How much of what was looked at is right, from 0 to 1; None where nothing was looked at.

    A rule counts as its severity says (10, 5, 2, 1), and for the share of what it looked at that is right.
    """
    right = weight = 0.0
    for verdict in verdicts:
        if verdict.looked_at:
            counts = WEIGHTS[severity_of(verdict.rule)]
            weight += counts
            right += counts * (1 - min(verdict.missed / verdict.looked_at, 1))
    return right / weight if weight else None


def status(points: float, verdicts: Iterable[Verdict]) -> Status:
    """compliant: from 0.9, and nothing critical or high. mostly_compliant: from 0.75, and nothing critical.
    needs_improvement: from 0.5, and nothing critical. non_compliant: the rest."""
    worst = {severity_of(verdict.rule) for verdict in verdicts if verdict.missed}
    if "critical" in worst or points < _BAD:
        return "non_compliant"
    if points < _MOSTLY:
        return "needs_improvement"
    return "mostly_compliant" if points < _COMPLIANT or "high" in worst else "compliant"
