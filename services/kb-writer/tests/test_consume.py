"""From messages in hand to knowledge: commit, announce, acknowledge, and what happens in between."""

import dataclasses
import logging
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from builders import NOON, pushed, reading, record_of, repository, row
from fakes.knowledge import lose_object
from fakes.pubsub import FakePublisher
from prometheus_client import CollectorRegistry

from devnexus.codec import encode
from devnexus.errors import Unavailable
from devnexus.events import LessonLearned
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import HISTORY, history_path
from devnexus.knowledge.stores.git_store import create_git_store, open_git_store
from devnexus.metrics import load_metrics
from devnexus.metrics_endpoint import Counting
from devnexus.parking import REPLAY_TO
from devnexus.topology import load_topology
from kb_writer import consume, group_commit
from kb_writer.consume import Consumer
from kb_writer.pull import Received

RECORDS = [
    record_of(pushed(x, y, n), reading("a.py", row(line=n + 1)))
    for n, (x, y) in enumerate(["ab", "bc", "cd"])
]


class FakePuller:
    """Remembers what was acknowledged and what was given back."""

    def __init__(self):
        self.acknowledged = []
        self.given_back = []

    def acknowledge(self, messages):
        self.acknowledged += [message.message_id for message in messages]

    def give_back(self, messages):
        self.given_back += [message.message_id for message in messages]

    def holding(self, messages):
        return nullcontext()


class World:
    def __init__(self, path):
        create_git_store(path)
        self.store = open_git_store(path)
        self.restart()

    def restart(self):
        self.puller, self.broker = FakePuller(), FakePublisher()
        self.consumer = Consumer(
            puller=self.puller,
            store=self.store,
            publisher=self.broker,
            sender=self.broker,
            subscription=load_topology().subscription("kb-writer"),
        )

    def known(self):
        return {record.record_id for record in stored_records(self.store, HISTORY, at=self.store.head())}

    def announced(self):
        return [event.revision for event in self.broker.published]


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "kb.git")
    yield world
    world.store.close()


def message(record, name="1"):
    return Received(f"ack-{name}", name, *encode(record, source="/test"))


def messages(records):
    return [message(record, str(number)) for number, record in enumerate(records)]


def ids(*records):
    return {record.record_id for record in records}


def test_a_batch_is_committed_announced_and_acknowledged(world):
    world.consumer.consume(messages(RECORDS))
    assert world.known() == ids(*RECORDS)
    assert world.announced() == [world.store.head()]
    assert world.puller.acknowledged == ["0", "1", "2"]


def test_a_message_that_cannot_be_read_is_parked_alone(world):
    bad = Received("ack-bad", "bad", b"{", message(RECORDS[0]).attributes)
    world.consumer.consume([message(RECORDS[0], "0"), bad, message(RECORDS[1], "1")])
    assert world.known() == ids(*RECORDS[:2])
    assert sorted(world.puller.acknowledged) == ["0", "1", "bad"]
    ((topic, data, _),) = world.broker.sent
    assert (topic, data) == ("kb-writer-dead", b"{")


def test_a_message_of_a_later_version_is_given_back_and_its_neighbours_are_committed(world):
    good, later = message(RECORDS[0], "good"), message(RECORDS[1], "later")
    unknown = Received("x", "later", later.data, {**later.attributes, "ce-type": "patterns.extracted.v2"})
    world.consumer.consume([unknown, good])
    assert (world.puller.acknowledged, world.puller.given_back) == (["good"], ["later"])


def test_nothing_is_acknowledged_while_the_broker_does_not_take_the_announcement(world):
    world.broker.out_of_order = True
    world.consumer.consume(messages(RECORDS))
    assert (world.puller.acknowledged, world.puller.given_back) == ([], ["0", "1", "2"])
    assert world.known() == ids(*RECORDS)


def test_an_announcement_that_a_crash_swallowed_is_made_when_the_batch_comes_again(world):
    world.broker.out_of_order = True
    world.consumer.consume(messages(RECORDS))
    revision = world.store.head()
    world.restart()
    world.consumer.consume([*messages(RECORDS)])
    assert world.announced() == [revision]
    assert world.puller.acknowledged == ["0", "1", "2"]
    world.consumer.consume([*messages(RECORDS)])
    assert world.announced() == [revision]


def test_a_bug_that_one_record_runs_into_does_not_hold_up_its_neighbours(world, monkeypatch):
    real = group_commit.RepositoryHistory.add

    def add(self, records, **collaborators):
        if any(record.record_id == RECORDS[1].record_id for record in records):
            raise ZeroDivisionError("a bug")
        return real(self, records, **collaborators)

    monkeypatch.setattr(group_commit.RepositoryHistory, "add", add)
    world.consumer.consume(messages(RECORDS))
    assert world.known() == ids(RECORDS[0], RECORDS[2])
    assert sorted(world.puller.acknowledged) == ["0", "2"]
    assert world.puller.given_back == ["1"]


def test_a_store_that_is_unavailable_gives_everything_back(world, monkeypatch):
    def commit(*_, **__):
        raise Unavailable("no")

    monkeypatch.setattr(world.store, "commit", commit)
    world.consumer.consume(messages(RECORDS))
    assert (world.puller.acknowledged, world.puller.given_back) == ([], ["0", "1", "2"])


def test_a_damaged_repository_does_not_hold_up_the_others(world):
    world.consumer.consume(messages(RECORDS[:1]))
    head = world.store.head()
    lose_object(world.store._path, f"{head}:{history_path('github.com/1', NOON)}")
    world.restart()
    world.store.close()
    other = record_of(pushed("x", "y", repository=repository("acme/web", 2)))
    world.consumer.consume([message(RECORDS[1], "damaged"), message(other, "sound")])
    assert world.puller.acknowledged == ["sound"]
    assert world.puller.given_back == ["damaged"]


