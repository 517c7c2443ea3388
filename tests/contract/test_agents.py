"""The contracts of the three agents: what we send is what they take, and what they say we understand."""

from dataclasses import replace

import pytest
from fakes.agents import (
    Asked,
    LogAttackerStandIn,
    OrchestratorStandIn,
    PatternMinerStandIn,
    dying,
    garbage,
    says,
    slow,
)
from fakes.socket_server import Flood, server_that
from fakes.socket_server import says as socket_says
from fakes.webhook_target import WebhookTarget

from devnexus.agents import AgentFailed, Health, open_agents
from devnexus.agents.identity import fetch_token, token_source
from devnexus.agents.orchestrator import ChangedFile, ChangeNotification, PatternSummary
from devnexus.agents.peer import excerpt
from devnexus.errors import ConfigurationError
from devnexus.outbound import NoAnswer, Outbound, web_address

HERE = {"ALLOW_PRIVATE_TARGETS": "true"}
CHANGE = ChangeNotification(
    source_repo="acme/billing",
    commit_sha="b" * 40,
    commit_message="Retry with backoff",
    branch="main",
    changed_files=(ChangedFile(path="src/http.py", change_type="modified"),),
    pattern_summary=PatternSummary(patterns=("Retry with backoff",), keywords=("retry",)),
    timestamp="2026-11-28T12:00:00Z",
)


def orchestrator(url, **environment):
    return open_agents({**HERE, "ORCHESTRATOR_URL": url, **environment}).orchestrator


def log_attacker(url, **environment):
    return open_agents({**HERE, "LOG_ATTACKER_URL": url, **environment}).log_attacker


def pattern_miner(url):
    return open_agents({**HERE, "PATTERN_MINER_URL": url}).pattern_miner


# The orchestrator.


def test_a_change_notification_holds_exactly_the_seven_fields_that_the_orchestrator_requires():
    with OrchestratorStandIn() as agent:
        noted = orchestrator(agent.url).notify(CHANGE)
    assert agent.notified == [
        {
            "source_repo": "acme/billing",
            "commit_sha": "b" * 40,
            "commit_message": "Retry with backoff",
            "branch": "main",
            "changed_files": [{"path": "src/http.py", "change_type": "modified", "diff": ""}],
            "pattern_summary": {"patterns": ["Retry with backoff"], "keywords": ["retry"]},
            "timestamp": "2026-11-28T12:00:00Z",
        }
    ]
    assert (noted.status, noted.consumers, noted.derivatives) == ("no_relationships", 0, 0)
    assert "X-API-Key" not in agent.answers.asked[0].headers


@pytest.mark.parametrize("is_older", [False, True], ids=["as it is", "as it was"])
def test_how_many_repositories_the_orchestrator_looks_at_is_told(is_older):
    with OrchestratorStandIn(is_older=is_older) as agent:
        agent.consumers["acme/billing"] = ["acme/orders", "acme/web"]
        agent.derivatives["acme/billing"] = ["acme/copy"]
        noted = orchestrator(agent.url).notify(CHANGE)
    assert (noted.status, noted.consumers, noted.derivatives) == ("accepted", 2, 1)


def test_the_orchestrator_s_key_is_sent_where_it_asks_for_one():
    with OrchestratorStandIn(api_key="sesame") as agent:
        assert orchestrator(agent.url, ORCHESTRATOR_API_KEY="sesame").notify(CHANGE)
        for environment in ({}, {"ORCHESTRATOR_API_KEY": "wrong"}):
            with pytest.raises(AgentFailed, match="answered 401 .*API key.*ORCHESTRATOR_API_KEY") as failed:
                orchestrator(agent.url, **environment).notify(CHANGE)
            assert failed.value.status == 401
    assert len(agent.notified) == 1


def test_a_body_that_the_orchestrator_refuses_is_told_by_field_and_not_by_content():
    with OrchestratorStandIn() as agent:
        agent.answers.trouble = says(
            422, {"detail": [{"loc": ["body", "branch"], "msg": "Field required", "input": {"a": "s3cr3t"}}]}
        )
        with pytest.raises(AgentFailed, match=r'422 \("body.branch: Field required"\)') as failed:
            orchestrator(agent.url).notify(CHANGE)
    assert "s3cr3t" not in str(failed.value)


@pytest.mark.parametrize("name", sorted(CHANGE.model_dump()))
def test_the_stand_in_refuses_what_the_real_one_refuses(name):
    with OrchestratorStandIn() as agent:
        for body in (_without(name), {**CHANGE.model_dump(mode="json"), name: 7}):
            status, said, _ = agent.answer(_posted(body))
            assert (status, said["detail"][0]["loc"]) == (422, ["body", name])


