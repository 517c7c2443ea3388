"""Work over a thousand repositories, from records to what people are told of it: one message."""

import pytest
from builders import RETRY, pushed, reading, record_of, repository, row, snapshot_record
from fakes.knowledge import make_store
from fakes.pubsub import FakePublisher
from v2_files import v2_file

from devnexus.events import RepositoryRegistered
from devnexus.knowledge.announcement import announcement
from devnexus.knowledge.view import Views
from devnexus.state import create_tables, open_state
from devnexus_cli.kb.imported_records import imported_records
from kb_writer.group_commit import Writer
from notifier import texts
from notifier.routes import load_kinds, read_routes
from notifier.runs import QUIET_SECONDS
from notifier.sql_runs import RUN_TABLES, SqlRuns
from notifier.sql_said import SAID_TABLES, SqlSaid
from notifier.telling import Telling
from similarity.compute import Indexes, on_knowledge_committed

MANY = 1000
FEWER = 200
"""What a thousand repositories show is the same for all three; the others need not take as long."""

BATCH = 200


class World:
    """The writer, similarity and the notifier's decisions, on a knowledge base and a store of their own."""

    def __init__(self, folder):
        self.store = make_store(folder / "knowledge.git")
        self.writer = Writer(self.store)
        self.indexes = Indexes(Views(self.store))
        self.engine = open_state(f"sqlite:///{folder}/state.db")
        create_tables(self.engine, SAID_TABLES)
        create_tables(self.engine, RUN_TABLES)
        self.now = 1_790_000_000.0
        self.told, self.published = [], []
        routes = read_routes(None, load_kinds())
        self.telling = Telling(
            routes=lambda: routes,
            said=SqlSaid(self.engine),
            runs=SqlRuns(self.engine),
            publish=self.published.extend,
            accept=self.told.append,
            clock=lambda: self.now,
        )

    def close(self):
        self.engine.dispose()
        self.store.close()

    def learn(self, records):
        """What the writer, similarity and the notifier make of these records."""
        records = list(records)
        while records:
            outcome = self.writer.group_commit(records[:BATCH])
            records = [*outcome.left, *records[BATCH:]]
            heard = FakePublisher()
            event = announcement(self.store, outcome.revision)
            on_knowledge_committed(event, indexes=self.indexes, publisher=heard)
            for computed in heard.published:
                self.telling.computed(computed)
            self.now += 10
            self.telling.tell_finished_runs()

    def finish(self):
        self.now += QUIET_SECONDS
        self.telling.tell_finished_runs()
        self.telling.tell_finished_runs()
        return [texts.text(request.message).splitlines() for request in self.told]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def test_installing_on_a_thousand_repositories_is_one_message(world):
    world.learn(
        RepositoryRegistered(
            cause="live", repository=numbered(n), at="2026-03-01T11:00:00Z", asked_by="installation"
        )
        for n in range(MANY)
    )
    world.learn(
        snapshot_record("a", reading("src/http.py", row(weight=0.9)), number=n + 1).model_copy(
            update={"repository": numbered(n)}
        )
        for n in range(MANY)
    )
    (told,) = world.finish()
    assert told[0] == f"Read for the first time: {MANY} repositories"
    assert told[2].endswith(f"new patterns: {RETRY.name} in {MANY}")
    assert world.published == []


def test_a_backfill_of_many_repositories_is_one_message(world):
    pushes = [pushed("0", f"{n}", cause="backfill", repository=numbered(n)) for n in range(FEWER)]
    world.learn(record_of(push, reading("src/http.py", row(weight=0.9))) for push in pushes)
    (told,) = world.finish()
    assert told[0] == f"Past pushes were read: {FEWER} repositories"
    assert world.published == []


def test_an_import_of_many_repositories_is_one_message(world):
    content = v2_file(FEWER, entries=1)
    world.learn(
        record
        for name, metadata in content["repositories"].items()
        for record in imported_records(name, metadata)
    )
    (told,) = world.finish()
    assert told[0] == f"Imported: {FEWER} repositories"
    assert world.published == []


def numbered(number):
    return repository(f"acme/r{number:03}", number + 1)
