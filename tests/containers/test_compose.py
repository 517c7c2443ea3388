"""docker-compose.yml: a push from outside becomes knowledge, a notice and an answer, and lives on."""

import os
import subprocess
import time

import pytest
from containers.compose import ROOT, SERVICES, ComposeStack, build_images, compose_command, wait_for
from fakes.git_history import make_repository

RETRY = """import tenacity


@tenacity.retry(wait=tenacity.wait_exponential(max=30))
def call():
    return 1
"""
MANIFEST = '[project]\nname = "svc"\ndependencies = ["tenacity"]\n'
HISTORY = [{"app.py": "x = 1\n"}, {"client.py": RETRY, "pyproject.toml": MANIFEST}]
GRACE_SECONDS = 10


def knows_everything(stack):
    return "2 pushes, 1 snapshot, 1 pattern" in stack.ask("kb-writer", "devnexus", "status")


def answer(stack):
    return stack.call("query_patterns", patterns=["Retry with backoff"])


def notices(stack):
    return [
        line["message"] for line in stack.log("notifier") if line["logger"] == "notifier.channels.console"
    ]


def taught(stack):
    """The stack once it knows and has told of the two pushes of local/svc."""
    stack.push_everything("local/svc")
    wait_for(lambda: knows_everything(stack), stack.describe)
    wait_for(lambda: answer(stack)["matches"] and notices(stack), stack.describe)
    return stack


@pytest.fixture(scope="module")
def clones(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clones")
    folder.chmod(0o755)  # what the user in the container may read
    make_repository(folder / "local" / "svc", HISTORY)
    return folder


@pytest.fixture(scope="module")
def start(clones):
    """Starts a stack of images built from what is here; takes it away after the last test."""
    stacks = []

    def start(**options):
        stacks.append(ComposeStack(clones, **options))
        build_images()
        stacks[-1].up()
        return stacks[-1]

    yield start
    for stack in stacks:
        stack.compose("down", "--volumes")


@pytest.fixture(scope="module")
def stack(start):
    return taught(start())


def test_a_push_becomes_knowledge_a_notice_and_an_answer(stack):
    (match,) = answer(stack)["matches"]
    assert (match["repository"], match["matched_patterns"]) == ("local/svc", ["Retry with backoff"])
    assert any("local/svc" in notice and "Retry with backoff" in notice for notice in notices(stack))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_no_rights_and_writes_nowhere_but_in_its_volumes(stack, service):
    assert stack.ask(service, "id", "-u").strip() == "10001"
    assert "Read-only file system" in stack.ask(service, "touch", "/opt/dev-nexus/x")
    status = stack.ask(service, "cat", "/proc/1/status").splitlines()
    effective, bounding, no_new = (
        next(line.split()[1] for line in status if line.startswith(name))
        for name in ("CapEff:", "CapBnd:", "NoNewPrivs:")
    )
    assert (int(effective, 16), int(bounding, 16), no_new) == (0, 0, "1")


def test_every_service_ends_in_time_when_it_is_asked_to_and_the_base_outlives_it(stack):
    before = answer(stack)
    for service in SERVICES:
        started = time.monotonic()
        stack.container(service).stop(timeout=GRACE_SECONDS)
        assert time.monotonic() - started < GRACE_SECONDS
        assert stack.container(service).attrs["State"]["ExitCode"] == 0
    stack.compose("down")
    stack.up()
    after = answer(stack)
    assert (after["revision"], after["matches"]) == (before["revision"], before["matches"])


def test_without_pubsub_the_writer_is_unhealthy_and_with_an_empty_one_all_goes_on(stack):
    pubsub = stack.container("pubsub")
    refused = logged(stack, "not now")
    pubsub.stop(timeout=GRACE_SECONDS)
    wait_for(lambda: logged(stack, "not now") > refused, stack.describe)
    stack.ask("kb-writer", "touch", "--date=3 minutes ago", "/tmp/kb-writer-heartbeat")
    refused = logged(stack, "not now")
    wait_for(lambda: logged(stack, "not now") > refused + 3, stack.describe)
    assert not stack.is_healthy("kb-writer")
    pubsub.start()
    wait_for(lambda: stack.is_healthy("kb-writer"), stack.describe)
    known = logged(stack, "nothing new in batch")
    stack.push_everything("local/svc")
    wait_for(lambda: logged(stack, "nothing new in batch") > known, stack.describe)


def logged(stack, beginning):
    """How many lines of the writer begin like this."""
    return sum(line["message"].startswith(beginning) for line in stack.log("kb-writer"))


def test_postgresql_keeps_the_deliveries_where_its_profile_is_chosen(start):
    stack = taught(start(profile="postgres", DATABASE_URL="postgresql://nexus:nexus@postgres/nexus"))
    query = "SELECT count(*) FROM deliveries WHERE state = 'delivered'"
    answered = stack.ask("postgres", "psql", "--username=nexus", "--tuples-only", f"--command={query}")
    assert int(answered) == len(notices(stack))


def test_a_missing_secret_is_said_with_the_remedy():
    done = subprocess.run(
        [*compose_command(), "config"],
        cwd=ROOT,
        env={**os.environ, "GITHUB_WEBHOOK_SECRET": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "put it into .env as GITHUB_WEBHOOK_SECRET=" in done.stdout + done.stderr
