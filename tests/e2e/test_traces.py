"""One push is one trace, from the webhook to the message that somebody gets, with every service a process."""

import json
import time
import uuid
from contextlib import closing, contextmanager

import pytest
import requests
from fakes.collector import Collector
from fakes.git_history import make_repository
from fakes.webhook_target import WebhookTarget

from devnexus_cli.local_issuer import YOU, local_token
from devnexus_cli.local_repository import newest_pushes, open_local
from devnexus_cli.replay import link_clones
from devnexus_cli.stack import Stack
from devnexus_cli.webhook import WebhookSender, push_payload

TENACITY = (
    "import tenacity\n\n\n@tenacity.retry(wait=tenacity.wait_exponential(max=30))\ndef f():\n    return 1\n"
)
CALLERS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PATH = (
    ("webhook-receiver", "webhook"),
    ("webhook-receiver", "publish commit.pushed.v1"),
    ("extractor", "process commit.pushed.v1"),
    ("extractor", "publish patterns.extracted.v1"),
    ("kb-writer", "process patterns.extracted.v1"),
    ("kb-writer", "commit"),
    ("kb-writer", "publish knowledge.committed.v1"),
    ("similarity", "process knowledge.committed.v1"),
    ("similarity", "publish similarity.computed.v1"),
    ("notifier", "process similarity.computed.v1"),
    ("notifier", "publish notification.requested.v1"),
    ("notifier", "process notification.requested.v1"),
    ("notifier", "deliver"),
)
"""Each span and, before it, its parent."""


@pytest.fixture
def collector():
    with Collector() as collector:
        yield collector


@pytest.fixture
def target():
    with WebhookTarget() as target:
        yield target


@pytest.fixture
def world(tmp_path, pubsub, target, collector, monkeypatch):
    routes = tmp_path / "routes.yaml"
    routes.write_text(
        f"targets:\n  team: {{channel: webhook, url: '{target.url}', secret: TEAM_SECRET}}\n"
        "routes:\n  - to: [team]\n"
    )
    monkeypatch.setenv("ROUTES_FILE", str(routes))
    monkeypatch.setenv("TEAM_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    monkeypatch.setenv("TRACES", collector.url)
    return World(tmp_path, pubsub, target)


class World:
    """The services, and one repository for each push."""

    def __init__(self, tmp_path, pubsub, target):
        self._path = tmp_path
        self._pubsub = pubsub
        self._repositories = []
        self.target = target

    @contextmanager
    def running(self):
        project = f"traces-{uuid.uuid4().hex[:8]}"
        clones = self._path / "clones"
        with Stack(
            home=self._path / "home", repositories=clones, pubsub=self._pubsub, project=project
        ) as self.stack:
            yield self.stack

    def push(self, name):
        """The pushes of a repository of its own: one that begins it, one that is worth telling."""
        make_repository(self._path / name, [{"a.py": "x = 1\n"}, {"client.py": TENACITY}])
        repository = open_local(self._path / name)
        self._repositories.append(repository)
        link_clones(self._repositories, self._path / "clones")
        sender = WebhookSender(port=self.stack.webhook_port, secret=self.stack.secret)
        with closing(sender):
            for push in newest_pushes(repository, 10):
                sender.push(push_payload(repository, push))

    def log(self, service):
        lines = self.stack.log(service).read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return answer


def delivered(line):
    return line["message"] == "delivery attempted" and line["outcome"] == "delivered"


def test_a_push_is_one_trace_from_the_webhook_to_the_delivery(world, collector, monkeypatch):
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "600000")  # so what comes comes at SIGTERM
    world.target.answers = [500]  # so it is the notifier's own thread that delivers it
    with world.running() as stack:
        world.push("svc")
        until(lambda: any(delivered(line) and line["attempt"] == 2 for line in world.log("notifier")))
        execute(stack, "get_repository_list", traceparent=CALLERS)
        execute(stack, "get_repository_list", traceparent=CALLERS[:-2] + "00")
        assert collector.spans == []
        asked_to_end_at = time.monotonic()
    assert time.monotonic() - asked_to_end_at < 10
    (again,) = [span for span in collector.named("deliver") if span.about["attempt"] == 2]
    ours = [span for span in collector.spans if span.trace_id == again.trace_id]
    spans = {span.span_id: span for span in ours}
    (root,) = [span for span in ours if not span.parent_id]
    (first,) = [span for span in ours if span.name == "deliver" and span.about["attempt"] == 1]
    assert (first.is_failed, again.is_failed) == (True, False)
    for delivery in (first, again):
        path, span = [], delivery
        while span:
            path.append((span.service, span.name))
            span = spans.get(span.parent_id)
        assert tuple(reversed(path)) == PATH
    assert {"read the change", "read the files"} <= {span.name for span in ours}
    (asked,) = collector.named("skill get_repository_list")
    assert f"00-{asked.trace_id}-{asked.parent_id}-01" == CALLERS
    assert root.process["gcp.project_id"] == stack.project
    for service in ("webhook-receiver", "extractor", "kb-writer", "similarity", "notifier"):
        traced = [line for line in world.log(service) if "logging.googleapis.com/trace" in line]
        names = {line["logging.googleapis.com/trace"] for line in traced}
        assert f"projects/{stack.project}/traces/{root.trace_id}" in names