def _without(name):
    return {key: value for key, value in CHANGE.model_dump(mode="json").items() if key != name}


def _posted(body):
    return Asked("POST", "/api/webhook/change-notification", {}, body)


def test_the_orchestrator_says_who_depends_on_whom():
    with OrchestratorStandIn() as agent:
        agent.consumers = {"acme/billing": ["acme/orders"], "acme/auth": ["acme/billing"]}
        agent.derivatives["acme/billing"] = ["acme/copy"]
        found = orchestrator(agent.url).dependencies("acme/billing")
        assert orchestrator(agent.url).dependencies("acme/nobody").consumers == ()
    assert (found.consumers, found.derivatives) == (("acme/orders",), ("acme/copy",))
    assert found.upstream_dependencies == ("acme/auth",)
    asked = agent.answers.of("/a2a/execute")[0].body
    assert asked["skill_name"] == "get_dependencies"
    assert asked["input_data"] == {"repo": "acme/billing", "include_metadata": False}


@pytest.mark.parametrize(
    "item", ["acme/a", {"repo": "acme/a"}, {"target_repo": "acme/a"}, {"repository": "acme/a"}]
)
def test_a_dependent_is_named_in_any_of_the_family_s_ways(item):
    data = {"consumers": [item], "derivatives": [], "upstream_dependencies": None}
    with OrchestratorStandIn() as agent:
        agent.answers.trouble = says(200, {"success": True, "data": data})
        assert orchestrator(agent.url).dependencies("acme/billing").consumers == ("acme/a",)


@pytest.mark.parametrize(
    "data", [None, [], {}, {"consumers": None, "derivatives": []}, {"consumers": [{}], "derivatives": []}]
)
def test_dependents_that_cannot_be_read_are_a_failure_and_not_none(data):
    with OrchestratorStandIn() as agent:
        agent.answers.trouble = says(200, {"success": True, "data": data})
        with pytest.raises(AgentFailed, match="not of the shape we know"):
            orchestrator(agent.url).dependencies("acme/billing")


def test_a_skill_that_fails_as_the_deployed_one_does_is_a_failure_with_what_it_said():
    with OrchestratorStandIn() as agent:
        error = "[Errno 2] No such file or directory: '/config/relationships.json'\x1b[2J" + "x" * 5000
        agent.answers.trouble = says(200, {"success": False, "data": None, "error": error, "task_id": None})
        with pytest.raises(AgentFailed, match="get_dependencies did not succeed .*No such file") as failed:
            orchestrator(agent.url).dependencies("acme/billing")
    assert "\x1b" not in str(failed.value) and len(str(failed.value)) < 400


def test_the_orchestrator_says_what_a_change_means_for_another_repository():
    with OrchestratorStandIn() as agent:
        agent.consumers["acme/billing"] = ["acme/orders"]
        impact = orchestrator(agent.url).impact(CHANGE, "acme/orders", "consumer")
    assert (impact.requires_action, impact.urgency, impact.confidence) == (True, "high", 0.8)
    assert impact.impact_summary == CHANGE.commit_message


# The log-attacker.


def root(url):
    return replace(web_address(url, allow_private=True), path="/")


def test_the_log_attacker_is_asked_with_a_token_and_says_what_it_found():
    with LogAttackerStandIn("token-of-ours") as agent:
        ours = log_attacker(agent.url, LOG_ATTACKER_TOKEN="token-of-ours")
        found = ours.analyze_and_monitor_logs("what is wrong?", service="billing")
        opened = ours.analyze_and_monitor_logs(
            "open issues", service="billing", repository_url="https://github.com/acme/billing"
        )
    assert (found.analysis, found.issues_identified, found.issues_created) == ("Two timeouts", 2, 0)
    assert opened.github_issue_urls == ("https://github.com/acme/billing/issues/1",)
    assert agent.answers.asked[0].body == {
        "skill_id": "analyze_and_monitor_logs",
        "input": {"user_query": "what is wrong?", "service_name": "billing", "service_type": "cloud_run"},
    }


@pytest.mark.parametrize(
    ("environment", "status"), [({}, 401), ({"LOG_ATTACKER_TOKEN": "token-of-nobody"}, 403)]
)
def test_whom_the_log_attacker_does_not_know_learns_the_remedy_and_the_log_no_token(environment, status):
    with LogAttackerStandIn("token-of-ours") as agent:
        ours = log_attacker(agent.url, **environment)
        with pytest.raises(AgentFailed, match=f"answered {status}.*ALLOWED_SERVICE_ACCOUNTS") as failed:
            ours.analyze_and_monitor_logs("what is wrong?", service="billing")
    assert "token-of" not in str(failed.value)


