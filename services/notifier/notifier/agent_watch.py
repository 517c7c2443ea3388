"""Watches over the agents that we work with: how each is found is kept, so that a failure has a history.

On Cloud Run a thread gets CPU only during requests, so Scheduler calls `POST /agents/health`; elsewhere
nobody does, and the thread is enough. Both at once do no harm.
"""

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, jsonify

from devnexus.agents import Agent
from devnexus.agents.looking import look_at
from devnexus.agents.looks import Look, Looks
from devnexus.errors import Unavailable

EVERY_SECONDS = 300.0
_GLANCE_SECONDS = 30.0
"""How often the thread sees whether it is time."""

_log = logging.getLogger(__name__)


class AgentWatch:
    """Looks at every agent when asked, or when nobody has for five minutes."""

    def __init__(
        self, agents: Sequence[Agent], *, looks: Looks, clock: Callable[[], float] = time.time
    ) -> None:
        self._agents = agents
        self._looks = looks
        self._clock = clock

    def look(self) -> tuple[Look, ...]:
        """How each agent is found now; logs only what is otherwise than before. Raises Unavailable."""
        before = self._looks.newest()
        found = look_at(self._agents, clock=self._clock)
        self._looks.keep(found, now=self._clock())
        for look in found:
            known = before.get(look.agent)
            _log_change(look, was_healthy=known.healthy if known else None)
        return found

    def look_if_due(self) -> tuple[Look, ...]:
        """As `look`, unless any process has looked at all of them in the last five minutes."""
        known = self._looks.newest()
        due_before = self._clock() - EVERY_SECONDS
        ages = [known[agent.name].at if agent.name in known else 0.0 for agent in self._agents]
        return self.look() if ages and min(ages) <= due_before else ()


def watch_routes(watch: AgentWatch) -> Blueprint:
    """`POST /agents/health`: look at every agent and say how it was found; 503 without the store."""
    blueprint = Blueprint("agents", __name__)

    @blueprint.post("/agents/health")
    def agents_health() -> tuple[Response, int]:
        try:
            return jsonify(agents=[dataclasses.asdict(look) for look in watch.look()]), 200
        except Unavailable as error:
            _log.warning("not now: %s", error)
            return jsonify(error=str(error)), 503

    return blueprint


def start_watching(
    watch: AgentWatch, stop: threading.Event, *, seconds: float = _GLANCE_SECONDS
) -> threading.Thread:
    """Look whenever it is due, in a thread of its own, until `stop`."""
    thread = threading.Thread(
        target=_watch_until, args=(watch, stop, seconds), name="watching agents", daemon=True
    )
    thread.start()
    return thread


def _watch_until(watch: AgentWatch, stop: threading.Event, seconds: float) -> None:
    while not stop.is_set():
        try:
            watch.look_if_due()
        except Unavailable as error:
            _log.warning("not now: %s", error)
        except Exception:  # noqa: BLE001 - a bug with one agent must not end the watch over the others
            _log.exception("a look at the agents failed")
        stop.wait(seconds)


def _log_change(look: Look, *, was_healthy: bool | None) -> None:
    fields = {"agent": look.agent, "agent_status": look.status, "latency_ms": look.latency_ms}
    if look.healthy and was_healthy is False:
        _log.info("%s is well again", look.agent, extra=fields)
    elif not look.healthy and was_healthy is not False:
        _log.warning("%s is not well (%s): %s", look.agent, look.status, look.detail, extra=fields)
