"""What asking Claude has cost, and what is left of today's budget."""

from dataclasses import dataclass
from datetime import datetime

from extractor.claude.request import Usage


@dataclass(frozen=True)
class Taken:
    """What some calls took."""

    calls: int
    """Answered ones."""
    in_batches: int
    """Of these, those for half the price."""
    usage: Usage
    cost_usd: float


@dataclass(frozen=True)
class DayCosts:
    """One model on one day (UTC)."""

    day: str
    model: str
    taken: Taken


@dataclass(frozen=True)
class RepositoryCosts:
    """One repository in the whole time."""

    id: str
    name: str
    taken: Taken


@dataclass(frozen=True)
class Costs:
    """What was found out about a time."""

    since: str
    """Its first day."""
    today: str
    days: tuple[DayCosts, ...]
    """The newest first."""
    dearest: tuple[RepositoryCosts, ...]
    total: Taken
    open_calls: int
    """Made or about to be, and not answered yet."""
    lost_calls: int
    """Of these, those whose outcome nobody will tell any more: they may be paid for."""
    used_today: int
    """Of the day's budget, batches included."""
    busiest_today: tuple[str, int] | None
    """The repository that used most of it: its name, and how many."""
    waiting: int
    """Pushes and snapshots that Claude has yet to read."""
    waiting_since: datetime | None