def test_on_cloud_run_the_token_comes_from_the_metadata_server_for_this_audience():
    def act(connection):
        asked.append(connection.recv(65536).decode())
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na.b.c")

    asked = []
    with server_that(act) as url:
        token = fetch_token("https://logs.example.org", Outbound(allow_private=True), server=root(url))
    assert token == "a.b.c"
    assert asked[0].startswith(
        "GET /computeMetadata/v1/instance/service-accounts/default/identity"
        "?audience=https%3A%2F%2Flogs.example.org&format=full HTTP/1.1\r\n"
    )
    assert "Metadata-Flavor: Google\r\n" in asked[0]


@pytest.mark.parametrize("answer", [b"404 Not Found\r\n\r\nno", b"200 OK\r\n\r\na b", b"200 OK\r\n\r\n"])
def test_what_is_no_token_is_not_sent_as_one(answer):
    with server_that(socket_says(b"HTTP/1.1 " + answer)) as url, pytest.raises(NoAnswer, match="no token"):
        fetch_token("https://logs.example.org", Outbound(allow_private=True), server=root(url))


def test_a_token_in_a_file_is_read_anew_for_each_call(tmp_path):
    file = tmp_path / "token"
    file.write_text("first\n")
    token_for = token_source("LOG_ATTACKER_TOKEN", {"LOG_ATTACKER_TOKEN_FILE": str(file)})
    assert token_for("x") == "first"
    file.write_text("second\n")
    assert token_for("x") == "second"
    file.unlink()
    with pytest.raises(NoAnswer, match="LOG_ATTACKER_TOKEN_FILE"):
        token_for("x")


def test_without_a_secret_and_without_cloud_run_there_is_no_token():
    assert token_source("LOG_ATTACKER_TOKEN", {})("x") is None


# The pattern-miner.


def test_the_pattern_miner_s_skills_answer_at_the_root():
    with PatternMinerStandIn() as agent:
        ours = pattern_miner(agent.url)
        analysis = ours.analyze_repository("acme/billing", file_paths=["a.py"], focus_areas=["api_clients"])
        comparison = ours.compare_implementations(["acme/billing", "acme/orders"], "retry_logic")
        advice = ours.get_recommendations("acme/billing", {"primary_language": "python"})
    assert analysis.patterns == ({"name": "retry_logic", "files": ["a.py"]},)
    assert analysis.analysis_metadata.files_analyzed == 12
    assert comparison.repositories == ("acme/billing", "acme/orders")
    assert advice.recommendations == ({"pattern": "retry_logic"},)
    assert advice.context == {"primary_language": "python"}
    assert agent.answers.asked[0].body == {
        "skill_id": "analyze_repository",
        "input": {"repository": "acme/billing", "file_paths": ["a.py"], "focus_areas": ["api_clients"]},
    }


def test_what_the_pattern_miner_says_it_cannot_do_is_a_failure():
    with PatternMinerStandIn() as agent:
        with pytest.raises(AgentFailed, match="At least 2 repositories"):
            pattern_miner(agent.url).compare_implementations(["acme/billing"], "retry_logic")


# All three.

OPENED = {
    "orchestrator": (OrchestratorStandIn, orchestrator, lambda agent: agent.dependencies("acme/billing")),
    "log-attacker": (
        LogAttackerStandIn,
        log_attacker,
        lambda agent: agent.analyze_and_monitor_logs("what?", service="billing", seconds=0.3),
    ),
    "pattern-miner": (PatternMinerStandIn, pattern_miner, lambda agent: agent.analyze_repository("acme/b")),
}


@pytest.fixture(params=OPENED)
def pair(request):
    """An agent's stand-in, our client of it, and a call of one of its skills."""
    stand_in, opened, call = OPENED[request.param]
    with stand_in() as agent:
        yield agent, opened(agent.url), call


def test_an_agent_says_how_it_is(pair):
    agent, ours, _ = pair
    assert ours.health() == Health(healthy=True, status="healthy")
    assert "Authorization" not in agent.answers.asked[0].headers


def test_an_agent_that_is_degraded_says_what_it_lacks():
    with LogAttackerStandIn(is_degraded=True) as agent:
        found = log_attacker(agent.url).health()
    assert found == Health(healthy=False, status="degraded", detail="gemini_configured: false")


