"""What other agents know of a deployment, all of them asked side by side and none waited for too long.

The log-attacker is asked how it is, and not to analyse logs: that may take minutes, costs a model's time at
each call, and keeps its every other caller waiting meanwhile. What it found before has been reported as
runtime issues, which are known here.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from a2a_gateway.agents.deployment import Degraded
from devnexus.agents import AgentFailed, Agents, Health
from devnexus.agents.log_attacker import NAME as LOG_ATTACKER
from devnexus.agents.log_attacker import URL as LOG_ATTACKER_URL
from devnexus.agents.orchestrator import NAME as ORCHESTRATOR
from devnexus.agents.orchestrator import URL as ORCHESTRATOR_URL
from devnexus.agents.orchestrator import Dependencies
from devnexus.printable import printable

LIMIT_SECONDS = 6.0
"""For all of them together."""

_SHARE = 0.8
"""The part of the limit that one request may take; the rest is for finding where it goes."""

T = TypeVar("T")


@dataclass(frozen=True)
class Heard:
    """What the agents said. What is None, `degraded` says why of."""

    dependencies: Dependencies | None
    health: Health | None
    """The log-attacker's."""
    degraded: tuple[Degraded, ...]


def hear(agents: Agents, repository: str, *, limit_seconds: float = LIMIT_SECONDS) -> Heard:
    """What the agents say within the limit. An agent that says nothing is no error."""
    until = time.monotonic() + limit_seconds
    degraded: list[Degraded] = []
    pool = ThreadPoolExecutor(max_workers=2)
    try:
        asked, greeted = _asked(agents, repository, pool, limit_seconds * _SHARE)
        dependencies = _said(asked, ORCHESTRATOR, ORCHESTRATOR_URL, until, degraded)
        health = _said(greeted, LOG_ATTACKER, LOG_ATTACKER_URL, until, degraded)
    finally:
        pool.shutdown(wait=False)  # each request ends by itself
    if health and not health.healthy:
        degraded.append(Degraded(agent=LOG_ATTACKER, why=_unwell(health)))
    return Heard(dependencies=dependencies, health=health, degraded=tuple(degraded))


def _asked(
    agents: Agents, repository: str, pool: ThreadPoolExecutor, seconds: float
) -> tuple[Future[Dependencies] | None, Future[Health] | None]:
    orchestrator, log_attacker = agents.orchestrator, agents.log_attacker
    return (
        pool.submit(orchestrator.dependencies, repository, seconds=seconds) if orchestrator else None,
        pool.submit(log_attacker.health) if log_attacker else None,
    )


def _said(
    answer: Future[T] | None, agent: str, variable: str, until: float, degraded: list[Degraded]
) -> T | None:
    if answer is None:
        degraded.append(Degraded(agent=agent, why=f"not configured: {variable} is not set"))
        return None
    try:
        return answer.result(timeout=max(until - time.monotonic(), 0))
    except AgentFailed as failed:
        why = f"{failed.happened}. {failed.remedy}"
    except TimeoutError:
        why = "no answer in time"
    degraded.append(Degraded(agent=agent, why=printable(why)))
    return None


def _unwell(health: Health) -> str:
    return printable(f"it says that it is {health.status}" + (f" ({health.detail})" if health.detail else ""))
