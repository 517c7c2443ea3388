"""Pub/Sub and Scheduler come in, and nobody else; the keys are fetched over a real connection."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from fakes.issuer import AUDIENCE, Certificates, changed, signed_with_public_key, token, unsigned
from flask import Flask, jsonify

from devnexus import logs
from devnexus.errors import ConfigurationError
from devnexus.health import health_routes
from devnexus.identity import issuer_keys
from devnexus.identity.google_keys import fetch_google_keys
from devnexus.invokers import guard, read_invokers, require_invokers
from devnexus.outbound import Outbound

PUBSUB = "pubsub@nexus.iam.gserviceaccount.com"
SCHEDULER = "scheduler@nexus.iam.gserviceaccount.com"
EMULATOR = {"PUBSUB_EMULATOR_HOST": "127.0.0.1:1"}
BOTH = {"AUDIENCE": f"https://other.example.com, {AUDIENCE}", "INVOKERS": f"{PUBSUB}, {SCHEDULER.title()}"}
TOKEN = token(PUBSUB)
NOW = int(time.time())


class Service:
    """A service that counts what comes in."""

    def __init__(self, certificates, environment=BOTH):
        fetch = partial(fetch_google_keys, Outbound(allow_private=True, seconds=5), certificates.address)
        self.done = 0
        app = Flask("service")
        guard(app, require_invokers(environment, fetch))
        app.register_blueprint(health_routes())
        app.add_url_rule("/work", view_func=self._work, methods=["POST"])
        self._app = app

    def _work(self):
        self.done += 1
        return jsonify(done=self.done)

    def ask(self, credentials=None, method="POST", path="/work"):
        headers = {} if credentials is None else {"Authorization": credentials}
        return self._app.test_client().open(path, method=method, headers=headers)

    def status(self, text):
        return self.ask(f"Bearer {text}").status_code


@pytest.fixture
def google():
    with Certificates("a") as certificates:
        yield certificates


@pytest.fixture
def service(google):
    return Service(google)


REFUSED = {
    "nothing": (None, 401),
    "an empty header": ("", 401),
    "another scheme": ("Basic YW5hOnNlY3JldA==", 401),
    "garbage": ("Bearer garbage", 401),
    "bytes that are no text": ("Bearer \xff\xfe", 401),
    "a token that is too long": (f"Bearer {'a' * 10_000}", 401),
    "a token for another audience": (f"Bearer {token(PUBSUB, aud='https://evil.example')}", 401),
    "a token of another issuer": (f"Bearer {token(PUBSUB, iss='https://evil.example')}", 401),
    "an expired token": (f"Bearer {token(PUBSUB, exp=NOW - 60)}", 401),
    "a token without an end": (f"Bearer {token(PUBSUB, exp=None)}", 401),
    "an address that nobody verified": (f"Bearer {token(PUBSUB, email_verified=False)}", 401),
    "no address": (f"Bearer {token(None)}", 401),
    "alg none": (f"Bearer {unsigned(TOKEN)}", 401),
    "HS256 with the public key": (f"Bearer {signed_with_public_key(TOKEN)}", 401),
    "changed claims": (f"Bearer {changed(token('eve@evil.example'), email=PUBSUB)}", 401),
    "a stranger's key with the name of a published one": (
        f"Bearer {token(PUBSUB, signed_by='evil', kid='a')}",
        401,
    ),
    "a signature that Cloud Run took": (
        f"Bearer {TOKEN.rpartition('.')[0]}.SIGNATURE_REMOVED_BY_GOOGLE",
        401,
    ),
    "another account": (f"Bearer {token('eve@evil.iam.gserviceaccount.com')}", 403),
    "the same name in another project": (f"Bearer {token('pubsub@evil.iam.gserviceaccount.com')}", 403),
}


@pytest.mark.parametrize(("credentials", "status"), REFUSED.values(), ids=REFUSED)
def test_a_stranger_is_refused_and_told_nothing_and_the_operator_is(service, capsys, credentials, status):
    logs.configure("service")
    answer = service.ask(credentials)
    assert (answer.status_code, service.done) == (status, 0)
    assert answer.json == {"error": {401: "not authenticated", 403: "not allowed"}[status]}
    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert (entry["severity"], entry["status"], entry["route"]) == ("WARNING", status, "/work")
    assert entry["message"].startswith("call refused: ")
    secret = [part for part in (credentials or "").replace(".", " ").split() if len(part) > 30]
    assert not [part for part in secret if part in line]


def test_the_log_names_what_would_let_them_in(service, capsys):
    logs.configure("service")
    service.ask()
    service.status(token(PUBSUB, aud="https://evil.example"))
    service.status(token("eve@evil.example"))
    none, audience, account = capsys.readouterr().out.splitlines()
    assert "an OIDC token of an account in INVOKERS for the audience in AUDIENCE" in none
    assert f"get one for https://other.example.com or {AUDIENCE}" in audience
    assert "eve@evil.example is not in INVOKERS: add it" in account


@pytest.mark.parametrize("name", [PUBSUB, SCHEDULER])
def test_each_of_the_named_accounts_calls_with_one_token_as_often_as_it_likes(service, google, name):
    text = token(name)
    assert [service.status(text) for _ in range(3)] == [200] * 3
    assert (service.done, google.asked) == (3, 1)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", "/health"),
        ("POST", "/health"),
        ("GET", "/health/"),
        ("GET", "//health"),
        ("OPTIONS", "/work"),
        ("GET", "/nothing"),
        ("GET", "/static/x"),
    ],
)
def test_health_is_all_that_a_stranger_is_answered(service, method, path):
    assert service.ask(method="GET", path="/health").status_code == 200
    assert service.ask(method=method, path=path).status_code == 401


def test_without_google_nobody_is_believed_or_called_a_stranger(service, google):
    google.status = 500
    for _ in range(3):
        answer = service.ask(f"Bearer {TOKEN}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (answer.json, service.done, google.asked) == ({"error": "not now"}, 0, 1)
    assert service.status(token(PUBSUB, iss="https://evil.example")) == 401


def test_while_google_is_away_the_keys_at_hand_do(service, google):
    assert service.status(TOKEN) == 200
    google.status = 500
    assert service.status(token(PUBSUB, sub="2")) == 200
    assert google.asked == 1


def test_a_key_that_google_began_to_use_is_taken(service, google, monkeypatch):
    assert service.status(TOKEN) == 200
    monkeypatch.setattr(issuer_keys, "ASK_AGAIN_SECONDS", 0.0)
    google.names = ("b",)
    assert service.status(token(PUBSUB, signed_by="b")) == 200
    assert service.status(token(PUBSUB, sub="2")) == 401


def test_many_at_once_fetch_once_whatever_keys_they_make_up(service, google):
    def together(texts):
        with ThreadPoolExecutor(16) as threads:
            return set(threads.map(service.status, texts))

    assert together([token(PUBSUB, sub=str(number)) for number in range(32)]) == {200}
    assert together([token(PUBSUB, kid=f"made up {number}") for number in range(32)]) == {401}
    assert google.asked == 1


def test_both_settings_are_required_but_for_an_emulator(google):
    with pytest.raises(ConfigurationError, match="AUDIENCE is not set: .*INVOKERS is not set: "):
        require_invokers({})
    assert read_invokers({}) is None
    assert Service(google, EMULATOR).ask().status_code == 200
    assert Service(google, {**EMULATOR, "AUDIENCE": AUDIENCE}).ask().status_code == 200, "the gateway's"


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"AUDIENCE": AUDIENCE}, "INVOKERS is not set"),
        ({"INVOKERS": PUBSUB}, "AUDIENCE is not set"),
        ({"INVOKERS": PUBSUB, **EMULATOR}, "AUDIENCE is not set"),
        ({**BOTH, "INVOKERS": "pubsub"}, "INVOKERS: 'pubsub' is no e-mail address"),
        ({**BOTH, "INVOKERS": "nexus.iam.gserviceaccount.com"}, "is no e-mail address"),
    ],
)
def test_half_of_them_stops_the_start(environment, problem):
    for read in (read_invokers, require_invokers):
        with pytest.raises(ConfigurationError, match=problem):
            read(environment)


def test_next_to_an_emulator_tokens_are_checked_all_the_same_if_both_are_set(google):
    service = Service(google, {**BOTH, **EMULATOR})
    assert (service.ask().status_code, service.status(TOKEN)) == (401, 200)
