"""Whether to deploy: what the health of patterns decides, and what agents add to it, or do not."""

import time
from datetime import timedelta

import pytest
from builders import NOON, known
from fakes.agents import LogAttackerStandIn, OrchestratorStandIn, dying, garbage, says, slow

from a2a_gateway.agents.coordinate_deployment import coordinate_deployment
from a2a_gateway.agents.deployment import decision_at
from a2a_gateway.skill import CannotAnswer
from devnexus.agents import Agents, open_agents
from devnexus.knowledge.projection import DeclaredDependency, PublishedPackage
from devnexus.schema_v2 import DependencyInfo, DependencyRelationship, RuntimeIssue

NOW = NOON + timedelta(days=1)
RETRYING = ("acme/api", "acme/billing", "acme/jobs", "acme/web")


def issue(pattern="Retry backoff", number=1, **changes):
    values = {
        "issue_id": f"i{number}",
        "detected_at": NOW - timedelta(hours=number),
        "issue_type": "timeout",
        "severity": "high",
        "service_type": "cloud_run",
        "pattern_reference": pattern,
        **changes,
    }
    return RuntimeIssue(**values)


def change(world, name, **fields):
    page = world.reading().named(name).model_copy(update=fields)
    world.put(page)
    world.now += 10


def trouble(world, *names, **changes):
    """Let these repositories have an issue with retries."""
    for number, name in enumerate(names, 1):
        change(world, name, runtime_issues=(issue(number=number, **changes),))


def advice(world, repository="acme/api", *patterns, agents=None, **settings):
    return coordinate_deployment(
        repository,
        patterns,
        knowledge=world.reading(),
        agents=agents or Agents(),
        now=NOW,
        **settings,
    )


def opened(orchestrator=None, log_attacker=None):
    urls = {"ORCHESTRATOR_URL": orchestrator, "LOG_ATTACKER_URL": log_attacker}
    return open_agents(
        {"ALLOW_PRIVATE_TARGETS": "true", **{name: agent.url for name, agent in urls.items() if agent}}
    )


# What is decided.


@pytest.mark.parametrize(
    ("health", "decision"),
    [(None, "proceed"), (1.0, "proceed"), (0.7, "proceed"), (0.69, "warn"), (0.5, "warn"), (0.49, "block")],
)
def test_the_limits_are_those_of_the_original(health, decision):
    assert decision_at(health) == decision


def test_a_repository_without_trouble_may_proceed(world):
    found = advice(world)
    assert (found.decision, found.lowest_health, found.reasons) == ("proceed", 1.0, ())
    assert [one.id for one in found.patterns] == ["health-check", "metrics", "rest-api", "retry-backoff"]


def test_trouble_that_others_had_with_the_same_pattern_is_a_reason_to_warn(world):
    trouble(world, "acme/billing", "acme/jobs")
    found = advice(world)
    assert (found.decision, found.lowest_health) == ("warn", 0.5)
    (reason,) = found.reasons
    assert (reason.decision, reason.pattern, reason.health) == ("warn", "Retry backoff", 0.5)
    assert (reason.repositories, reason.issues) == (("acme/billing", "acme/jobs"), ("i1", "i2"))
    assert reason.text == (
        "Retry backoff: health 0.50, 2 of 4 repositories had issues with it in the last 30 days"
        " (acme/billing, acme/jobs); the newest: high timeout in acme/billing on 2026-03-02."
        " That may be chance: there is not enough data to tell"
    )
    assert found.patterns[0].issues[0].issue_id == "i1"


def test_where_most_had_trouble_it_is_blocked(world):
    trouble(world, *RETRYING[:3])
    found = advice(world, "acme/web")
    assert (found.decision, found.lowest_health, found.patterns[0].troubled_count) == ("block", 0.25, 3)


def test_a_repository_without_the_pattern_is_not_held_up_by_it_unless_that_is_asked_for(world):
    trouble(world, *RETRYING)
    assert advice(world, "acme/reports").decision == "proceed"
    asked = advice(world, "acme/reports", "RETRY Backoff", "metrics", "quantum")
    assert (asked.decision, [one.id for one in asked.patterns]) == ("block", ["retry-backoff", "metrics"])
    assert asked.unknown_patterns == ("quantum",)


def test_a_text_that_a_terminal_would_obey_is_written_out(world):
    trouble(world, *RETRYING, severity="\x1b[2Jhigh")
    assert "\\u001b[2Jhigh" in advice(world).reasons[0].text


def test_of_a_repository_that_is_not_known_nothing_is_advised(world):
    with pytest.raises(CannotAnswer) as refused:
        advice(world, "acme/nobody")
    assert refused.value.status == 404


# Who depends on it, and what watches over it.


