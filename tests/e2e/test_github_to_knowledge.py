"""From a commit through GitHub's API to knowledge that GitHub keeps, and a check on that commit.

Every part is ours and runs in this process; what stands for GitHub is named by `--github`.
"""

import json

import pytest
from fakes.github_app import HOST
from fakes.github_world import IMPATIENT
from fakes.pubsub import FakePublisher
from fakes.recovery_world import RecoveryWorld

from devnexus.events import KnowledgeCommitted
from devnexus.github import GitHubApp
from devnexus.knowledge.announcement import announcement
from devnexus.knowledge.view import Views
from kb_writer.group_commit import Writer
from notifier.channels.github_check import GitHubCheck
from notifier.decide import decide
from notifier.routes import load_kinds, parse_routes
from similarity.compute import on_knowledge_committed
from similarity.indexes import Indexes

RETRY = "import tenacity\n\n@tenacity.retry(wait=tenacity.wait_exponential())\ndef call():\n    pass\n"
ROUTES = {"targets": {"checks": {"channel": "github_check"}}, "routes": [{"to": ["checks"]}]}


class World(RecoveryWorld):
    """The knowledge base is a repository on GitHub too."""

    def __init__(self, github, folder):
        super().__init__(github, folder)
        self.store.close()
        self.base = github.new_base()
        self.store = github.store(self.base)
        self._writer = Writer(self.store)
        app = GitHubApp(self.environment, access="checks", patience=IMPATIENT)
        self.check = GitHubCheck(app, host=HOST)

    def tell(self):
        """What the last commit of knowledge makes worth telling, told."""
        heard, event = FakePublisher(), announcement(self.store, self.store.head())
        assert isinstance(event, KnowledgeCommitted)
        on_knowledge_committed(event, indexes=Indexes(Views(self.store)), publisher=heard)
        routes = parse_routes(ROUTES, load_kinds(), file="routes")
        decisions = [
            decision
            for computed in heard.published
            if computed.cause == "live"
            for decision in decide(computed, routes, lambda _, remarks: remarks)
        ]
        requests = [decision.request for decision in decisions if decision.request]
        for request in requests:
            self.check.send(request.id, request.message, self.desk.now)
        return requests

    def checks(self, name, commit):
        app = GitHubApp(self.environment, access="checks", patience=IMPATIENT)
        return app.repository(name).get(f"/commits/{commit}/check-runs").body["check_runs"]


@pytest.fixture
def world(github, tmp_path):
    made = World(github, tmp_path)
    yield made
    made.close()


def test_a_commit_becomes_knowledge_on_github_and_a_check(world):
    name = world.new_repository()
    world.work()
    commit = world.push(name, {"src/call.py": RETRY, "requirements.txt": "tenacity==9.1.2\n"})
    world.work()
    kept = json.loads(world.github.backend.files(world.base)[f"repositories/{name}.json"])
    assert "Retry with backoff" in kept["latest_patterns"]["patterns"]
    (request,) = world.tell()
    (check,) = world.checks(name, commit)
    assert (check["conclusion"], check["external_id"]) == ("neutral", request.id)
    assert "Retry with backoff is new (src/call.py:3" in check["output"]["title"]
    world.tell()
    assert len(world.checks(name, commit)) == 1
