"""How the notifier starts, ticks, and says what it does."""

import base64
import json
import threading
import time
from itertools import pairwise

import pytest
from fakes.webhook_target import WebhookTarget
from flask import Flask
from notices import requested

from devnexus import logs
from devnexus.errors import Unavailable
from devnexus.start import CANNOT_START
from devnexus.state import create_tables, open_state
from notifier.channel import Surroundings
from notifier.channels.webhook import CHANNEL, WebhookFields
from notifier.deliveries import Deliveries, Round
from notifier.main import create_app
from notifier.sql_deliveries import SqlDeliveries
from notifier.sql_tables import TABLES
from notifier.ticking import start_ticking, tick_routes

KEY = base64.b64encode(bytes(range(32))).decode()
ROUTES = """
targets: {team: {channel: webhook, url: "https://example.org/hook", secret: HOOK}}
routes: [{to: [team]}]
"""


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("GOOGLE_CLOUD_PROJECT", "", "GOOGLE_CLOUD_PROJECT is not set"),
        ("PUBSUB_EMULATOR_HOST", "", "INVOKERS is not set"),
        ("K_SERVICE", "notifier", "PUBSUB_EMULATOR_HOST is set, and this is Cloud Run"),
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("DATABASE_URL", "postgresql://me:s3cr3t@127.0.0.1:1/x", "127.0.0.1:1/x cannot be used"),
        ("DATABASE_URL", "sqlite:///%s", "cannot be used: unable to open database file"),
        ("ROUTES_FILE", "/nowhere.yaml", "/nowhere.yaml cannot be read"),
        ("HOOK", "", "targets.team.secret: HOOK is not set"),
        ("ALLOW_PRIVATE_TARGETS", "maybe", "neither true nor false"),
        ("ORCHESTRATOR_URL", "http://agents.example.org", "ORCHESTRATOR_URL: write a whole address"),
    ],
)
def test_without_what_it_needs_it_does_not_start_and_says_why(
    tmp_path, monkeypatch, capsys, setting, value, message
):
    (tmp_path / "routes.yaml").write_text(ROUTES)
    environment = {
        "GOOGLE_CLOUD_PROJECT": "p",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/state.db",
        "ROUTES_FILE": str(tmp_path / "routes.yaml"),
        "HOOK": KEY,
        setting: value.replace("%s", str(tmp_path)),
    }
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(SystemExit) as ended:
        create_app()
    assert ended.value.code == CANNOT_START
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["severity"], message in line) == ("CRITICAL", True)
    assert "s3cr3t" not in line


def test_a_bug_with_a_run_holds_back_no_delivery(tmp_path, monkeypatch):
    ticks, url = [], f"sqlite:///{tmp_path}/state.db"
    environment = {"GOOGLE_CLOUD_PROJECT": "p", "DATABASE_URL": url, "PUBSUB_EMULATOR_HOST": "127.0.0.1:1"}
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr("notifier.main.stopped_by_sigterm", threading.Event)
    monkeypatch.setattr("notifier.main.start_ticking", lambda tick, stop: ticks.append(tick))
    monkeypatch.setattr("notifier.main.Telling.tell_finished_runs", lambda self: {}["a bug"])
    create_app()
    store = SqlDeliveries(open_state(url))
    store.record(requested("console"), now=time.time())
    with pytest.raises(KeyError):
        ticks[0]()
    assert store.next_due(now=time.time()) is None


def tick(deliver_due):
    app = Flask(__name__)
    app.register_blueprint(tick_routes(deliver_due, threading.Event()))
    return app.test_client().post("/tick")


def test_a_tick_says_how_much_it_did():
    answer = tick(lambda: Round(7, None))
    assert (answer.status_code, answer.json) == (200, {"attempts": 7})


def test_a_tick_goes_on_while_the_next_is_due_soon_and_ends_when_nothing_is():
    rounds = [Round(1, 0.01), Round(0, 0.01), Round(2, 0.0), Round(0, 300.0), Round(9, None)]
    assert tick(lambda: rounds.pop(0)).json == {"attempts": 3}


def test_a_tick_without_the_store_is_to_be_repeated():
    def fail():
        raise Unavailable("no store")

    assert tick(fail).status_code == 503


def test_the_thread_goes_on_after_an_outage_and_after_a_bug_and_ends_when_asked():
    stop, rounds = threading.Event(), []

    def deliver_due():
        rounds.append(None)
        if len(rounds) == 1:
            raise Unavailable("no store")
        if len(rounds) == 2:
            raise KeyError("a bug")
        if len(rounds) == 5:
            stop.set()
        return Round(1, 0.0)

    thread = start_ticking(deliver_due, stop, seconds=0.01)
    thread.join(10)
    assert (thread.is_alive(), len(rounds)) == (False, 5)


def test_the_thread_looks_again_when_the_next_is_due():
    stop, looked = threading.Event(), []

    def deliver_due():
        looked.append(time.monotonic())
        if len(looked) == 3:
            stop.set()
        return Round(0, 0.1)

    start_ticking(deliver_due, stop, seconds=60).join(10)
    assert [later - earlier for earlier, later in pairwise(looked)] == [pytest.approx(0.1, abs=0.09)] * 2


def test_every_attempt_leaves_one_line_and_no_secret_in_the_log(tmp_path, capsys):
    engine = open_state(f"sqlite:///{tmp_path}/state.db")
    create_tables(engine, TABLES)
    bad_headers = {"Location": "https://example.org/?token=s3cr3t", "Retry-After": "7"}
    with WebhookTarget((500, bad_headers), 204, 410) as target:
        fields = WebhookFields(url=f"{target.url}/s3cr3t?token=s3cr3t", secret="HOOK")
        now = iter(range(1_000_000, 9_000_000, 10))
        deliveries = Deliveries(
            store=SqlDeliveries(engine),
            channels={"team": CHANNEL.open(fields, Surroundings({"HOOK": KEY}, True))},
            kinds={},
            names={"team": "webhook"},
            clock=lambda: float(next(now)),
        )
        logs.configure("notifier")
        deliveries.accept(requested())
        deliveries.deliver_due()
        deliveries.accept(requested(number=2))
    engine.dispose()
    written = capsys.readouterr().out
    lines = [json.loads(line) for line in written.splitlines()]
    disabled = lines.pop(2)
    assert (disabled["severity"], disabled["target"]) == ("ERROR", "team")
    assert [(line["severity"], line["attempt"], line["outcome"]) for line in lines] == [
        ("WARNING", 1, "postponed"),
        ("INFO", 2, "delivered"),
        ("WARNING", 1, "held-back"),
    ]
    assert {(line["target"], line["channel"]) for line in lines} == {("team", "webhook")}
    assert [line["delivery_id"] for line in lines] == [one.delivery_id for one in target.received]
    assert all(line["duration_ms"] >= 0 for line in lines)
    assert lines[0]["retry_in_ms"] == 7000
    signatures = [one.headers["webhook-signature"] for one in target.received]
    assert not [secret for secret in ("s3cr3t", KEY, *signatures) if secret in written]
