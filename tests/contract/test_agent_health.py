"""The watch over the agents: what is found, what is kept of it, who looks when."""

import logging
import threading
import time

import pytest
from fakes.agents import LogAttackerStandIn, OrchestratorStandIn, says
from flask import Flask

from devnexus.agents import open_agents
from devnexus.agents.looking import look_at
from devnexus.agents.looks import KEPT_SECONDS, Look, standings
from devnexus.agents.sql_looks import TABLES, SqlLooks
from devnexus.errors import Unavailable
from devnexus.state import create_tables, open_state
from notifier.agent_watch import AgentWatch, start_watching, watch_routes

MINUTE = 60.0


class World:
    """Two agents, a store and a clock."""

    def __init__(self, database_url):
        self.now = 1_790_000_000.0
        self.engine = open_state(database_url)
        create_tables(self.engine, TABLES)
        self.looks = SqlLooks(self.engine)

    def watch(self, **agents):
        urls = {name: agent.url for name, agent in agents.items()}
        opened = open_agents({"ALLOW_PRIVATE_TARGETS": "true", **urls}).all()
        return AgentWatch(opened, looks=self.looks, clock=lambda: self.now)


@pytest.fixture
def world(database_url):
    made = World(database_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def agents():
    with OrchestratorStandIn() as orchestrator, LogAttackerStandIn() as log_attacker:
        yield {"ORCHESTRATOR_URL": orchestrator, "LOG_ATTACKER_URL": log_attacker}


def test_a_look_says_how_each_agent_is_and_is_kept(world, agents):
    found = world.watch(**agents).look()
    assert [(one.agent, one.healthy, one.status) for one in found] == [
        ("orchestrator", True, "healthy"),
        ("log-attacker", True, "healthy"),
    ]
    assert world.looks.after(0) == list(found)
    assert world.looks.newest() == {one.agent: one for one in found}


def test_an_outage_has_a_beginning_an_end_and_a_reason(world, agents):
    watch = world.watch(**agents)
    watch.look()
    agents["ORCHESTRATOR_URL"].answers.trouble = says(503, {"error": "starting"})
    down_since = world.now = world.now + 5 * MINUTE
    watch.look()
    world.now += 5 * MINUTE
    watch.look()
    found = standings(world.looks.after(0), now=world.now)["orchestrator"]
    assert (found.last.healthy, found.since, found.availability) == (False, down_since, 1 / 3)
    assert (found.last.status, found.last.detail.partition(". ")[0]) == (
        "no answer",
        'it answered 503 ("starting")',
    )
    agents["ORCHESTRATOR_URL"].answers.trouble = None
    world.now += 5 * MINUTE
    watch.look()
    found = standings(world.looks.after(0), now=world.now)
    assert (found["orchestrator"].last.healthy, found["orchestrator"].since) == (True, world.now)
    assert found["log-attacker"].availability == 1.0


def test_a_change_is_logged_once_and_what_stays_as_it_was_is_not(world, agents, caplog):
    caplog.set_level(logging.INFO, logger="notifier.agent_watch")
    watch = world.watch(**agents)
    for trouble in (None, says(500, {}), says(500, {}), None, None):
        agents["LOG_ATTACKER_URL"].answers.trouble = trouble
        world.now += 5 * MINUTE
        watch.look()
    assert [(record.levelname, record.agent) for record in caplog.records] == [
        ("WARNING", "log-attacker"),
        ("INFO", "log-attacker"),
    ]


def test_the_agents_are_looked_at_side_by_side():
    with OrchestratorStandIn() as one, LogAttackerStandIn() as other:
        for agent in (one, other):
            agent.answers.trouble = lambda handler: (time.sleep(0.5), says(200, {"status": "ok"})(handler))
        began = time.monotonic()
        urls = {"ORCHESTRATOR_URL": one.url, "LOG_ATTACKER_URL": other.url}
        found = look_at(open_agents({"ALLOW_PRIVATE_TARGETS": "true", **urls}).all())
    assert time.monotonic() - began < 0.9
    assert [one.latency_ms >= 500 for one in found] == [True, True]


def test_looks_of_more_than_30_days_ago_are_forgotten(world):
    def look(at):
        return Look(agent="a", at=at, healthy=True, status="healthy", latency_ms=1)

    old, newer = look(world.now - KEPT_SECONDS - 1), look(world.now - KEPT_SECONDS + 1)
    world.looks.keep([old, newer], now=world.now - 10)
    assert world.looks.after(0) == [old, newer]
    world.looks.keep([], now=world.now)
    assert world.looks.after(0) == [newer]
    assert world.looks.after(newer.at) == []


def test_nobody_looks_again_before_five_minutes_are_over_whoever_looked_last(world, agents):
    first, second = world.watch(**agents), world.watch(**agents)
    assert len(first.look_if_due()) == 2
    world.now += 4 * MINUTE
    assert (first.look_if_due(), second.look_if_due()) == ((), ())
    world.now += 1 * MINUTE
    assert len(second.look_if_due()) == 2
    assert first.look_if_due() == ()


def test_without_agents_there_is_nothing_to_look_at(world):
    assert (world.watch().look(), world.watch().look_if_due()) == ((), ())


def post(watch):
    app = Flask(__name__)
    app.register_blueprint(watch_routes(watch))
    return app.test_client().post("/agents/health")


def test_whoever_asks_for_a_look_is_told_what_was_found(world, agents):
    agents["LOG_ATTACKER_URL"].answers.status = "degraded"
    answer = post(world.watch(**agents))
    assert (answer.status_code, [one["healthy"] for one in answer.json["agents"]]) == (200, [True, False])
    lacking = answer.json["agents"][1]
    assert lacking.pop("latency_ms") >= 0
    assert lacking == {
        "agent": "log-attacker",
        "at": world.now,
        "healthy": False,
        "status": "degraded",
        "detail": "gemini_configured: false",
    }


class Away:
    """A store that does not answer the first time."""

    def __init__(self, looks):
        self.looks, self.asked = looks, 0

    def newest(self):
        self.asked += 1
        if self.asked == 1:
            raise Unavailable("no store")
        return self.looks.newest()

    def keep(self, looks, *, now):
        self.looks.keep(looks, now=now)


def test_without_the_store_a_look_is_to_be_repeated(world):
    assert post(AgentWatch((), looks=Away(world.looks))).status_code == 503


def test_the_thread_goes_on_after_an_outage_of_the_store_and_ends_when_asked(world):
    stop = threading.Event()
    with OrchestratorStandIn() as agent:
        opened = open_agents({"ALLOW_PRIVATE_TARGETS": "true", "ORCHESTRATOR_URL": agent.url}).all()
        thread = start_watching(AgentWatch(opened, looks=Away(world.looks)), stop, seconds=0.01)
        until = time.monotonic() + 10
        while not world.looks.newest() and time.monotonic() < until:
            time.sleep(0.01)
        stop.set()
        thread.join(10)
    assert (thread.is_alive(), list(world.looks.newest())) == (False, ["orchestrator"])
