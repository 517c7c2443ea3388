"""SIGTERM in a container: it ends in time, and what it had in hand is finished or comes again, once."""

import time
from contextlib import closing
from datetime import UTC, datetime

import pytest
from containers.compose import build_images, wait_for
from containers.stack import ContainerStack
from fakes.git_history import make_repository
from listening import Listener

from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import HISTORY
from devnexus_cli.local_repository import LocalPush, open_local
from devnexus_cli.replay import link_clones
from devnexus_cli.webhook import WebhookSender, push_payload

GRACE_SECONDS = 10
SMALL = 400
"""Repositories, more than one commit of the writer holds: it takes a hundred files at most."""

FILES = 1500
"""Of a push that takes the extractor seconds."""

RETRY = (
    "import tenacity\n\n\n@tenacity.retry(wait=tenacity.wait_exponential(max=%d))\ndef f():\n    return 1\n"
)


class World:
    """The stack in containers, and repositories whose pushes it is told of."""

    def __init__(self, stack, repositories):
        self.stack = stack
        self.repositories = repositories

    def push(self, name):
        """Tell of the second commit of a repository; the id of its record."""
        repository, (before, after) = self.repositories[name]
        push = LocalPush(before, after, datetime(2026, 1, 1, second=1, tzinfo=UTC), "Ada", "step")
        with closing(WebhookSender(port=self.stack.webhook_port, secret=self.stack.secret)) as sender:
            return sender.push(push_payload(repository, push))

    def records(self):
        with closing(self.stack.knowledge()) as store:
            return stored_records(store, HISTORY, at=store.head())

    def head(self):
        with closing(self.stack.knowledge()) as store:
            return store.head()

    def known(self):
        return {record.record_id for record in self.records()}

    def stands_once(self):
        """Whether no record stands twice; a large one comes in parts."""
        ids = [record.id for record in self.records()]
        return len(ids) == len(set(ids))

    def log(self, service):
        return self.stack.log(service).read_text()

    def wait_for(self, *ids):
        wait_for(lambda: self.known() >= {*ids}, self.stack.describe)

    def stop(self, service):
        """Ask a service to end; how many seconds it took, and the status it ended with."""
        started = time.monotonic()
        status = self.stack.stop(service, GRACE_SECONDS)
        return time.monotonic() - started, status


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    build_images()
    home = tmp_path_factory.mktemp("home")
    big = {f"src/part{n}.py": RETRY % (n + 1) * 5 for n in range(FILES)}
    histories = {f"small{n}": [{"a.py": "x = 1\n"}, {"b.py": RETRY % (n + 1)}] for n in range(SMALL + 10)}
    repositories = {}
    for name, history in {**histories, "big": [{"a.py": "x = 1\n"}, big]}.items():
        commits = make_repository(home / "pushed" / name, history)
        repositories[name] = (open_local(home / "pushed" / name), commits)
    link_clones([repository for repository, _ in repositories.values()], home / "clones")
    with ContainerStack(
        home=home, repositories=home / "clones", readable=tmp_path_factory.getbasetemp()
    ) as stack:
        yield World(stack, repositories)


def test_a_push_that_the_extractor_had_in_hand_becomes_knowledge_once(world):
    pushed = world.push("big")
    names = ("extractor", "sh", "-c", "cat /proc/[0-9]*/comm")
    wait_for(lambda: "git" in world.stack.ask(*names), world.stack.describe)
    seconds, status = world.stop("extractor")
    assert (seconds < GRACE_SECONDS, status) == (True, 0)
    world.stack.start("extractor")
    others = [world.push(f"small{n}") for n in range(SMALL, SMALL + 10)]
    world.wait_for(pushed, *others)
    assert world.stands_once()
    assert "Traceback" not in world.log("extractor")


def test_a_writer_that_is_stopped_between_two_commits_gives_the_rest_back_to_the_next(world):
    world.stop("kb-writer")
    with Listener(world.stack.running, "knowledge-changes") as extracted:
        pushed = [world.push(f"small{n}") for n in range(SMALL)]
        assert len(extracted.heard(lambda ids: len(ids) >= SMALL)) == SMALL
    before = world.head()
    world.stack.start("kb-writer")
    wait_for(lambda: world.head() != before, world.stack.describe)
    seconds, status = world.stop("kb-writer")
    assert (seconds < GRACE_SECONDS, status) == (True, 0)
    assert not set(pushed) <= world.known()  # else it had nothing to give back
    world.stack.start("kb-writer")
    world.wait_for(*pushed)
    assert world.stands_once()
