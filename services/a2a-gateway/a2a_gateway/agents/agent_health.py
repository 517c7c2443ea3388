"""How other agents are: asked now, all of them side by side, beside how they were before."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime

from a2a_gateway.answer import Part
from devnexus.agents import Agent
from devnexus.agents.looking import NO_ANSWER, look_at
from devnexus.agents.looks import Look, Standing
from devnexus.printable import printable
from devnexus.timestamps import Timestamp

LIMIT_SECONDS = 5.0
"""For all of them together."""


class AgentHealth(Part):
    """How one agent is."""

    healthy: bool
    status: str
    """In its own word; `no answer` where it gave none, `not configured` where nobody knows its address."""
    latency_ms: int | None = None
    why: str = ""
    """What it lacks, or what went wrong and what to do about it."""
    since: Timestamp | None = None
    """Since when it has been well, or not; null where nobody looked before."""
    availability: float | None = None
    """The share of the looks of the last 24 hours that found it well; null without any."""


def ask_how_they_are(
    agents: Sequence[Agent], *, now: datetime, limit_seconds: float = LIMIT_SECONDS
) -> Mapping[str, Look]:
    """How each is found, by its name; one that says nothing within the limit is not well."""
    if not agents:
        return {}
    pool = ThreadPoolExecutor(max_workers=len(agents))
    try:
        asked = {agent.name: pool.submit(look_at, [agent]) for agent in agents}
        wait(asked.values(), timeout=limit_seconds)
    finally:
        pool.shutdown(wait=False)  # each request ends by itself
    return {name: _look(name, answer, now, limit_seconds) for name, answer in asked.items()}


def health_of(look: Look, standing: Standing | None) -> AgentHealth:
    """What was found now, with what is known from before."""
    found = AgentHealth(
        healthy=look.healthy, status=look.status, latency_ms=look.latency_ms, why=printable(look.detail)
    )
    if standing is None:
        return found
    since = standing.since if standing.last.healthy is look.healthy else look.at
    return found.model_copy(
        update={"since": datetime.fromtimestamp(since, UTC), "availability": standing.availability}
    )


def _look(name: str, answer: Future[tuple[Look, ...]], now: datetime, limit_seconds: float) -> Look:
    if answer.done():
        return answer.result()[0]
    return Look(
        agent=name,
        at=now.timestamp(),
        healthy=False,
        status=NO_ANSWER,
        latency_ms=round(limit_seconds * 1000),
        detail="no answer in time",
    )