def test_much_that_waits_is_committed_in_portions(world, monkeypatch):
    monkeypatch.setattr(consume, "_PORTION_BYTES", 1000)
    world.consumer.consume(messages(RECORDS))
    assert world.puller.acknowledged == ["0", "1", "2"]
    assert len(world.announced()) == 3


def test_a_message_that_could_not_be_parked_is_not_acknowledged(world):
    world.broker.out_of_order = True
    bad = Received("ack-bad", "bad", b"{", message(RECORDS[0]).attributes)
    world.consumer.consume([bad])
    assert (world.puller.acknowledged, world.puller.given_back) == ([], ["bad"])


def test_what_was_replayed_to_another_subscription_is_acknowledged_unseen(world):
    mine, other = message(RECORDS[0], "mine"), message(RECORDS[1], "other")
    other = dataclasses.replace(other, attributes={**other.attributes, REPLAY_TO: "similarity"})
    world.consumer.consume([mine, other])
    assert sorted(world.puller.acknowledged) == ["mine", "other"]
    assert world.known() == ids(RECORDS[0])


def test_two_reports_with_one_key_about_two_repositories_are_both_kept(world):
    told = [
        LessonLearned(
            cause="agent",
            repository=repository(f"acme/r{n}", n),
            at=NOON,
            caller="ops",
            skill="add_lesson_learned",
            key="k",
            category="cost",
            lesson="l",
            context="c",
        )
        for n in (1, 2)
    ]
    world.consumer.consume(messages(told))
    assert world.puller.acknowledged == ["0", "1"]
    stored = stored_records(world.store, HISTORY, at=world.store.head())
    assert {record.repository.id for record in stored} == {"github.com/1", "github.com/2"}


def test_one_damaged_repository_among_many_costs_few_commits(world):
    world.consumer.consume(messages(RECORDS[:1]))
    lose_object(world.store._path, f"{world.store.head()}:{history_path('github.com/1', NOON)}")
    world.restart()
    world.store.close()
    others = [record_of(pushed("x", "y", repository=repository(f"acme/r{n}", n))) for n in range(2, 34)]
    before = world.store.head()
    world.consumer.consume(messages([*others, RECORDS[1]]))
    assert len(world.puller.acknowledged) == 32
    commits = list(takewhile(lambda revision: revision.id != before, world.store.log(world.store.head())))
    assert len(commits) <= 6


def test_a_broken_metadata_file_does_not_stop_the_writer(world):
    world.store.commit({"metadata.json": b"{"}, message="oops", expected_head=world.store.head())
    world.consumer.consume(messages(RECORDS))
    assert world.puller.acknowledged == ["0", "1", "2"]


@pytest.fixture
def told():
    """What Prometheus would be told of what happens in the test."""
    registry = CollectorRegistry()
    counting = Counting(load_metrics(), service="kb-writer", registry=registry)
    for name in ("kb_writer.consume", "devnexus.answered"):
        logging.getLogger(name).addHandler(counting)
        logging.getLogger(name).setLevel(logging.INFO)
    yield registry.get_sample_value
    for name in ("kb_writer.consume", "devnexus.answered"):
        logging.getLogger(name).removeHandler(counting)


def test_rivals_show_as_conflicts(world, told, monkeypatch):
    commit, rivals = world.store.commit, [1, 2]

    def commit_after_a_rival(files, *, message, expected_head):
        if rivals:
            commit({f"{rivals.pop()}.txt": b"x"}, message="a person", expected_head=expected_head)
        return commit(files, message=message, expected_head=expected_head)

    monkeypatch.setattr(world.store, "commit", commit_after_a_rival)
    world.consumer.consume(messages(RECORDS))
    assert told("devnexus_commit_conflicts_total") == 2
    assert told("devnexus_commit_records_sum") == 3


def test_what_an_outage_gives_back_is_counted_and_told_in_one_line(world, told, caplog):
    world.broker.out_of_order = True
    world.consumer.consume(messages(RECORDS))
    assert told("devnexus_given_back_total") == 3
    assert [one.message for one in caplog.records].count("batch given back") == 1


def test_each_message_leaves_one_line_that_says_what_became_of_it(world, told, monkeypatch):
    bad = Received("ack-bad", "bad", b"{", message(RECORDS[0]).attributes)
    later = Received("x", "later", b"{}", {**bad.attributes, "ce-type": "patterns.extracted.v2"})
    world.consumer.consume([*messages(RECORDS[:2]), message(RECORDS[0], "again"), bad, later])
    world.consumer.consume([message(RECORDS[1], "once more")])

    def outcomes(**labels):
        labels = {"service": "kb-writer", "event_type": "patterns.extracted.v1", **labels}
        return told("devnexus_events_total", labels)

    assert [outcomes(outcome=one) for one in ("handled", "duplicate", "parked")] == [2, 2, 1]
    assert outcomes(outcome="not-now", event_type="other") == 1


def test_how_long_a_message_waited_is_told(world, told):
    published = datetime.now(UTC) - timedelta(minutes=3)
    world.consumer.consume([dataclasses.replace(message(RECORDS[0]), published=published)])
    labels = {"service": "kb-writer", "event_type": "patterns.extracted.v1", "outcome": "handled"}
    assert told("devnexus_event_lag_seconds_sum", labels) == pytest.approx(180, abs=5)
