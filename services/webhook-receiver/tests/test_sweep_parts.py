"""What a sweep decides and how it is called; the sweep itself is in `tests/contract/test_sweep.py`."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from builders import NOON
from fakes.issuer import AUDIENCE, Certificates, token
from flask import Flask

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.identity.google_keys import fetch_google_keys
from devnexus.invokers import read_invokers
from devnexus.outbound import Outbound
from devnexus.secrets import Secret
from webhook_receiver.delivery_attempts import Attempt, undelivered
from webhook_receiver.settings import Settings, repository_of
from webhook_receiver.sweep_routes import sweep_routes
from webhook_receiver.sweep_settings import read_sweep
from webhook_receiver.swept import Swept

TOKEN = Secret(b"let me in")
SCHEDULER = "scheduler@nexus.iam.gserviceaccount.com"


def attempt(minute, *, guid="g", is_ok=False):
    at = NOON + timedelta(minutes=minute)
    return Attempt(id=minute, guid=guid, at=at, is_ok=is_ok, event="push", repository=1)


def due_at(*minutes):
    """The minutes of two hours at which another attempt is asked for, each of which fails as well."""
    attempts, asked = [attempt(0)], []
    for minute in minutes:
        (lost,) = undelivered(attempts)
        if lost.is_due(NOON + timedelta(minutes=minute)):
            asked.append(minute)
            attempts.append(attempt(minute))
    return asked


def test_a_webhook_that_keeps_failing_is_asked_for_ever_more_rarely():
    assert due_at(*range(0, 130, 5)) == [0, 10, 30, 70]


def test_one_attempt_that_went_well_is_enough_whatever_came_before_and_after():
    tries = [attempt(0), attempt(1, is_ok=True), attempt(2), attempt(3, guid="other"), attempt(1, guid="old")]
    assert [one.last.id for one in undelivered(tries)] == [1, 3]


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("github:Acme/Knowledge", "acme/knowledge"),
        ("https://github.com/acme/knowledge.git", "acme/knowledge"),
        ("git@github.com:acme/knowledge.git", "acme/knowledge"),
        ("/var/lib/knowledge.git", None),
        ("knowledge.git", None),
    ],
)
def test_the_knowledge_base_itself_is_known_by_its_place(location, name):
    assert repository_of(location) == name


def client(run, *, token=TOKEN, invokers=None):
    app = Flask(__name__)
    app.register_blueprint(sweep_routes(run, token=token, invokers=invokers))
    return app.test_client()


def post(client, authorization="Bearer let me in"):
    return client.post("/sweep", headers={"Authorization": authorization} if authorization else {})


def test_who_has_the_token_is_told_what_was_done():
    answer = post(client(lambda: Swept(gaps_closed=2)))
    assert (answer.status_code, answer.json["gaps_closed"]) == (200, 2)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer ", "Bearer let me ine", "Basic let me in", "let me in", "é"]
)
def test_nobody_else_starts_a_sweep(authorization):
    started = []
    assert post(client(lambda: started.append(1) or Swept()), authorization).status_code == 401
    assert started == []


@pytest.mark.parametrize("secret", [TOKEN, None])
def test_scheduler_may_come_with_a_token_of_google_and_other_accounts_may_not(secret):
    with Certificates("a") as google:
        fetch = partial(fetch_google_keys, Outbound(allow_private=True, seconds=5), google.address)
        invokers = read_invokers({"AUDIENCE": AUDIENCE, "INVOKERS": SCHEDULER}, fetch)
        answers = client(Swept, token=secret, invokers=invokers)
        tokens = [token(SCHEDULER), token("eve@evil.example"), token(SCHEDULER, aud="https://evil.example")]
        assert [post(answers, f"Bearer {one}").status_code for one in tokens] == [200, 403, 401]
        assert post(answers).status_code == (200 if secret else 401)
        assert post(answers, "").status_code == 401


def test_a_run_that_stopped_early_says_so_and_how_far_it_came():
    answer = post(client(lambda: Swept(redelivered=3, stopped="GitHub asks to wait")))
    assert (answer.status_code, answer.json["redelivered"]) == (503, 3)


def test_a_base_that_cannot_be_opened_is_no_crash():
    def run():
        raise Unavailable("not now")

    answers = client(run)
    assert post(answers).json == {"error": "not now"}
    assert post(answers).status_code == 503, "and not 409: the first one has ended"


def test_two_at_once_would_do_everything_twice():
    inside, go_on = threading.Event(), threading.Event()

    def run():
        inside.set()
        assert go_on.wait(10)
        return Swept()

    answers = client(run)
    statuses = []
    first = threading.Thread(target=lambda: statuses.append(post(answers).status_code))
    first.start()
    assert inside.wait(10)
    assert post(answers).status_code == 409
    go_on.set()
    first.join()
    assert statuses == [200]


def test_where_nobody_may_call_it_there_is_no_sweep_and_where_somebody_may_the_rest_is_required():
    bare = Settings(project="p")
    assert read_sweep({}, bare) is None
    for who in ({"SWEEP_TOKEN": "x"}, {"AUDIENCE": AUDIENCE, "INVOKERS": SCHEDULER}):
        with pytest.raises(ConfigurationError, match="GITHUB_APP_ID"):
            read_sweep(who, bare)
    with pytest.raises(ConfigurationError, match="KNOWLEDGE"):
        read_sweep({"SWEEP_TOKEN": "x", "GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": "k"}, bare)
