"""`devnexus github …` against a GitHub: what is printed, what is published, how it ends."""

import json
import signal
import subprocess
import sys
import time
import uuid
from functools import partial

import pytest
from click.testing import CliRunner
from fakes.github_gate import Fault
from fakes.issuer import AUDIENCE, Certificates, token
from fakes.recovery_world import RecoveryWorld

from devnexus.identity.google_keys import fetch_google_keys
from devnexus.outbound import Outbound
from devnexus.provision import provision
from devnexus.topology import Topology, load_topology
from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from devnexus_cli.main import main
from webhook_receiver.main import create_app

WAIT = Fault(
    "GET", "/installation/repositories", status=429, message="slow", headers={"Retry-After": "1800"}, times=9
)


@pytest.fixture
def world(github, tmp_path, monkeypatch):
    world = RecoveryWorld(github, tmp_path)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KNOWLEDGE", str(world.knowledge))
    yield world
    world.close()


@pytest.fixture
def waiting(monkeypatch):
    """Tells how many messages wait on commit-bulk."""
    project = f"github-{uuid.uuid4().hex[:8]}"
    with EmbeddedPubSub() as server:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.endpoint)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)
        topology = load_topology()
        bulk = topology.subscription("extractor-bulk").model_copy(update={"push": None})
        provision(Topology(topics=topology.topics, subscriptions=(bulk,)), project=project, services={})
        yield lambda: server.broker.undelivered(f"projects/{project}/subscriptions/extractor-bulk")


def github_command(*words):
    return CliRunner().invoke(main, ["github", *words])


def test_a_backfill_says_what_it_takes_and_publishes_only_when_asked_to(world, waiting, tmp_path):
    name = world.new_repository()
    for n in range(3):
        world.push(name, {"a.py": f"a = {n}\n"})
    home = ("--home", str(tmp_path / "home"), "--per-hour", "1000000")
    dry = github_command("backfill", "acme", "--commits", "2", "--dry-run", *home)
    assert dry.exit_code == 0, dry.output
    assert "acme: 1 repository, at most 2 commits, 1 snapshot first" in dry.output
    assert "cost: 0" in dry.output and waiting() == 0
    done = github_command("backfill", name, "--commits", "2", *home)
    assert (done.exit_code, waiting()) == (0, 3), done.output
    assert done.output.splitlines()[-1] == "2 pushes and 1 snapshot"


def test_a_backfill_of_somebody_without_repositories_of_ours_does_nothing(world, waiting):
    world.new_repository()
    done = github_command("backfill", "nobody", "--commits", "2")
    assert (done.exit_code, waiting()) == (0, 0), done.output
    assert done.output.startswith("nobody: 0 repositories")


def test_a_backfill_ends_at_ctrl_c_and_goes_on_later_without_doing_anything_twice(world, waiting, tmp_path):
    name = world.new_repository()
    for n in range(3):
        world.push(name, {"a.py": f"a = {n}\n"})
    words = ("backfill", name, "--commits", "3", "--home", str(tmp_path / "home"), "--per-hour")
    command = [sys.executable, "-m", "devnexus_cli.main", "github", *words, "3600"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 30
        while not list(tmp_path.glob("home/backfill/*.json")) and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert f"nothing is lost. To go on: devnexus github backfill {name} --commits 3" in said
    stopped_at = waiting()
    assert 2 <= stopped_at < 4
    assert github_command(*words, "1000000").exit_code == 0
    assert waiting() == 4


def test_a_backfill_that_github_wants_to_wait_says_how_to_go_on(world, waiting, tmp_path):
    world.github.gate.faults = [WAIT]
    done = github_command("backfill", "acme", "--commits", "2", "--home", str(tmp_path / "home"))
    assert done.exit_code == 75
    assert "asks to wait 1800 s" in done.output
    assert "To go on later: devnexus github backfill acme --commits 2" in done.output


def test_a_sweep_says_in_few_lines_what_it_did_or_would_do(world, waiting):
    name = world.new_repository()
    world.work()
    world.push(name, {"a.py": "a = 1\n"}, send=False)
    dry = github_command("sweep", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "stale heads   1 would be closed" in dry.output and waiting() == 0
    done = github_command("sweep")
    assert "stale heads   1 closed" in done.output and waiting() == 1
    assert len(done.output.splitlines()) <= 10
    assert json.loads(github_command("sweep", "--json").output)["heads_closed"] == 1


def test_a_sweep_that_had_to_stop_says_why_and_ends_with_75(world, waiting):
    world.github.gate.faults = [WAIT]
    done = github_command("sweep")
    assert done.exit_code == 75
    assert "Stopped early: GitHub asks to wait 1800 s" in done.output


def test_scheduler_sweeps_through_the_receiver_and_nobody_else_does(world, waiting, monkeypatch):
    name = world.new_repository()
    world.work()
    world.push(name, {"a.py": "a = 1\n"}, send=False)
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "of the App")
    without = create_app().test_client()
    assert without.post("/sweep").status_code == 404
    monkeypatch.setenv("SWEEP_TOKEN", "let me in")
    receiver = create_app().test_client()
    assert (receiver.post("/sweep").status_code, waiting()) == (401, 0)
    answer = receiver.post("/sweep", headers={"Authorization": "Bearer let me in"})
    assert (answer.status_code, answer.json["heads_closed"], waiting()) == (200, 1, 1)


def test_scheduler_may_as_well_show_a_token_of_its_account(world, waiting, monkeypatch):
    world.new_repository()
    world.work()
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "of the App")
    monkeypatch.setenv("AUDIENCE", AUDIENCE)
    monkeypatch.setenv("INVOKERS", "scheduler@acme.example")
    with Certificates("a") as google:
        fetch = partial(fetch_google_keys, Outbound(allow_private=True, seconds=5), google.address)
        receiver = create_app(fetch_keys=fetch).test_client()
        for email, status in (("scheduler@acme.example", 200), ("eve@acme.example", 403)):
            headers = {"Authorization": f"Bearer {token(email)}"}
            assert receiver.post("/sweep", headers=headers).status_code == status
        assert receiver.post("/sweep").status_code == 401
