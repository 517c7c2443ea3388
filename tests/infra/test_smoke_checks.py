"""The tests of a rollout, asked of the services themselves: they pass, and fail where one is careless."""

from functools import partial

import pytest
from fakes.issuer import AUDIENCE, Certificates, token
from fakes.pubsub import FakePublisher
from flask import Flask

from devnexus.health import health_routes
from devnexus.identity.google_keys import fetch_google_keys
from devnexus.invokers import guard, require_invokers
from devnexus.outbound import Outbound
from devnexus.push import push_endpoint
from devnexus.secrets import Secret
from devnexus.topology import load_topology
from rollout.checks import CHECKS, Answer
from webhook_receiver.routes import webhook_routes

SMOKE = "nexus-smoke@nexus.iam.gserviceaccount.com"


def failing(app, name, credentials=""):
    """What the checks of this service find wrong."""
    client = app.test_client()
    return [
        check.what
        for check in CHECKS[name]
        if not check.passes(answered(client, check, {"Authorization": credentials} if credentials else {}))
    ]


def answered(client, check, credentials):
    method = "GET" if check.body is None else "POST"
    answer = client.open(check.path, method=method, data=check.body, headers={**check.headers, **credentials})
    return Answer(answer.status_code, answer.data)


@pytest.fixture
def google():
    with Certificates("a") as certificates:
        yield certificates


def pushed_to(google, *, guarded):
    app = Flask("similarity")
    if guarded:
        fetch = partial(fetch_google_keys, Outbound(allow_private=True, seconds=5), google.address)
        guard(app, require_invokers({"AUDIENCE": AUDIENCE, "INVOKERS": "pubsub@nexus.example"}, fetch))
    app.register_blueprint(health_routes())
    app.register_blueprint(push_endpoint([], topology=load_topology(), sender=FakePublisher()))
    return app


def test_a_service_that_checks_its_callers_passes_and_one_that_does_not_fails(google):
    credentials = f"Bearer {token(SMOKE)}"
    assert failing(pushed_to(google, guarded=True), "similarity", credentials) == []
    assert failing(pushed_to(google, guarded=False), "similarity", credentials) == [
        "refuses a push that is not Pub/Sub's"
    ]


def test_the_receiver_passes():
    app = Flask("webhook-receiver")
    app.register_blueprint(health_routes())
    app.register_blueprint(webhook_routes(secrets=[Secret(b"current")], publisher=FakePublisher()))
    assert failing(app, "webhook-receiver") == []
