"""The front door: who may come in, what becomes an event, and what GitHub is told."""

import hashlib
import hmac
import json

import pytest
from fakes.pubsub import FakePublisher
from flask import Flask

from devnexus import logs
from devnexus.errors import ConfigurationError
from devnexus.secrets import Secret
from webhook_receiver.routes import MAX_BODY_BYTES, webhook_routes
from webhook_receiver.settings import read
from webhook_receiver.signature import sign

CURRENT, PREVIOUS = Secret(b"current secret"), Secret(b"previous secret")


def push(**changes):
    repository = {
        "id": 42,
        "full_name": "acme/billing",
        "default_branch": "main",
        "html_url": "https://github.com/acme/billing",
        "private": True,
        "pushed_at": 1_767_225_600,
        **changes.pop("repository", {}),
    }
    return {
        "ref": "refs/heads/main",
        "before": "a" * 40,
        "after": "b" * 40,
        "deleted": False,
        "repository": repository,
        "commits": [],
        **changes,
    }


class World:
    def __init__(self):
        self.broker = FakePublisher()
        app = Flask(__name__)
        app.register_blueprint(webhook_routes(secrets=(CURRENT, PREVIOUS), publisher=self.broker))
        self._client = app.test_client()

    def send(self, payload, *, kind="push", signature=None, secret=CURRENT, **environment):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = {"X-Hub-Signature-256": sign(body, secret) if signature is None else signature}
        if kind:
            headers["X-GitHub-Event"] = kind
        return self._client.post(
            "/webhooks/github", data=body, headers=headers, environ_overrides=environment
        )


@pytest.fixture
def world():
    return World()


def test_a_push_to_the_default_branch_becomes_an_event_once_the_broker_has_it(world):
    answer = world.send(push())
    (event,) = world.broker.published
    assert answer.status_code == 202
    assert answer.json == {"status": "accepted", "event_id": event.id}
    assert event.id == (f"github.com/42:refs/heads/main:{'a' * 40}..{'b' * 40}@2026-01-01T00:00:00Z")
    assert (event.repository.name, event.repository.private, event.cause) == ("acme/billing", True, "live")


def test_a_push_time_in_iso_format_makes_the_same_event(world):
    world.send(push())
    world.send(push(repository={"pushed_at": "2026-01-01T00:00:00Z"}))
    one, other = world.broker.published
    assert one == other


def test_a_broker_that_is_out_of_order_means_send_it_again(world):
    world.broker.out_of_order = True
    assert world.send(push()).status_code == 503


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"deleted": True, "after": "0" * 40}, "deleted"),
        ({"after": "0" * 40}, "deleted"),
        ({"ref": "refs/tags/v1"}, "not a branch"),
        ({"ref": "refs/heads/feature"}, "not the default branch"),
        ({"ref": "refs/heads/main2"}, "not the default branch"),
    ],
)
def test_a_push_that_is_none_of_our_business_is_answered_with_the_reason(world, changes, reason):
    answer = world.send(push(**changes))
    assert answer.status_code == 200
    assert reason in answer.json["reason"]
    assert world.broker.published == []


def test_other_events_are_acknowledged_and_not_used(world):
    assert world.send({"zen": "x"}, kind="ping").status_code == 200
    assert world.broker.published == []


def test_the_secret_of_before_a_rotation_still_opens(world):
    assert world.send(push(), secret=PREVIOUS).status_code == 202


def signed(algorithm, prefix, body):
    return prefix + hmac.new(CURRENT.value, body, algorithm).hexdigest()


BODY = json.dumps(push()).encode()


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        signed(hashlib.sha256, "sha256=", BODY)[:-1],
        signed(hashlib.sha256, "sha256=", BODY) + "0",
        signed(hashlib.sha256, "", BODY),
        signed(hashlib.sha256, "sha1=", BODY),
        signed(hashlib.sha1, "sha1=", BODY),
        signed(hashlib.sha1, "sha256=", BODY),
        signed(hashlib.sha256, "sha256=", BODY + b" "),
        sign(BODY, Secret(b"wrong secret")),
        "sha256=" + "é" * 64,
        "sha256=" + "٣" * 64,
    ],
)
def test_a_wrong_signature_is_refused(world, signature):
    assert world.send(BODY, signature=signature).status_code == 401
    assert world.broker.published == []


def test_sha_1_alone_is_refused(world):
    header = "sha1=" + hmac.new(CURRENT.value, BODY, hashlib.sha1).hexdigest()
    assert world.send(BODY, signature="", HTTP_X_HUB_SIGNATURE=header).status_code == 401


def test_the_signature_is_checked_before_the_body_is_parsed(world):
    assert world.send(b"{", signature="sha256=" + "0" * 64).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"[" * 100_000,
        json.dumps({**push(), "before": "a" * 39}).encode(),
        json.dumps({**push(), "after": "; rm -rf /"}).encode(),
        json.dumps(push(repository={"full_name": "../../etc"})).encode(),
        json.dumps(push(repository={"full_name": "acme/.."})).encode(),
        json.dumps(push(repository={"id": "x"})).encode(),
        json.dumps(push(repository={"pushed_at": None})).encode(),
        json.dumps(push(repository={"pushed_at": 10**30})).encode(),
        json.dumps(push(repository={"pushed_at": 1_767_225_600_000})).encode(),
        json.dumps(push(repository={"pushed_at": -(10**12)})).encode(),
        json.dumps(push(repository={"html_url": "nonsense"})).encode(),
        json.dumps(push(repository={"html_url": "http://[x"})).encode(),
        b"payload=%7B%7D",
    ],
    ids=lambda body: repr(body[:10]),
)
def test_a_malformed_push_is_refused_with_the_reason(world, body):
    answer = world.send(body)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("not a push payload: ")


def test_a_webhook_without_its_kind_is_refused(world):
    assert world.send(push(), kind=None).status_code == 400


def test_a_body_that_is_too_large_is_refused_unread(world):
    assert world.send(BODY, CONTENT_LENGTH=str(MAX_BODY_BYTES + 1)).status_code == 413


def test_a_body_of_undeclared_length_is_refused(world):
    assert world.send(BODY, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked").status_code == 411


def test_without_a_secret_the_service_does_not_start():
    with pytest.raises(ConfigurationError, match="GITHUB_WEBHOOK_SECRET"):
        read({"GOOGLE_CLOUD_PROJECT": "p"})


def test_no_secret_and_no_computed_signature_reaches_the_log(world, capsys):
    logs.configure("test")
    world.send(push())
    world.send(push(), signature="sha256=" + "0" * 64)
    world.send(b"{")
    written = capsys.readouterr().out
    assert '"taken"' in written and '"refused"' in written
    for secret in (CURRENT, PREVIOUS):
        assert secret.value.decode() not in written
        assert sign(BODY, secret).removeprefix("sha256=") not in written