@pytest.mark.parametrize(
    ("trouble", "happened"),
    [
        (dying, "broke off"),
        (garbage, "no JSON object"),
        (says(200, [1]), "no JSON object"),
        (says(503, {"error": "starting"}), 'answered 503 \\("starting"\\)'),
        (says(500, "oh"), "answered 500\\."),
        (says(429, {"detail": "slow down"}, **{"Retry-After": "7"}), "answered 429"),
        (says(302, None, Location="https://elsewhere.example.org"), "answered 302"),
        (says(404, {"detail": "Unknown skill: x"}), "answered 404 .*_URL"),
        (says(200, {}), "did not succeed"),
        (says(200, {"success": "yes"}), "did not succeed"),
    ],
)
def test_whatever_else_an_agent_does_is_a_failure_that_names_it_and_a_remedy(pair, trouble, happened):
    agent, ours, call = pair
    agent.answers.trouble = trouble
    with pytest.raises(AgentFailed, match=happened) as failed:
        call(ours)
    assert str(failed.value).startswith(f"{ours.name}: ") and failed.value.remedy
    assert "not what you think" not in str(failed.value)
    if failed.value.status == 429:
        assert failed.value.retry_after == 7


@pytest.mark.parametrize("body", [{}, {"status": None}, {"status": {}}, {"status": 1}])
def test_health_that_says_nothing_is_no_health(pair, body):
    agent, ours, _ = pair
    agent.answers.trouble = says(200, body)
    with pytest.raises(AgentFailed, match="says no status"):
        ours.health()


def test_an_agent_that_says_nothing_is_given_up_in_time():
    with LogAttackerStandIn("t") as agent:
        agent.answers.trouble = slow(2)
        ours = log_attacker(agent.url, LOG_ATTACKER_TOKEN="t")
        with pytest.raises(AgentFailed, match="no answer within 0.3 s.*Does it run"):
            ours.analyze_and_monitor_logs("what?", service="billing", seconds=0.3)


def test_an_agent_without_end_is_not_listened_to():
    flood = Flood(b"HTTP/1.1 200 OK\r\n\r\n")
    with server_that(flood) as url, pytest.raises(AgentFailed, match="longer than 1048576 bytes"):
        pattern_miner(url.partition("/hook")[0]).analyze_repository("acme/billing")
    assert flood.sent < 50_000_000


@pytest.mark.parametrize(
    "detail",
    [
        [{"loc": "x", "msg": 7}, 7, None, {"loc": [["a"] * 1000] * 1000, "msg": "m" * 100_000}] * 1000,
        {"a": "b"},
        7,
    ],
)
def test_no_detail_of_an_error_can_do_harm(detail):
    assert len(excerpt({"detail": detail})) < 250


# Where they are.


def test_an_agent_that_is_not_configured_is_not_there():
    agents = open_agents({})
    assert agents.all() == ()
    assert open_agents({**HERE, "PATTERN_MINER_URL": "http://localhost:1"}).all()[0].name == "pattern-miner"


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"ORCHESTRATOR_URL": "http://agents.example.org"}, "ORCHESTRATOR_URL: .*plain http only"),
        ({"LOG_ATTACKER_URL": "https://10.0.0.1"}, "LOG_ATTACKER_URL: .*not a public address"),
        ({"PATTERN_MINER_URL": "https://x.example.org/?a=b"}, "PATTERN_MINER_URL: .*without a query"),
        (
            {"ORCHESTRATOR_URL": "https://x.example.org", "ORCHESTRATOR_API_KEY": "a\nb: c"},
            "ORCHESTRATOR_API_KEY holds characters",
        ),
        (
            {"LOG_ATTACKER_URL": "https://x.example.org", "LOG_ATTACKER_TOKEN": "a b"},
            "LOG_ATTACKER_TOKEN is no token",
        ),
    ],
)
def test_an_address_or_secret_that_cannot_be_used_stops_the_start(environment, problem):
    with pytest.raises(ConfigurationError, match=problem):
        open_agents(environment)


def test_a_base_address_may_have_a_path():
    with OrchestratorStandIn() as agent:
        with pytest.raises(AgentFailed, match="answered 404"):
            orchestrator(f"{agent.url}/agents/").health()
    assert agent.answers.asked[0].path == "/agents/health"


def test_an_agent_at_an_address_that_is_not_public_is_not_asked_unless_that_is_allowed():
    with WebhookTarget() as target:
        url = f"https://localhost:{target.port}"
        with pytest.raises(AgentFailed, match="not public"):
            open_agents({"ORCHESTRATOR_URL": url}).orchestrator.notify(CHANGE)
    assert target.received == []
