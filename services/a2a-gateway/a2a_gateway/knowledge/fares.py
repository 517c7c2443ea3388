"""How a pattern fares, in the words that skills and pages share."""

from devnexus.knowledge.health_interval import Verdict
from devnexus.knowledge.pattern_health import PatternHealth

_BEGINNINGS: dict[Verdict, str] = {
    "healthy": "Healthy",
    "mostly_healthy": "Mostly healthy: look at the known issues before you take it up",
    "warning": "Warning: understand the known issues first, and watch what you deploy",
    "critical": "Critical: do not take it up before the known issues are solved",
    "not_enough_data": "Not enough data to tell",
}


def in_words(health: PatternHealth, *, days: int) -> str:
    """What to make of it, and what that rests on."""
    known = health.interval
    had = (
        f"In the last {days} days {len(health.troubled)} of {_repositories(health.total)} had issues with it"
    )
    if known.estimate is None:
        return f"{_BEGINNINGS[known.verdict]}. {had}."
    chance = "The chance that a repository that has it goes a month without serious trouble is"
    if known.verdict == "not_enough_data":
        rests = f"{chance} somewhere between {known.low:.2f} and {known.high:.2f}"
    else:
        rests = f"{chance} {known.estimate:.2f} ({known.low:.2f} to {known.high:.2f})"
    return f"{_BEGINNINGS[known.verdict]}. {had}. {rests}."


def _repositories(count: int) -> str:
    return f"{count} {'repository' if count == 1 else 'repositories'}"
