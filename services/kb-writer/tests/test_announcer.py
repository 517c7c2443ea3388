"""Every revision is announced, in order, whoever made it and whatever crashed in between."""

import logging

import pytest
from builders import pushed, record_of
from fakes.knowledge import make_store
from fakes.pubsub import FakePublisher

from devnexus.errors import Unavailable
from kb_writer.announcer import Announcer
from kb_writer.group_commit import Writer


class World:
    def __init__(self, path):
        self.store = make_store(path)
        self.writer = Writer(self.store)
        self.restart()

    def restart(self):
        self.broker = FakePublisher()
        self.announcer = Announcer(self.store, self.broker)

    def commit(self, before, after):
        record = record_of(pushed(before, after, ord(after)))
        return self.writer.group_commit([record], announced=self.announcer.announced()).revision

    def person_commits(self, path, content=b"x"):
        return self.store.commit({path: content}, message="by hand", expected_head=self.store.head())

    def announced(self):
        self.announcer.announce(self.store.head())
        return [event.revision for event in self.broker.published]


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "kb.git")
    yield world
    world.store.close()


def test_every_revision_is_announced_once_and_in_order(world):
    first, second = world.commit("0", "A"), world.commit("A", "B")
    assert world.announced() == [first, second]
    assert world.announced() == [first, second]


def test_after_a_crash_all_that_may_not_have_been_announced_is_announced(world):
    world.announced()
    first = world.commit("0", "A")
    world.announced()
    second, third = world.commit("A", "B"), world.commit("B", "C")
    world.restart()
    assert world.announced() == [second, third]
    world.restart()
    assert world.announced() == [second, third], "nothing says yet that they were"
    fourth = world.commit("C", "D")
    world.restart()
    assert world.announced() == [fourth]
    assert first not in world.announced()


def test_what_the_broker_did_not_take_is_announced_next_time(world):
    first = world.commit("0", "A")
    world.broker.out_of_order = True
    with pytest.raises(Unavailable):
        world.announced()
    world.broker.out_of_order = False
    assert world.announced() == [first]


def test_a_commit_by_a_person_is_announced_and_an_edit_of_a_generated_file_reported(world, caplog):
    world.announced()
    yaml = world.person_commits("devnexus.yaml")
    with caplog.at_level(logging.WARNING):
        assert world.announced() == [yaml]
        assert caplog.records == []
        page = world.person_commits("repositories/acme/api.json")
        assert world.announced() == [yaml, page]
    (report,) = caplog.records
    assert (report.revision, report.paths) == (page, ["repositories/acme/api.json"])
