"""`devnexus notifications` as an operator uses it, on the store of a run and on one that is named."""

import base64
import json
import time
from collections import Counter

import pytest
from click.testing import CliRunner
from delivery_world import DeliveryWorld
from fakes.agents import OrchestratorStandIn
from fakes.webhook_target import WebhookTarget
from notices import notice, requested
from standardwebhooks import Webhook as Oracle

from devnexus.events.notification_requested import Summary
from devnexus.events.similarity_computed import Named
from devnexus.state import create_tables, transaction
from devnexus.values import Value
from devnexus_cli.main import main
from notifier.channel import ChannelKind, DeliveryFailed
from notifier.sql_said import DECISIONS, SAID_TABLES

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def world(tmp_path, monkeypatch):
    """The store of a run whose home is the current folder's."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "ROUTES_FILE", "ALLOW_PRIVATE_TARGETS"):
        monkeypatch.delenv(name, raising=False)
    made = DeliveryWorld(f"sqlite:///{tmp_path}/.devnexus/state.db")
    made.now = time.time() - 60
    yield made
    made.close()


@pytest.fixture
def target(tmp_path, monkeypatch):
    """A webhook, which the routes name `team`."""
    with WebhookTarget() as target:
        routes = tmp_path / "routes.yaml"
        entry = {"channel": "webhook", "url": f"{target.url}?token=s3cr3t", "secret": "TEAM"}
        others = {"mail": {"channel": "webhook", "url": "https://example.org", "secret": "NOT_SET"}}
        routes.write_text(json.dumps({"targets": {"team": entry, **others}, "routes": [{"to": ["team"]}]}))
        monkeypatch.setenv("ROUTES_FILE", str(routes))
        monkeypatch.setenv("TEAM", SECRET)
        yield target


def devnexus(*words):
    return CliRunner().invoke(main, ["notifications", *words])


def disable(world, *numbers):
    world.team.failures = [DeliveryFailed("127.0.0.1 answered 410", disables=True)]
    for number in numbers:
        world.deliveries.accept(requested(number=number))


def decide(world, about, target, outcome, reason):
    create_tables(world.engine, SAID_TABLES)
    row = {"about": about, "target": target, "outcome": outcome, "reason": reason, "at": world.now}
    told = {"repository": "github.com/42", "name": "acme/billing", "commit_sha": "b"}
    with transaction(world.engine) as connection:
        connection.execute(DECISIONS.insert().values(**row, **told))


def line(output, word):
    (found,) = [one for one in output.splitlines() if word in one]
    return found


def test_the_log_says_what_became_of_each_message_and_why(world):
    world.team.failures = [DeliveryFailed("answered 500"), DeliveryFailed("answered 400", permanent=True)]
    for number in (1, 2, 3):
        world.deliveries.accept(requested(number=number))
        world.now += 10
    world.later(0)
    decide(world, "r9:github.com/42", "", "no route", "no route names acme/billing")
    decide(world, requested().about, "team", "told", "2 remarks")
    decide(world, "r10", "audit", "told", "1 remark")
    done = devnexus("log")
    assert done.exit_code == 0, done.output
    rows = done.output.splitlines()
    assert rows[0].split() == ["WHEN", "TARGET", "STATE", "ATTEMPTS", "MESSAGE:", "WHY"]
    assert sum("team" in row for row in rows) == 3
    assert "acme/billing: Retry with backoff is new" in line(done.output, "given up")
    assert line(done.output, "given up").endswith(": answered 400")
    nobody = line(done.output, "no route names acme/billing")
    assert nobody.split()[1:6] == ["-", "no", "route", "-", "acme/billing:"]
    assert "audit" in line(done.output, "on its way")


def test_what_waits_names_its_last_error_and_its_next_attempt(world):
    world.now += 60
    world.team.failures = [DeliveryFailed("answered 503", retry_after=3600)]
    world.deliveries.accept(requested())
    done = devnexus("log")
    assert "waiting" in done.output and "answered 503; next attempt in 59 min" in done.output
    (entry,) = json.loads(devnexus("log", "--json").stdout)["entries"]
    assert (entry["state"], entry["attempts"], entry["reason"]) == ("waiting", 1, "answered 503")
    assert entry["next_attempt_at"] > entry["at"]


def test_a_message_told_with_others_names_its_digest(world):
    world.kinds["team"] = ChannelKind(fields=Value, open=lambda fields, surroundings: None, digests=True)
    world.deliveries = world.notifier()
    for number in range(6):
        world.store.record(requested(number=number), now=world.now)
    world.later(0)
    entries = json.loads(devnexus("log", "--json").stdout)["entries"]
    (digest,) = [one for one in entries if one["members"]]
    assert (digest["members"], digest["state"]) == (6, "delivered")
    assert {one["digest_id"] for one in entries if one["state"] == "digested"} == {digest["id"]}
    assert devnexus("log").output.count(f": in {digest['id']}, which is delivered") == 6
    assert devnexus("log").output.count(f": told as {digest['id']}") == 1


def test_a_message_that_left_its_digest_says_what_became_of_itself(world):
    world.kinds["team"] = ChannelKind(fields=Value, open=lambda fields, surroundings: None, digests=True)
    world.deliveries = world.notifier()
    for number in range(6):
        world.store.record(requested(number=number), now=world.now)
    refusals = DeliveryFailed("answered 400", permanent=True), DeliveryFailed("answered 503")
    world.team.failures = list(refusals)
    world.later(0), world.later(0)
    entries = json.loads(devnexus("log", "--json").stdout)["entries"]
    assert Counter(one["reason"] for one in entries if not one["members"]) == {None: 5, "answered 503": 1}
    assert "which is given up" not in devnexus("log").output


def test_the_log_is_asked_by_target_repository_and_time(world):
    world.deliveries.accept(requested())
    world.deliveries.accept(requested("audit"))
    other = notice(repository=Named(id="github.com/9", name="Acme/Other_1"), introduced=())
    world.deliveries.accept(requested(number=2).model_copy(update={"notice": other}))
    run = Summary(
        cause="import", repositories=1, names=(other.repository,), began_at=other.at, ended_at=other.at
    )
    world.deliveries.accept(requested(number=3).model_copy(update={"notice": None, "summary": run}))

    def found(*words):
        return len(json.loads(devnexus("log", "--json", *words).stdout)["entries"])

    assert [found("--target", name) for name in ("team", "audit", "nobody")] == [3, 1, 0]
    assert [found("--repository", name) for name in ("acme/other_1", "github.com/9", "acme/other-1")] == [
        2,
        2,
        0,
    ]
    assert [found("--since", when) for when in ("5min", "10d", "30min", "2020-01-01", "2999-01-01")] == [
        *(4, 4, 4, 4, 0)
    ]
    assert found("--last", "2") == 2
    assert devnexus("log", "--since", "yesterday").exit_code == 2


def test_a_disabled_target_is_said_with_what_waits_and_the_remedy(world):
    disable(world, 1, 2)
    done = devnexus("log")
    said = line(done.output, "! ")
    assert "127.0.0.1 answered 410. 2 messages wait" in said
    assert said.endswith("devnexus notifications test team")
    assert done.output.count("the target is disabled") == 2


def test_the_status_of_everything_names_a_disabled_target_as_wrong(world):
    def part():
        done = CliRunner().invoke(main, ["status", "--json"])
        return json.loads(done.stdout[: done.stdout.rindex("}") + 1])

    world.deliveries.accept(requested("audit"))
    assert part()["notifications"] == {"waiting": 0, "disabled_targets": []}
    disable(world, 1, 2)
    found = part()
    assert found["notifications"] == {"waiting": 2, "disabled_targets": ["team"]}
    assert "notifications" in found["wrong"]
    assert "devnexus notifications test team" in CliRunner().invoke(main, ["status"]).output


def test_what_others_wrote_cannot_command_the_terminal(world):
    world.team.failures = [DeliveryFailed("\x1b[2J")]
    world.deliveries.accept(requested())
    assert "\x1b" not in devnexus("log").output


def test_without_a_store_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    done = devnexus("log")
    assert done.exit_code == 1 and "--database" in done.output
    missing = devnexus("log", "--database", f"sqlite:///{tmp_path}/missing.db")
    assert missing.exit_code == 1 and "is not there" in missing.output
    assert not (tmp_path / "missing.db").exists()


def test_a_test_message_arrives_says_what_it_is_and_enables_the_target(world, target):
    disable(world, 1, 2, 3)
    done = devnexus("test", "team")
    assert done.exit_code == 0, done.output
    assert "team (webhook) took it" in done.output
    assert "127.0.0.1 answered 410" in done.output and "3 messages that waited for it go out" in done.output
    (received,) = target.received
    told = Oracle(SECRET).verify(received.body, dict(received.headers))
    assert told["data"]["test"] is True
    assert world.later(1) == 3
    assert "disabled" not in devnexus("test", "team").output


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (410, "put targets.team in"),
        (500, "That may pass"),
        ((429, {"Retry-After": "120"}), "left alone for 2 min"),
    ],
)
def test_a_target_that_takes_no_test_stays_disabled_and_the_remedy_is_named(world, target, answer, remedy):
    disable(world, 1)
    target.answers = [answer]
    done = devnexus("test", "team")
    assert done.exit_code == 1
    assert remedy in done.output and "1 message waits" in done.output
    assert "s3cr3t" not in done.output
    assert world.later(1) == 0


def test_an_agent_that_is_told_of_every_push_is_told_of_one_that_concerns_nobody(tmp_path, monkeypatch):
    routes = {"targets": {"agent": {"channel": "orchestrator"}}, "routes": [{"to": ["agent"]}]}
    (tmp_path / "routes.yaml").write_text(json.dumps(routes))
    monkeypatch.setenv("ALLOW_PRIVATE_TARGETS", "true")
    with OrchestratorStandIn() as agent:
        monkeypatch.setenv("ORCHESTRATOR_URL", agent.url)
        done = devnexus(
            *("test", "agent", "--routes", str(tmp_path / "routes.yaml"), "--home", str(tmp_path))
        )
    assert done.exit_code == 0, done.output
    (told,) = agent.notified
    assert told["source_repo"] == "dev-nexus/test" and told["commit_message"].startswith("This is a test")


def test_private_addresses_are_refused_as_the_notifier_refuses_them(world, target, monkeypatch):
    monkeypatch.setenv("ALLOW_PRIVATE_TARGETS", "false")
    done = devnexus("test", "team")
    assert done.exit_code == 1 and "ALLOW_PRIVATE_TARGETS" in done.output
    assert target.received == []


def test_a_target_that_is_not_there_or_lacks_its_secret_is_told_with_the_remedy(world, target, monkeypatch):
    unknown = devnexus("test", "teem")
    assert unknown.exit_code == 1 and "targets are mail, team" in unknown.output
    lacking = devnexus("test", "mail")
    assert lacking.exit_code == 1 and "NOT_SET is not set" in lacking.output
    monkeypatch.delenv("ROUTES_FILE")
    assert "ROUTES_FILE" in devnexus("test", "team").output


def test_without_a_store_a_message_is_sent_all_the_same(target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ALLOW_PRIVATE_TARGETS", "true")
    done = devnexus("test", "team")
    assert done.exit_code == 0 and "--database" in done.output
    assert len(target.received) == 1
