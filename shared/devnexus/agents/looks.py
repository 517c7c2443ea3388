"""What was seen of agents, look after look, and what that says of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

DAY_SECONDS = 24 * 3600.0
KEPT_SECONDS = 30 * DAY_SECONDS


@dataclass(frozen=True)
class Look:
    """How an agent was found at one moment."""

    agent: str
    at: float
    healthy: bool
    status: str
    """In the agent's own word; `no answer` where it gave none."""
    latency_ms: int
    detail: str = ""
    """What it lacks, or what went wrong, with the remedy."""


class Looks(Protocol):
    """Where looks are kept. Every method raises Unavailable if the store did not answer."""

    def keep(self, looks: Sequence[Look], *, now: float) -> None:
        """Keep these, and forget those of more than 30 days ago."""

    def after(self, moment: float) -> Sequence[Look]:
        """Those that were taken after `moment`, oldest first."""

    def newest(self) -> Mapping[str, Look]:
        """The last of each agent."""


@dataclass(frozen=True)
class Standing:
    """How an agent is, since when it is so, and how often it was well."""

    last: Look
    since: float
    """The first of the looks up to the last that all found it well, or all not."""
    availability: float | None
    """The share of the looks of the last 24 hours that found it well; None without any."""


def standings(looks: Iterable[Look], *, now: float) -> Mapping[str, Standing]:
    """What `looks` say of each agent, by its name."""
    in_order = sorted(looks, key=lambda look: (look.agent, look.at))
    return {
        agent: _standing(list(some), now) for agent, some in groupby(in_order, key=lambda look: look.agent)
    }


def _standing(looks: Sequence[Look], now: float) -> Standing:
    last = looks[-1]
    since = last.at
    for look in reversed(looks):
        if look.healthy is not last.healthy:
            break
        since = look.at
    recent = [look.healthy for look in looks if look.at > now - DAY_SECONDS]
    return Standing(last=last, since=since, availability=sum(recent) / len(recent) if recent else None)
