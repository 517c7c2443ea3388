"""An orchestrator that answers each change with a lesson: what it teaches us is no news to it."""

import time
import uuid
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime

import pytest
from fakes.agents import OrchestratorStandIn
from fakes.git_history import make_repository

from devnexus.events import LessonLearned
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import read_projection
from devnexus.repository import Repository
from devnexus_cli.local_repository import newest_pushes, open_local
from devnexus_cli.replay import link_clones
from devnexus_cli.stack import Stack
from devnexus_cli.webhook import WebhookSender, push_payload

RETRY = (
    "import tenacity\n\n\n@tenacity.retry(wait=tenacity.wait_exponential(max=%d))\ndef f():\n    return 1\n"
)


class Teacher(OrchestratorStandIn):
    """Publishes a lesson for each change that it is told of, as the gateway does for its callers."""

    def __init__(self):
        super().__init__()
        self.stack = None

    def _notified(self, body):
        reply = super()._notified(body)
        known = page(self.stack, body["source_repo"])
        lesson = LessonLearned(
            cause="agent",
            hops=1,
            at=datetime.now(UTC),
            repository=Repository(
                id=known.repository_id, name=known.repository_name, default_branch=known.default_branch
            ),
            caller="orchestrator",
            skill="add_lesson_learned",
            key=body["commit_sha"],
            category="reliability",
            lesson=f"Consumer impact analysis of {body['commit_sha']}",
            context="consumer_triage",
        )
        self.stack.publisher("/orchestrator").publish([lesson])
        return reply


@pytest.fixture
def teacher():
    with Teacher() as teacher:
        yield teacher


@pytest.fixture
def stack(tmp_path, pubsub, teacher, monkeypatch):
    routes = tmp_path / "routes.yaml"
    routes.write_text("targets: {agent: {channel: orchestrator}}\nroutes: [{to: [agent]}]\n")
    monkeypatch.setenv("ROUTES_FILE", str(routes))
    monkeypatch.setenv("ORCHESTRATOR_URL", teacher.url)
    project = f"rest-{uuid.uuid4().hex[:8]}"
    clones = tmp_path / "clones"
    with Stack(home=tmp_path / "home", repositories=clones, pubsub=pubsub, project=project) as stack:
        teacher.stack = stack
        yield stack


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return answer


def page(stack, name):
    with closing(stack.knowledge()) as store:
        content = store.read([projection_path(name)], at=store.head())
    return read_projection(content[projection_path(name)]) if content else None


def lessons(stack, name):
    known = page(stack, name)
    return [one.lesson for one in known.deployment.lessons_learned] if known else []


def test_each_push_is_told_once_and_the_lesson_that_comes_back_is_told_to_nobody(stack, teacher, tmp_path):
    commits = [{"a.py": "x = 1\n"}, *({"client.py": RETRY % seconds} for seconds in (10, 20, 30))]
    make_repository(tmp_path / "svc", commits)
    repository = open_local(tmp_path / "svc")
    link_clones([repository], tmp_path / "clones")
    sender = WebhookSender(port=stack.webhook_port, secret=stack.secret)
    pushes = newest_pushes(repository, 10)
    for push in pushes:
        sender.push(push_payload(repository, push))
        until(lambda push=push: push.after in [one["commit_sha"] for one in teacher.notified])
        until(lambda push=push: any(push.after in lesson for lesson in lessons(stack, "local/svc")))
    sender.close()

    time.sleep(2)
    told = Counter(one["commit_sha"] for one in teacher.notified)
    assert told == Counter(push.after for push in pushes)
    assert len(lessons(stack, "local/svc")) == len(pushes)
    last = teacher.notified[-1]
    assert [file["path"] for file in last["changed_files"]] == ["client.py"]
    assert "Retry with backoff" in last["pattern_summary"]["patterns"]
