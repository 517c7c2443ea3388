"""What is asked of other agents: how they are, and what the pattern-miner says of a repository."""

import time
from datetime import UTC, datetime

import pytest
from builders import known
from fakes.agents import LogAttackerStandIn, OrchestratorStandIn, PatternMinerStandIn, says, slow

from a2a_gateway.agents.agent_health import ask_how_they_are
from a2a_gateway.callers.caller import Caller
from devnexus.agents import Agents, open_agents
from devnexus.agents.looks import Look, Standing

WRITER = Caller("ana@example.com", is_verified=True, may_write=True)
READER = Caller("ben@example.com", is_verified=True)
DAY = 24 * 3600.0


def opened(orchestrator=None, log_attacker=None, pattern_miner=None):
    urls = {
        "ORCHESTRATOR_URL": orchestrator,
        "LOG_ATTACKER_URL": log_attacker,
        "PATTERN_MINER_URL": pattern_miner,
    }
    return open_agents(
        {"ALLOW_PRIVATE_TARGETS": "true", **{name: agent.url for name, agent in urls.items() if agent}}
    )


def standing(healthy, since, availability):
    look = Look(agent="orchestrator", at=since + 60, healthy=healthy, status="x", latency_ms=1)
    return {"orchestrator": Standing(last=look, since=since, availability=availability)}


# How they are.


def test_every_configured_agent_is_asked_and_told_of_by_name(make_world):
    with OrchestratorStandIn() as orchestrator, LogAttackerStandIn(is_degraded=True) as log_attacker:
        world = make_world(
            agents=opened(orchestrator, log_attacker), standings=standing(True, DAY, availability=0.75)
        )
        told = world.execute("health_check_external").json()
    assert told["success"] is True and told["timestamp"].endswith("Z")
    assert told["agents"] == {"orchestrator": True, "log-attacker": False}
    assert (told["all_healthy"], told["configured"]) == (False, 2)
    assert told["not_configured"] == ["pattern-miner"]
    assert told["message"] == "Not well: log-attacker"
    assert told["details"]["log-attacker"]["why"] == "gemini_configured: false"
    well = told["details"]["orchestrator"]
    assert (well["status"], well["since"], well["availability"]) == ("healthy", "1970-01-02T00:00:00Z", 0.75)


def test_an_agent_that_fell_ill_since_the_last_look_is_so_since_now(make_world):
    with OrchestratorStandIn() as orchestrator:
        orchestrator.answers.trouble = says(500, {})
        world = make_world(agents=opened(orchestrator), standings=standing(True, DAY, availability=1.0))
        told = world.execute("health_check_external", agent="dependency_orchestrator").json()
    ill = told["details"]["orchestrator"]
    assert (ill["healthy"], ill["status"]) == (False, "no answer") and "it answered 500" in ill["why"]
    assert datetime.fromisoformat(ill["since"]).year >= 2026


def test_where_no_agent_is_configured_nothing_is_said_to_be_well(world):
    told = world.client.post("/a2a/execute", json={"skill_id": "health_check_external", "input": {}}).json()
    assert (told["agents"], told["all_healthy"], told["configured"]) == ({}, False, 0)
    assert "ORCHESTRATOR_URL" in told["message"]
    told = world.execute("health_check_external", agent="pattern-miner").json()
    assert told["agents"] == {"pattern-miner": False}
    assert told["details"]["pattern-miner"]["why"] == "PATTERN_MINER_URL is not set"
    assert told["message"] == "Not configured, so it was not asked: set PATTERN_MINER_URL"
    refused = world.execute("health_check_external", agent="monitoring-system")
    assert (refused.status_code, refused.json()["error"][:6]) == (400, "agent:")


def test_agents_that_say_nothing_are_waited_for_together():
    with OrchestratorStandIn() as orchestrator, LogAttackerStandIn() as log_attacker:
        for agent in (orchestrator, log_attacker):
            agent.answers.trouble = slow(2)
        agents = opened(orchestrator, log_attacker)
        began = time.monotonic()
        found = ask_how_they_are(agents.all(), now=datetime.now(UTC), limit_seconds=0.3)
        assert time.monotonic() - began < 1
    assert [look.detail for look in found.values()] == ["no answer in time"] * 2


# What the pattern-miner says.


@pytest.fixture
def mining(make_world, pattern_miner):
    world = make_world(agents=opened(pattern_miner=pattern_miner), caller=WRITER)
    world.put(known("acme/api", 1, patterns=["retry-backoff"]))
    return world


def analyse(world, repository="ACME/api"):
    return world.execute("trigger_deep_analysis", repository=repository, focus_areas=["resilience"])


def test_the_miner_is_asked_by_its_own_contract_and_its_word_is_marked_as_nothing_more(mining, pattern_miner):
    told = analyse(mining).json()
    (asked,) = pattern_miner.answers.of("/a2a/execute")
    assert asked.body["skill_id"] == "analyze_repository"
    assert asked.body["input"]["repository"] == "acme/api"
    assert asked.body["input"]["focus_areas"] == ["resilience"]
    assert (told["success"], told["unverified"], told["repository"]) == (True, True, "acme/api")
    assert told["patterns"] == [{"name": "retry_logic", "files": []}]
    assert told["analysis_metadata"] == {"files_analyzed": 12, "patterns_found": 1, "timestamp": None}
    assert "samples" in told["note"]


def test_of_what_the_miner_names_that_is_told_which_our_own_reading_shows(mining, pattern_miner):
    answer = {
        "success": True,
        "repository": "acme/api",
        "patterns": [{"name": "Retry with exponential backoff"}, "saga", {"name": 7}, "x" * 99_990],
        "extraction_opportunities": [],
    }
    pattern_miner.answers.trouble = says(200, answer)
    told = analyse(mining).json()
    assert told["seen_here"] == ["Retry backoff"]
    assert len(told["patterns"]) == 3


@pytest.mark.parametrize(
    ("does", "why"),
    [
        (says(500, {"error": "oh"}), "it answered 500"),
        (says(200, {"success": False, "error": "no"}), "analyze_repository did not succeed"),
        (says(200, {"success": True}), "not of the shape we know"),
        (says(200, {"success": True, "repository": "acme/b", "patterns": []}), "about another repository"),
    ],
)
def test_a_miner_that_fails_is_a_bad_gateway_with_a_remedy(mining, pattern_miner, does, why):
    pattern_miner.answers.trouble = does
    answer = analyse(mining)
    assert (answer.status_code, answer.json()["success"]) == (502, False)
    assert why in answer.json()["error"] and answer.json()["agent"] == "pattern-miner"


def test_without_a_miner_what_to_set_is_said(make_world):
    world = make_world(agents=Agents(), caller=WRITER)
    world.put(known("acme/api", 1))
    answer = analyse(world)
    assert answer.status_code == 503
    assert "PATTERN_MINER_URL" in answer.json()["error"]


def test_nobody_is_asked_about_what_is_not_known_or_by_those_who_may_not(mining, make_world, pattern_miner):
    assert analyse(mining, "acme/nobody").status_code == 404
    assert pattern_miner.answers.asked == []


def test_readers_may_not_set_the_miner_to_work(make_world):
    with PatternMinerStandIn() as miner:
        world = make_world(agents=opened(pattern_miner=miner), caller=READER)
        assert analyse(world).status_code == 403
        assert miner.answers.asked == []
