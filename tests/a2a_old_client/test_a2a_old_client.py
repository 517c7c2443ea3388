"""Clients of A2A 0.3, of which there are many, against the application as it is composed in its image."""

import json
import subprocess
import uuid
from pathlib import Path

import pytest
import requests
from builders import known
from fakes.knowledge import make_store, put
from own_environment import python_of
from served import served

from a2a_gateway.main import create_app

HERE = Path(__file__).parent
WAYS = [(transport, streaming) for transport in ("JSONRPC", "HTTP+JSON") for streaming in (False, True)]
STAMP = {"timestamp", "execution_time_ms"}


@pytest.fixture(scope="module")
def old_python():
    return python_of(HERE)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """The address of one that knows a repository, with a clone of it."""
    folder = tmp_path_factory.mktemp("gateway")
    knowledge = folder / "knowledge.git"
    store = make_store(knowledge)
    put(store, [known("acme/api", 1, patterns=["retry-backoff"])])
    store.close()
    clone(folder / "clones" / "acme" / "api")
    settings = {
        "HOST": "127.0.0.1",
        "KNOWLEDGE": str(knowledge),
        "GOOGLE_CLOUD_PROJECT": "p",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
        "DATABASE_URL": f"sqlite:///{folder / 'state.db'}",
        "REPOSITORIES_DIR": str(folder / "clones"),
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in settings.items():
            environment.setenv(name, value)
        app = create_app()
        with served(app) as url:
            yield url


def clone(folder):
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("# API\n\nWhat it is.\n\n## Install\n\n## Usage\n")
    git = ("git", "-C", folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "."),
        ("commit", "--quiet", "-m", "x"),
    ):
        subprocess.run([*git, *command], check=True)


def message(*parts, **more):
    return {"role": "user", "message_id": uuid.uuid4().hex, "parts": parts, **more}


def data(content):
    return {"kind": "data", "data": content}


GIVEN = {"keywords": ["retry"], "min_matches": 1}
CALL = {"skill": "check_documentation_standards", "input": {"repository": "acme/api"}}
CONVERSATIONS = [
    [message(data(GIVEN), metadata={"skillId": "query_patterns"})],
    [message({"kind": "text", "text": "hello"}), message(data(CALL))],
]


@pytest.fixture(scope="module", params=WAYS, ids=str)
def conversations(old_python, gateway, request):
    """What the client of old makes of the answers."""
    transport, streaming = request.param
    asked = {"url": f"{gateway}/a2a/v0.3", "transport": transport, "streaming": streaming}
    done = subprocess.run(
        [old_python, HERE / "old_client.py"],
        input=json.dumps({**asked, "conversations": CONVERSATIONS}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_client_of_0_3_gets_the_answer_that_others_get(conversations, gateway):
    said, _ = conversations
    [told] = said["told"]
    plainly = requests.post(f"{gateway}/skills/query_patterns", json=GIVEN).json()
    assert told["states"][-1] == "completed"
    assert answer_of(told["task"]) == {name: plainly[name] for name in plainly.keys() - STAMP}
    assert said["again"] == told["task"]
    assert "cancel" in said["cancelled"]


def test_a_client_of_0_3_is_asked_for_the_skill_and_goes_on_in_the_same_task(conversations):
    _, said = conversations
    asked, went_on = said["told"]
    assert asked["states"] == ["input-required"]
    assert went_on["states"][-1] == "completed"
    assert went_on["task"]["id"] == asked["task"]["id"]
    assert answer_of(went_on["task"])["success"] is True


def answer_of(task):
    [part] = task["artifacts"][0]["parts"]
    return part["data"]
