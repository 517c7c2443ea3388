"""What `make conformance` gives the conformance kit, and how it judges what comes of that."""

from pathlib import Path

import pytest
import yaml
from a2a_conformance import agent, outcomes
from a2a_conformance.scenarios import SCENARIOS
from starlette.testclient import TestClient

HERE = Path(agent.__file__).parent
WAIVERS = outcomes.read_waivers(yaml.safe_load((HERE / "waivers.yaml").read_text()))
REPORT = """<testsuites><testsuite>
<testcase classname="tests.compatibility.a.test_a" name="test_fine"/>
<testcase classname="tests.compatibility.a.test_a" name="test_may">
 <skipped type="pytest.xfail" message="x"/></testcase>
<testcase classname="tests.compatibility.core_operations.test_requirements"
 name="test_must_requirement[CORE-SEND-003-jsonrpc]"><failure message="refused"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def client(tmp_path):
    url = "http://127.0.0.1"
    with agent.agent(tmp_path, url, agent.PROFILES["all"]) as app, TestClient(app, base_url=url) as client:
        yield client


def sent(client, message_id):
    message = {"messageId": message_id, "role": "ROLE_USER", "parts": [{"text": "hello"}]}
    body = {"message": message, "configuration": {"returnImmediately": message_id.startswith("test-")}}
    return client.post("/a2a/v1/message:send", json=body, headers={"A2A-Version": "1.0"}).json()


def test_the_agent_plays_every_scenario_and_leaves_all_else_to_the_skills(client):
    states = {name: sent(client, f"{name}-1")["task"]["status"]["state"] for name in SCENARIOS}
    others = {"tck-input-required": "INPUT_REQUIRED", "tck-reject-task": "REJECTED"}
    del states["test-resubscribe-message-id"]  # which is not done yet
    assert states == {name: f"TASK_STATE_{others.get(name, 'COMPLETED')}" for name in states}
    assert "message" in sent(client, "tck-message-response-1")
    asked = sent(client, "another")["task"]["status"]
    assert "Which skill?" in asked["message"]["parts"][0]["text"]


@pytest.mark.parametrize(
    ("is_corrected", "ours"), [(False, ["test_may"]), (True, ["test_may", "003-jsonrpc]"])]
)
def test_only_what_the_kit_has_wrong_may_fail_and_corrected_it_has_nothing_wrong(is_corrected, ours):
    run = outcomes.Run("all", is_corrected, outcomes.read_cases(REPORT.encode()))
    assert [case.name[-len(end) :] for case, end in zip(run.unexplained(WAIVERS), ours, strict=True)] == ours
