"""A small knowledge base in a real git store, and the gateway's site on top of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import pytest
from builders import RETRY, component, known, pushed, reading, record_of, repository, row
from fakes.agents import PatternMinerStandIn
from fakes.gateway import DirectWriting, InlineTasks, world_of
from fakes.knowledge import make_store, put
from fakes.repository_files import FakeFiles
from issues import had, issue
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from a2a_gateway.application import make_application
from a2a_gateway.callers.access import KnownCallers
from a2a_gateway.callers.caller import ANONYMOUS, LOCAL, Caller
from a2a_gateway.callers.callers import Callers
from a2a_gateway.callers.open_routes import open_to
from a2a_gateway.described.card import Home
from a2a_gateway.knowledge.read_model import ReadModel
from a2a_gateway.perform import Performer
from a2a_gateway.protocol.serving import speak
from a2a_gateway.protocol.stores import in_memory
from a2a_gateway.registry import load_skills
from devnexus.agents import open_agents
from devnexus.errors import Unavailable
from devnexus.events import KnowledgeImported, LessonLearned
from devnexus.events.patterns_extracted import NotRead, Pattern, Redaction
from devnexus.knowledge.fold import fold
from devnexus.knowledge.history import Record, with_records
from devnexus.knowledge.layout import history_path, projection_path
from devnexus.knowledge.projection import Seen

CACHING = Pattern(id="redis-caching", name="Redis caching", category="data")
CLIENT = [f"line {number} of the client" for number in range(20)]


class World:
    """The site, its store and its clock."""

    BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

    def __init__(self, path, skills=None, caller=LOCAL, in_front=None, tasks=None, **beyond):
        """`beyond`: what skills may ask besides the knowledge, as `world_of` takes it.

        `in_front`: how callers come in, where not everybody is `caller`.
        """
        self.store = make_store(path)
        self.now = 1000.0
        self.is_down = False
        self.model = ReadModel(self, clock=lambda: self.now)
        self.home = Home(knowledge="knowledge.git", public_url=None, is_open=True)
        self.skills = skills or load_skills()
        self.writing = DirectWriting(self.store)
        self.performer = Performer(
            skills=self.skills,
            model=self.model,
            writing=self.writing,
            tasks=tasks or InlineTasks(),
            world=world_of(self.writing, **{"files": documented(), **beyond}),
        )
        anonymous = None if in_front else caller
        in_front = in_front or [Middleware(KnownCallers, callers=Callers(anonymous=caller))]
        protocol = speak(self.performer, self.home, in_memory()).routes
        app = make_application(
            performer=self.performer,
            home=self.home,
            in_front=in_front,
            anonymous=anonymous,
            protocol=protocol,
        )
        self.client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)

    def head(self):
        if self.is_down:
            raise Unavailable("git is away")
        return self.store.head()

    def __getattr__(self, name):
        return getattr(self.store, name)

    def put(self, *pages):
        return put(self.store, pages)

    def learn(self, *records: Record):
        """Commit the records of one repository with what they amount to."""
        page = fold(records).project()
        files = {projection_path(page.repository_name): page.page()}
        for record in records:
            path = history_path(record.repository.id, record.at)
            files[path] = with_records(files.get(path, b""), [record], path=path)
        self.store.commit(files, message="records", expected_head=self.store.head())

    def remember(self, record: Record):
        """Commit a record whose page is there already."""
        path = history_path(record.repository.id, record.at)
        content = with_records(b"", [record], path=path)
        self.store.commit({path: content}, message="a record", expected_head=self.store.head())

    def execute(self, skill_id, **given):
        return self.client.post("/a2a/execute", json={"skill_id": skill_id, "input": given})

    def reading(self):
        return self.model.reading(LOCAL)

    @staticmethod
    def mimetype(answer):
        return answer.headers["content-type"].partition(";")[0]

    def page(self, path):
        answer = self.client.get(path, headers=self.BROWSER)
        assert self.mimetype(answer) == "text/html"
        return answer.text


@pytest.fixture(scope="session")
def world_class():
    """For worlds that several tests share."""
    return World


@pytest.fixture
def make_world(tmp_path):
    made = []

    def make(**kinds):
        made.append(World(tmp_path / "knowledge.git", **kinds))
        return made[-1]

    yield make
    for world in made:
        world.store.close()


@pytest.fixture
def empty(make_world):
    return make_world()


@pytest.fixture
def world(empty):
    fill(empty)
    return empty


def documented():
    """The files of one of the repositories."""
    readme = "# API\n\nWhat it is.\n\n## Install\n\n## Usage\n" + "It answers questions. " * 10
    return FakeFiles({"acme/api": {"README.md": readme, "LICENSE": "MIT License"}})


def fill(world):
    """The organisation, with the history of acme/api."""
    world.put(*organisation())
    push = pushed("0", "acme/api 0", repository=repository("acme/api"))
    world.remember(record_of(push, reading("src/retry-backoff.py", row(line=3, weight=0.8))))


@cache
def organisation() -> Sequence:
    """Five repositories: four that retry, of which two share a client, and one that does not."""
    common = ["rest-api", "metrics", "health-check"]
    client = [component("ServiceClient", CLIENT, start=10)]
    changed = [component("ServiceClient", [*CLIENT[:-1], "another last line"], start=12)]
    retry = [*common, "retry-backoff"]
    billing = known("acme/billing", 2, patterns=retry, packages=["httpx"], components=changed, minute=600)
    since = Seen(commit=billing.latest_patterns.commit_sha, at=billing.last_updated)
    (copy,) = billing.components
    return (
        known("acme/api", 1, patterns=retry, packages=["httpx", "redis"], components=client),
        billing.model_copy(update={"components": (copy.model_copy(update={"changed": since}),)}),
        known("acme/jobs", 3, patterns=retry, packages=["celery"], minute=1),
        known("acme/web", 4, patterns=retry, packages=["celery"], minute=2),
        known("acme/reports", 5, patterns=common, packages=["httpx", "celery"], minute=3),
    )


@pytest.fixture
def told(empty):
    """One repository with a push that has everything a receipt can tell of."""
    where = repository().model_copy(update={"url": "https://github.com/acme/api"})
    push = pushed("0", "a", repository=where)
    files = [
        reading("src/client.py", row(line=7, introduced=True), row(line=90), row(rule=CACHING.id, line=2)),
        reading("old.py", status="removed"),
    ]
    record = record_of(push, *files, patterns=(RETRY, CACHING))
    receipt = record.receipt.model_copy(
        update={
            "files": 9,
            "not_read": (NotRead(reason="lock file", count=6, paths=("uv.lock",)),),
            "clipped": (NotRead(reason="too many lines", count=1, paths=("big.sql",)),),
            "redacted": (Redaction(kind="aws-access-key", path="src/settings.py", count=2),),
            "unverified": 1,
        }
    )
    empty.learn(record.model_copy(update={"receipt": receipt}))
    return empty


def lesson(key="pool-timeouts"):
    """What WRITER told of a repository before."""
    return LessonLearned(
        cause="agent",
        at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        repository=repository(),
        caller=WRITER.name,
        skill="add_lesson_learned",
        key=key,
        category="reliability",
        lesson="Give the pool a timeout",
        context="an outage",
    )


WRITER = Caller("ana@example.com", is_verified=True, may_write=True, sees_all=True)


@pytest.fixture
def pattern_miner():
    with PatternMinerStandIn() as miner:
        yield miner


@pytest.fixture
def make_told_world(make_world, pattern_miner):
    """The organisation, of which WRITER has told things before."""

    def make(**kinds):
        agents = open_agents({"ALLOW_PRIVATE_TARGETS": "true", "PATTERN_MINER_URL": pattern_miner.url})
        world = make_world(agents=agents, **kinds)
        fill(world)
        world.writing.sent.append(lesson())
        known_of_old = issue(issue_id="3f9a1c0b7e52", pattern_reference=None, status="open")
        had(world, "acme/billing", known_of_old)
        world.remember(imported("acme/billing", 2, known_of_old))
        return world

    return make


@pytest.fixture
def writer(make_told_world):
    """The organisation, called by somebody who may write, and has written before."""
    return make_told_world(caller=WRITER)


def imported(name, number, *issues):
    """What a file of old said of a repository, so that it is there after the next record as well."""
    latest = {"problem_domain": "x", "analyzed_at": "2026-03-01T12:00:00Z", "commit_sha": "manual"}
    content = {
        "latest_patterns": latest,
        "last_updated": "2026-03-01T12:00:00Z",
        "runtime_issues": [one.model_dump(mode="json") for one in issues],
    }
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    where = repository(name, number)
    return KnowledgeImported(cause="import", repository=where, at=at, part="latest", content=content)


@pytest.fixture
def opened(make_world):
    """The organisation, into which nobody comes without credentials but by the routes that a test names."""

    def make(*routes):
        known = Middleware(KnownCallers, callers=Callers(anonymous=None), open_to=open_to(frozenset(routes)))
        world = make_world(in_front=[known])
        fill(world)
        return world

    return make


@pytest.fixture
def stranger(make_world):
    """The organisation, called by somebody who does not say who they are."""
    world = make_world(caller=ANONYMOUS)
    fill(world)
    return world