def test_dependents_come_from_manifests_from_what_was_told_and_from_the_orchestrator(world):
    package = PublishedPackage(ecosystem="pypi", name="acme-api", path="pyproject.toml", line=2, commit="c")
    needs = DeclaredDependency(
        ecosystem="pypi", name="acme-api", path="setup.cfg", line=9, commit="d", requirement=""
    )
    told = DependencyRelationship(
        target_repo="acme/web", relationship_type="consumer", dependency_strength="weak"
    )
    change(
        world,
        "acme/api",
        published_packages=(package,),
        dependencies=DependencyInfo(consumers=(told,), derivatives=(told,)),
    )
    change(world, "acme/jobs", declared_dependencies=(needs,))
    with OrchestratorStandIn() as orchestrator:
        orchestrator.consumers["acme/api"] = ["Acme/Jobs", "acme/elsewhere"]
        orchestrator.derivatives["acme/api"] = ["acme/web"]
        found = advice(world, agents=opened(orchestrator))
    assert [(one.repository, one.relationship, one.told_by) for one in found.dependents] == [
        ("acme/elsewhere", "consumer", ("orchestrator",)),
        ("acme/jobs", "consumer", ("manifest", "orchestrator")),
        ("acme/web", "consumer", ("declaration",)),
        ("acme/web", "derivative", ("declaration", "orchestrator")),
    ]
    assert found.dependents[1].evidence == "setup.cfg:9 asks for acme-api of pyproject.toml:2"
    assert found.dependent_count == 4


def test_a_dependent_that_is_hidden_from_the_caller_is_not_named_whoever_tells_of_it(world):
    change(world, "acme/web", removed=True)
    with OrchestratorStandIn() as orchestrator:
        orchestrator.consumers["acme/api"] = ["Acme/Web", "acme/elsewhere"]
        found = advice(world, agents=opened(orchestrator))
    assert [one.repository for one in found.dependents] == ["acme/elsewhere"]


def test_what_is_open_in_production_is_told_the_newest_first(world):
    issues = (issue(number=2), issue(number=1), issue(number=0, status="fixed"))
    change(world, "acme/api", runtime_issues=issues)
    with LogAttackerStandIn() as log_attacker:
        found = advice(world, agents=opened(log_attacker=log_attacker))
    assert (found.monitoring.status, found.monitoring.open_issue_count) == ("healthy", 2)
    assert [one.issue_id for one in found.monitoring.open_issues] == ["i1", "i2"]
    assert [one.path for one in log_attacker.answers.asked] == ["/health"]


# Agents that do not answer.


def test_agents_that_are_not_configured_are_named_with_what_to_set(world):
    assert [(one.agent, one.why) for one in advice(world).degraded] == [
        ("orchestrator", "not configured: ORCHESTRATOR_URL is not set"),
        ("log-attacker", "not configured: LOG_ATTACKER_URL is not set"),
    ]


@pytest.mark.parametrize(
    ("does", "why"),
    [
        (says(500, {"error": "oh"}), "it answered 500"),
        (says(200, {"success": False, "error": "no config"}), 'did not succeed ("no config")'),
        (dying, "broke off"),
        (garbage, "no JSON object"),
    ],
)
def test_an_agent_that_fails_degrades_the_answer_and_decides_nothing(world, does, why):
    trouble(world, *RETRYING[:2])
    with OrchestratorStandIn() as orchestrator, LogAttackerStandIn() as log_attacker:
        orchestrator.answers.trouble = does
        found = advice(world, agents=opened(orchestrator, log_attacker))
    assert (found.decision, found.monitoring.status) == ("warn", "healthy")
    (degraded,) = found.degraded
    assert degraded.agent == "orchestrator" and why in degraded.why


def test_agents_that_say_nothing_are_waited_for_together_and_not_long(world):
    with OrchestratorStandIn() as orchestrator, LogAttackerStandIn() as log_attacker:
        for agent in (orchestrator, log_attacker):
            agent.answers.trouble = slow(3)
        agents = opened(orchestrator, log_attacker)
        began = time.monotonic()
        found = advice(world, agents=agents, limit_seconds=0.5)
        assert time.monotonic() - began < 1
    assert (found.decision, [one.agent for one in found.degraded]) == (
        "proceed",
        ["orchestrator", "log-attacker"],
    )
    assert "no answer" in found.degraded[0].why and found.degraded[1].why == "no answer in time"


def test_a_log_attacker_that_is_degraded_is_said_to_be(world):
    with LogAttackerStandIn(is_degraded=True) as log_attacker:
        found = advice(world, agents=opened(log_attacker=log_attacker))
    assert found.monitoring.status == "degraded"
    assert found.degraded[-1].why == "it says that it is degraded (gemini_configured: false)"


def test_the_answer_is_json(world):
    trouble(world, *RETRYING)
    assert advice(world).model_dump(mode="json")["patterns"][0]["issues"][0]["detected_at"].endswith("Z")


# As a skill.


def test_agents_ask_by_either_envelope_and_get_what_the_agents_around_add(make_world):
    with OrchestratorStandIn() as orchestrator, LogAttackerStandIn() as log_attacker:
        orchestrator.consumers["acme/api"] = ["acme/elsewhere"]
        world = make_world(agents=opened(orchestrator, log_attacker))
        world.put(known("acme/api", 1, patterns=["metrics"]))
        given = {"repository": "acme/api", "patterns": None}
        told = world.execute("coordinate_deployment", **given).json()
        call = {"skill_name": "coordinate_deployment", "input_data": given}
        wrapped = world.client.post("/a2a/execute", json=call).json()
    assert (told["success"], told["decision"], told["degraded"]) == (True, "proceed", [])
    assert [one["repository"] for one in told["dependents"]] == ["acme/elsewhere"]
    assert wrapped["data"]["dependents"] == told["dependents"]
    assert world.execute("coordinate_deployment", repository="acme/nobody").status_code == 404
