"""From a signed webhook to knowledge, with every service as its own process, on either Pub/Sub."""

import random
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import count

import pytest
from fakes.git_history import make_repository, service_history
from listening import Listener

from devnexus.git import run_git
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.projection import Projection
from devnexus.values import load_json
from devnexus_cli.local_repository import LocalPush, newest_pushes, open_local
from devnexus_cli.replay import link_clones
from devnexus_cli.status_knowledge import knowledge_parts
from devnexus_cli.webhook import WebhookSender, push_payload

PUSHES = 200


class World:
    """The running services and one repository whose pushes they are told of."""

    def __init__(self, stack, repository):
        self.stack = stack
        self.repository = repository
        self.store = stack.knowledge()
        self.sent = []
        self._sender = WebhookSender(port=stack.webhook_port, secret=stack.secret)

    def push(self, push):
        self.sent.append(self._sender.push(push_payload(self.repository, push)))

    def records(self):
        return stored_records(self.store, HISTORY, at=self.store.head())

    def wait_for(self, count, seconds=90):
        """Until there are `count` records."""
        until = time.monotonic() + seconds
        while len(records := self.records()) < count:
            self.stack.check()
            assert time.monotonic() < until, f"{len(records)} of {count} records after {seconds} s"
            time.sleep(0.1)
        return records

    def pages(self):
        return self.store.read(["repositories/", "history/"], at=self.store.head())

    def projection(self):
        (page,) = self.store.read(["repositories/"], at=self.store.head()).values()
        return Projection.model_validate(load_json(page))

    def close(self):
        self._sender.close()
        self.store.close()


@pytest.fixture
def world_of(tmp_path, start_stack):
    """Starts a world around the repository at a path; each with a base and a project of its own."""
    numbers = count()
    with ExitStack() as open_worlds:

        def start(path):
            repository = open_local(path)
            home = tmp_path / f"home{next(numbers)}"
            link_clones([repository], home / "repositories")
            stack = open_worlds.enter_context(start_stack(home=home, repositories=home / "repositories"))
            return open_worlds.enter_context(closing(World(stack, repository)))

        yield start


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    path = tmp_path_factory.mktemp("clones") / "svc"
    make_repository(path, service_history(PUSHES + 1))
    return path


def pushes_of(path):
    """The last 200 commits of a repository, a push each."""
    return newest_pushes(open_local(path), PUSHES)


def test_a_killed_writer_loses_nothing_and_repeats_nothing(world_of, service):
    undisturbed = world_of(service)
    for push in pushes_of(service):
        undisturbed.push(push)
    undisturbed.wait_for(PUSHES)

    world = world_of(service)
    with Listener(world.stack.running, "knowledge-committed") as listener:
        for number, push in enumerate(pushes_of(service)):
            world.push(push)
            if number in {60, 120, 180}:
                head = world.store.head()
                until = time.monotonic() + 5
                while world.store.head() == head and time.monotonic() < until:
                    pass  # at the very moment of a commit: before it is announced or acknowledged
                world.stack.kill("kb-writer")
                world.stack.start("kb-writer")
        records = world.wait_for(PUSHES)
        commits = set(run_git(world.stack.knowledge_path, "rev-list", "main").decode().split()[:-1])
        assert listener.heard(commits.issubset) == commits

    assert sorted(record.record_id for record in records) == sorted(world.sent)
    assert len(set(world.sent)) == PUSHES
    assert world.pages() == undisturbed.pages()


def test_shuffled_and_repeated_pushes_give_the_same_bytes(world_of, service):
    straight, shuffled = world_of(service), world_of(service)
    pushes = pushes_of(service)[:60]
    for push in pushes:
        straight.push(push)
    arrivals = [*pushes, *pushes[::5]]
    random.Random(7).shuffle(arrivals)
    for push in arrivals:
        shuffled.push(push)
    straight.wait_for(len(pushes))
    shuffled.wait_for(len(pushes))
    assert shuffled.pages() == straight.pages()


RETRY = "import tenacity\n\n@tenacity.retry(wait=tenacity.wait_exponential())\ndef call():\n    pass\n"


def step(before, after, second):
    """A push at that second of some day."""
    at = datetime(2026, 1, 2, second=second, tzinfo=UTC)
    return LocalPush(before, after, at, "Ada", "step")


def test_a_force_push_back_takes_the_evidence_back(world_of, tmp_path):
    a, b = make_repository(tmp_path / "svc", [{"app.py": "x = 1\n"}, {"client.py": RETRY}])
    world = world_of(tmp_path / "svc")
    world.push(step("0" * 40, a, 0))
    world.push(step(a, b, 1))
    world.wait_for(3)
    assert "retry-backoff" in world.projection().standing_patterns
    world.push(step(b, a, 2))
    world.wait_for(5)
    projection = world.projection()
    assert (projection.pushes, projection.snapshots, projection.gaps) == (3, 2, ())
    assert projection.standing_patterns == {}
    by_base = {(r.before, r.after): r.coverage for r in world.records() if r.subject == "push"}
    assert by_base == {("0" * 40, a): "commits", (a, b): "change", (b, a): "commits"}


def gaps(world):
    """What `devnexus status` says of them."""
    store = world.stack.knowledge()
    try:
        return "\n".join(next(part.lines for part in knowledge_parts(store, "here") if part.title == "gaps"))
    finally:
        store.close()


def test_a_dropped_push_is_a_gap_that_status_shows(world_of, tmp_path):
    history = [{"a.py": "1\n"}, {"b.py": "1\n"}, {"client.py": RETRY}, {"d.py": "1\n"}]
    a, b, c, d = make_repository(tmp_path / "svc", history)
    world = world_of(tmp_path / "svc")
    world.push(step("0" * 40, a, 0))
    world.push(step(a, b, 1))
    world.push(step(c, d, 3))
    records = world.wait_for(4)
    (last,) = (record for record in records if record.after == d)
    assert [file.path for file in last.files] == ["d.py"]
    assert f"gap: {b[:12]} → {c[:12]} was missed" in gaps(world)
    world.push(step(b, c, 2))
    world.wait_for(5)
    assert gaps(world) == "none"
    assert "retry-backoff" in world.projection().standing_patterns
