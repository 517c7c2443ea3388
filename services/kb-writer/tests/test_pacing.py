"""What the host allows has to last, and what it refuses for now comes back: nothing waits long in hand."""

import threading
import time
from itertools import pairwise

import pytest
from builders import pushed, reading, record_of, repository, row
from fakes.git_store import MemoryStore
from fakes.pubsub import FakePublisher

from devnexus.codec import encode
from devnexus.errors import Unavailable
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.store import CommitLimits
from devnexus.topology import load_topology
from kb_writer.backoff import Backoff
from kb_writer.consume import Consumer
from kb_writer.pull import Received


class FakePuller:
    def __init__(self):
        self.acknowledged, self.given_back, self.held = [], [], 0

    def acknowledge(self, messages):
        self.acknowledged += [message.message_id for message in messages]

    def give_back(self, messages):
        self.given_back += [message.message_id for message in messages]

    def holding(self, messages):
        return self

    def __enter__(self):
        self.held += 1

    def __exit__(self, *_):
        self.held -= 1


class SmallStore(MemoryStore):
    """Takes one repository a commit, as a host with limits; after `refuse` it wants to be left alone."""

    limits = CommitLimits(files=2)
    refusal: Unavailable | None = None
    on_commit = staticmethod(lambda: None)

    def commit(self, changes, *, message, expected_head):
        if self.refusal:
            raise self.refusal
        self.on_commit()
        return super().commit(changes, message=message, expected_head=expected_head)


@pytest.fixture
def store():
    return SmallStore()


@pytest.fixture
def consumer(store):
    puller, broker, stop = FakePuller(), FakePublisher(), threading.Event()
    consumer = Consumer(
        puller=puller,
        store=store,
        publisher=broker,
        sender=broker,
        subscription=load_topology().subscription("kb-writer"),
        stop=stop,
        beat=lambda: setattr(consumer, "beats", getattr(consumer, "beats", 0) + 1),
    )
    consumer.puller, consumer.stop = puller, stop
    return consumer


def messages(count):
    records = [
        record_of(pushed("0", "A", repository=repository(f"acme/r{n}", n)), reading("a.py", row()))
        for n in range(count)
    ]
    return [Received(str(n), str(n), *encode(record, source="/test")) for n, record in enumerate(records)]


def known(store):
    return len(stored_records(store, HISTORY, at=store.head()))


def test_a_batch_larger_than_a_commit_is_acknowledged_commit_by_commit(store, consumer):
    acknowledged = []
    store.on_commit = lambda: acknowledged.append(len(consumer.puller.acknowledged))
    consumer.consume(messages(4))
    assert acknowledged == [0, 1, 2, 3]
    assert sorted(consumer.puller.acknowledged) == ["0", "1", "2", "3"]
    assert known(store) == 4


def test_a_stop_between_two_commits_hands_back_the_rest(store, consumer):
    store.on_commit = consumer.stop.set
    consumer.consume(messages(3))
    assert (consumer.puller.acknowledged, sorted(consumer.puller.given_back)) == (["0"], ["1", "2"])
    assert (known(store), consumer.puller.held) == (1, 0)


def test_the_pause_that_the_host_needs_is_kept_between_two_commits(store, consumer):
    times = []
    store.on_commit = lambda: times.append(time.monotonic())
    store.pause = 0.3
    started = time.monotonic()
    consumer.consume(messages(3))
    assert times[0] - started < 0.3  # before the first one the loop has waited already
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))
    assert consumer.beats >= 3


def test_a_store_that_asks_to_wait_gets_the_batch_once_and_then_peace(store, consumer):
    store.refusal = Unavailable("slow down", retry_after_seconds=60)
    consumer.consume(messages(3))
    assert (consumer.puller.acknowledged, consumer.puller.given_back) == ([], ["0", "1", "2"])
    assert 59 < consumer.pause_seconds() <= 60
    store.refusal, store.limits = None, CommitLimits(files=6)
    consumer.consume(messages(3))
    assert known(store) == 3


def test_the_backoff_doubles_up_to_half_a_minute_and_starts_anew_after_a_success():
    now = 0.0
    backoff = Backoff(clock=lambda: now)
    pauses = []
    for _ in range(7):
        backoff.failed(None)
        pauses.append(backoff.remaining())
        now += 100
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert backoff.remaining() == 0
    backoff.reset()
    backoff.failed(None)
    assert backoff.remaining() == 1


def test_a_wait_that_was_asked_for_is_not_shortened_by_another_failure():
    backoff = Backoff(clock=lambda: 0.0)
    backoff.failed(600)
    backoff.failed(None)
    assert backoff.remaining() == 600
