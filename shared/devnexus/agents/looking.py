"""Looks at agents, all of them side by side."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from devnexus.agents.failure import AgentFailed
from devnexus.agents.looks import Look
from devnexus.agents.peer import Agent

NO_ANSWER = "no answer"


def look_at(agents: Sequence[Agent], *, clock: Callable[[], float] = time.time) -> tuple[Look, ...]:
    """How each agent is found now, in their order; takes as long as the slowest, some seconds at most."""
    if not agents:
        return ()
    with ThreadPoolExecutor(max_workers=len(agents)) as pool:
        return tuple(pool.map(lambda agent: _look(agent, clock), agents))


def _look(agent: Agent, clock: Callable[[], float]) -> Look:
    at, began = clock(), time.monotonic()
    try:
        health = agent.health()
        healthy, status, detail = health.healthy, health.status, health.detail
    except AgentFailed as failed:
        healthy, status, detail = False, NO_ANSWER, f"{failed.happened}. {failed.remedy}"
    latency_ms = round((time.monotonic() - began) * 1000)
    return Look(agent=agent.name, at=at, healthy=healthy, status=status, latency_ms=latency_ms, detail=detail)