def test_what_is_committed_together_is_linked(world, collector, monkeypatch):
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    with world.running() as stack:
        stack.kill("kb-writer")
        time.sleep(3)  # or Pub/Sub gives what comes to its last pull, and again only a minute later
        for number in range(4):
            world.push(f"svc{number}")
        until(lambda: len(collector.named("publish patterns.extracted.v1")) >= 8)
        stack.start("kb-writer")
        until(lambda: len({span.trace_id for span in collector.named("process patterns.extracted.v1")}) == 8)
        lesson = {"repository": "local/svc0", "category": "reliability", "lesson": "Wait between tries"}
        assert execute(stack, "add_lesson_learned", **lesson)["success"]
        (written,) = until(lambda: collector.named("skill add_lesson_learned"))
        until(lambda: [one for one in collector.named("commit") if one.trace_id == written.trace_id])
    assert len({span.trace_id for span in collector.named("webhook")}) == 8
    messages = {span.place: span for span in collector.named("process patterns.extracted.v1")}
    commits = [commit for commit in collector.named("commit") if commit.about["messages"] > 1]
    assert len({trace for commit in commits for trace, _ in {commit.place, *commit.links}}) > 1
    for commit in commits:
        assert (commit.trace_id, commit.parent_id) in messages
        assert len(commit.links) == commit.about["messages"] - 1
        for linked in commit.links:
            assert commit.place in messages[linked].links


def test_without_its_collector_nothing_is_lost_and_little_is_said(world, collector, monkeypatch):
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    with world.running():
        world.push("before")
        until(lambda: collector.named("deliver"))
        collector.close()
        world.push("after")
        until(lambda: len(world.target.received) == 2)
        time.sleep(2)  # many times the delay
        asked_to_end_at = time.monotonic()
    assert time.monotonic() - asked_to_end_at < 10
    assert len(set(world.target.ids())) == 2
    for service in ("webhook-receiver", "extractor", "kb-writer", "similarity", "notifier"):
        said = [line for line in world.log(service) if line["logger"].startswith("opentelemetry")]
        assert len(said) == 1, service


def execute(stack, skill, *, traceparent="", **given):
    url = f"http://127.0.0.1:{stack.gateway_port}"
    token = local_token(stack.home, YOU, url)
    headers = {"Authorization": f"Bearer {token}", "traceparent": traceparent}
    return requests.post(f"{url}/skills/{skill}", json=given, headers=headers, timeout=30).json()
