"""Waiting for commits: all who wait share one look, and nobody waits for ever."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest
from fakes.gateway import learn
from fakes.knowledge import make_store
from lessons import API, lesson_report

from a2a_gateway.writes.commit_watch import CommitWatch
from a2a_gateway.writes.report import Origin
from devnexus.errors import Unavailable
from devnexus.events import RepositoryRenamed

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def lesson(number, repository=API, at=NOON):
    origin = Origin("ana@example.com", "tell", f"k{number}", at + timedelta(seconds=number))
    return lesson_report(f"lesson {number}", repository).event(origin)


class Counted:
    """A store that counts what it is asked, and may be away."""

    def __init__(self, store):
        self._store = store
        self.heads = 0
        self.reads = []
        self.is_away = False

    def head(self):
        self.heads += 1
        if self.is_away:
            raise Unavailable("git is away")
        return self._store.head()

    def read(self, paths, *, at):
        self.reads.append(sorted(paths))
        return self._store.read(paths, at=at)


@pytest.fixture
def base(tmp_path):
    store = make_store(tmp_path / "knowledge.git")
    yield store
    store.close()


@pytest.fixture
def store(base):
    return Counted(base)


async def waiting_for(watch, records):
    """Tasks that wait for each of the records, all of them at it."""
    tasks = [asyncio.create_task(watch.holding(record)) for record in records]
    await asyncio.sleep(0)
    return tasks


def test_each_who_waits_is_told_the_revision_that_holds_theirs(base, store):
    one, two = lesson(1), lesson(2)

    async def scenario():
        watch = CommitWatch(store)
        first, second = await waiting_for(watch, [one, two])
        await asyncio.to_thread(learn, base, one)
        revision = base.head()
        assert await first == revision
        assert not second.done()
        await asyncio.to_thread(learn, base, two)
        assert await second == base.head() != revision

    asyncio.run(scenario())


def test_what_is_committed_already_is_found_at_once_under_whatever_name(base):
    record = lesson(1)
    learn(base, record)
    renamed = API.model_copy(update={"name": "acme/service"})
    change = {"cause": "live", "at": NOON + timedelta(hours=1), "asked_by": "d", "former_name": "acme/api"}
    learn(base, RepositoryRenamed(repository=renamed, **change))
    watch = CommitWatch(base)
    assert asyncio.run(watch.holding(record)) == base.head() == watch.look_for(record)


def test_the_same_moment_of_another_record_is_not_taken_for_it(base):
    learn(base, lesson(1))
    other = lesson_report("another").event(Origin("ben", "tell", "k1", NOON + timedelta(seconds=1)))
    assert CommitWatch(base).look_for(other) is None


def test_a_thousand_who_wait_share_a_look_and_one_more_is_not_let_wait(base, store):
    records = [lesson(number) for number in range(1000)]

    async def scenario():
        watch = CommitWatch(store)
        tasks = await waiting_for(watch, records)
        threads = threading.active_count()
        assert await watch.holding(lesson(1001)) is None
        await asyncio.to_thread(learn, base, records[500])
        assert await tasks[500] == base.head()
        assert sum(task.done() for task in tasks) == 1
        assert threading.active_count() <= threads + 2
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        looks = store.heads
        await asyncio.sleep(0.5)
        assert store.heads <= looks + 1

    asyncio.run(scenario())
    assert len(store.reads) <= 3


def test_a_head_that_stays_is_not_read_again(store):
    async def scenario():
        watch = CommitWatch(store, patience=0.7)
        return await watch.holding(lesson(1))

    assert asyncio.run(scenario()) is None
    assert len(store.reads) == 1 < store.heads <= 4


def test_a_store_that_comes_back_is_looked_at_again(base, store):
    record = lesson(1)
    learn(base, record)
    store.is_away = True

    async def scenario():
        (task,) = await waiting_for(CommitWatch(store), [record])
        while not store.heads:
            await asyncio.sleep(0.01)
        store.is_away = False
        return await task

    assert asyncio.run(scenario()) == base.head()


def test_at_the_end_nobody_waits_any_longer(store):
    async def scenario():
        watch = CommitWatch(store)
        tasks = await waiting_for(watch, [lesson(1), lesson(2)])
        watch.end()
        assert await asyncio.wait_for(asyncio.gather(*tasks), 1) == [None, None]
        assert await watch.holding(lesson(3)) is None

    asyncio.run(scenario())
