"""With a key: what Claude says of a push at once, and of a snapshot in a batch, reaches the gateway."""

import re
import time
import uuid

import pytest
import requests
from fakes.anthropic_refusals import KEY
from fakes.anthropic_server import FakeClaude
from fakes.git_history import make_repository
from fakes.knowledge import make_store

from devnexus.events import SnapshotRequested
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import history_folder
from devnexus_cli.extraction.asked import as_event_says
from devnexus_cli.local_repository import newest_pushes, open_local
from devnexus_cli.replay import link_clones
from devnexus_cli.stack import Stack
from devnexus_cli.webhook import WebhookSender, push_payload

BREAKER = 'class CircuitBreaker:\n    def call(self):\n        raise RuntimeError("{}")\n'
QUOTE = "class CircuitBreaker:"
SAID = {
    "patterns": [{"name": "Circuit breaker", "quote": QUOTE, "why": "x"}],
    "decisions": [],
    "components": [],
}


def says(asked):
    """That every file of source it is shown has a circuit breaker."""
    files = re.findall(r'^File (\d+): ".*\.py"', asked.material, re.MULTILINE)
    return {"files": [{"file": int(number), **SAID} for number in files]}


class World:
    """The services, as `devnexus run` starts them where there is a key, and two repositories."""

    def __init__(self, stack, claude, pushed, asked_for):
        self.stack, self.claude = stack, claude
        self.pushed, self.asked_for = pushed, asked_for

    def push_newest(self):
        sender = WebhookSender(port=self.stack.webhook_port, secret=self.stack.secret)
        sender.push(push_payload(self.pushed, newest_pushes(self.pushed, 1)[-1]))
        sender.close()

    def ask_for_a_snapshot(self):
        repository = as_event_says(self.asked_for)
        asked = SnapshotRequested(cause="backfill", repository=repository, asked_by="test")
        self.stack.publisher("/test").publish([asked])

    def outcomes(self, repository):
        """What became of each reading by Claude, in the order in which the base was told."""
        store = self.stack.knowledge()
        records = stored_records(store, history_folder(repository.id), at=store.head())
        store.close()
        return [(one.receipt.claude.outcome, one.receipt.claude.because) for one in records]

    def reanalyse(self):
        extractor = self.stack.running.services["extractor"]
        return requests.post(f"{extractor}/reanalyse", timeout=60).json()

    def answers(self, repository):
        """Who shows a circuit breaker, as the gateway answers."""
        url = f"http://127.0.0.1:{self.stack.gateway_port}/skills/query_patterns"
        told = requests.post(url, json={"patterns": ["Circuit breaker"]}, timeout=10).text
        return repository.name in told

    def until(self, holds, *about):
        until = time.monotonic() + 90
        while not (found := holds(*about)):
            self.stack.check()
            assert time.monotonic() < until, [self.outcomes(one) for one in (self.pushed, self.asked_for)]
            time.sleep(0.2)
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory, pubsub):
    folder = tmp_path_factory.mktemp("claude")
    home = folder / "home"
    make_repository(folder / "pushed", [{"README.md": "x\n"}, {"src/breaker.py": BREAKER.format("open")}])
    make_repository(folder / "asked_for", [{"src/other.py": BREAKER.format("shut")}])
    clones = [open_local(folder / name) for name in ("pushed", "asked_for")]
    link_clones(clones, home / "clones")
    store = make_store(home / "knowledge.git")
    lets = b'claude: {repositories: ["local/*"]}\n'
    store.commit({"devnexus.yaml": lets}, message="people", expected_head=store.head())
    store.close()
    project = f"claude-{uuid.uuid4().hex[:8]}"
    with pytest.MonkeyPatch.context() as environment, FakeClaude(says, ends_batches=True) as claude:
        environment.setenv("ANTHROPIC_API_KEY", KEY)
        environment.setenv("ANTHROPIC_BASE_URL", claude.url)
        with Stack(home=home, repositories=home / "clones", pubsub=pubsub, project=project) as stack:
            yield World(stack, claude, *clones)


def test_what_claude_says_of_a_push_is_what_the_gateway_answers(world):
    world.push_newest()
    world.until(world.answers, world.pushed)
    assert world.outcomes(world.pushed) == [("read", "")]
    assert [one.model for one in world.claude.asked] == ["claude-sonnet-5-5"]


def test_a_snapshot_is_asked_about_in_a_batch_and_its_better_record_arrives(world):
    asked_at_once = len(world.claude.asked)
    world.ask_for_a_snapshot()
    assert world.until(world.outcomes, world.asked_for) == [("not-read", "it waits for a batch")]
    assert not world.answers(world.asked_for)
    assert world.reanalyse()["questions_sent"] == 1
    assert world.reanalyse() == {"batches_taken": 1, "questions_sent": 0, "read_again": 1}
    world.until(world.answers, world.asked_for)
    assert ("read", "") in world.outcomes(world.asked_for)
    (batch,) = world.claude.batches
    assert [one.model for one in batch.requests] == ["claude-haiku-5-5"]
    assert len(world.claude.asked) == asked_at_once
