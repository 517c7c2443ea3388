"""GitHub's own examples of webhooks are understood, and pushes replayed here look like GitHub's."""

import json
import uuid
from collections import Counter
from pathlib import Path

import pytest
from fakes.git_history import make_repository
from fakes.pubsub import FakePublisher
from flask import Flask
from jsonschema import Draft7Validator
from node_packages import node_with_packages
from push_payloads import NOTHING, Ref
from replay import Replay

from devnexus.secrets import Secret
from webhook_receiver.routes import webhook_routes
from webhook_receiver.signature import sign

HERE = Path(__file__).parent
SECRET = Secret(b"a secret")
KINDS = ("push", "installation", "installation_repositories", "repository", "ping")


@pytest.fixture(scope="module")
def octokit():
    node_with_packages(HERE, needed_for="GitHub's examples")
    return HERE / "node_modules" / "@octokit"


@pytest.fixture(scope="module")
def examples(octokit):
    """Host → kind → examples."""
    files = sorted((octokit / "webhooks-examples").glob("*/index.json"))
    return {
        file.parent.name: {one["name"]: one["examples"] for one in json.loads(file.read_bytes())}
        for file in files
    }


def answers(payloads):
    """What the receiver makes of (kind, payload) pairs: status and body, and what it published."""
    broker = FakePublisher()
    app = Flask(__name__)
    app.register_blueprint(webhook_routes(secrets=(SECRET,), publisher=broker))
    client = app.test_client()
    given = []
    for kind, payload in payloads:
        body = json.dumps(payload).encode()
        headers = {
            "X-GitHub-Event": kind,
            "X-GitHub-Delivery": str(uuid.uuid1()),
            "X-Hub-Signature-256": sign(body, SECRET),
        }
        answer = client.post("/webhooks/github", data=body, headers=headers)
        given.append((answer.status_code, answer.json))
    return given, broker.published


def test_every_example_of_every_host_is_understood(examples):
    assert len(examples) >= 6
    for host, kinds in examples.items():
        payloads = [(kind, payload) for kind, payloads in kinds.items() for payload in payloads]
        given, _ = answers(payloads)
        refused = [
            (kind, body) for (kind, _), (status, body) in zip(payloads, given, strict=True) if status >= 300
        ]
        assert refused == [], host


def test_the_examples_become_the_events_that_they_are_about(examples):
    payloads = [(kind, one) for kind in KINDS for one in examples["api.github.com"][kind]]
    _, published = answers(payloads)
    told = Counter(event.TYPE for event in published)
    actions = Counter(one.get("action") for kind, one in payloads if kind == "repository")
    assert (
        told["repository.renamed.v1"] == actions["transferred"] > 0
    )  # the example of a rename renames nothing
    assert told["repository.changed.v1"] >= actions["archived"] + actions["publicized"] > 0
    assert told["repository.registered.v1"] > 0 and told["repository.removed.v1"] > 0


@pytest.mark.parametrize("shape", ["ordinary", "new branch", "deleted branch", "tag", "nothing"])
def test_replayed_pushes_keep_githubs_schema(octokit, tmp_path, shape):
    schema = json.loads((octokit / "webhooks-schemas" / "schema.json").read_bytes())
    push = {"$ref": "#/definitions/push$event", "definitions": schema["definitions"]}
    first, second, third = make_repository(
        tmp_path / "clone", [{"a.py": "1\n"}, {"b.py": "2\n"}, {"a.py": None}]
    )
    moved = {
        "ordinary": Ref("refs/heads/main", first, third, 1_767_225_600),
        "new branch": Ref("refs/heads/x", NOTHING, second, 1_767_225_600, by_bot=True),
        "deleted branch": Ref("refs/heads/x", second, NOTHING, 1_767_225_600),
        "tag": Ref("refs/tags/v1", NOTHING, third, 1_767_225_600),
        "nothing": Ref("refs/heads/main", third, third, 1_767_225_600),
    }[shape]
    payload = Replay(tmp_path / "clone", name="acme/api", number=42).push(moved)
    wrong = [
        f"{'.'.join(map(str, error.path))}: {error.message[:150]}"
        for error in Draft7Validator(push).iter_errors(payload)
    ]
    assert wrong == []
