"""A delivery belongs to the trace that led to it, however late it is made and with whatever it is told."""

import pytest
from delivery_world import DeliveryWorld
from notices import requested
from recorded import recording

from devnexus.trace_context import belonging_to, kept
from devnexus.values import Value
from notifier.channel import ChannelKind, DeliveryFailed

DAY = 86_400


def traceparent(number):
    return f"00-{number:032x}-{number:016x}-01"


@pytest.fixture
def world(database_url):
    made = DeliveryWorld(database_url)
    yield made
    made.close()


def accept(world, number):
    with belonging_to(kept(traceparent(number))):
        world.deliveries.accept(requested(number=number))


def test_a_later_attempt_belongs_to_the_trace_of_the_first(world):
    world.team.failures = [DeliveryFailed("answered 500")]
    with recording() as recorded:
        accept(world, 7)
        with belonging_to(kept(traceparent(8))):  # the round is somebody else's
            assert world.later(DAY) == 1
    failed, done = recorded.named("deliver")
    assert [span.parent.span_id for span in (failed, done)] == [7, 7]
    assert [span.attributes["attempt"] for span in (failed, done)] == [1, 2]
    assert (failed.status.description, done.status.is_ok) == ("answered 500", True)


def test_a_message_that_comes_again_keeps_its_trace(world):
    world.team.failures = [DeliveryFailed("answered 500")]
    accept(world, 1)
    with belonging_to(kept(traceparent(2))):
        world.deliveries.accept(requested(number=1))
    assert world.row(requested(number=1)).traceparent == traceparent(1)


def test_a_digest_belongs_to_the_oldest_and_is_linked_with_all_that_it_tells(world):
    world.kinds["team"] = ChannelKind(fields=Value, open=lambda fields, surroundings: None, digests=True)
    world.deliveries = world.notifier()
    for number in range(1, 8):
        world.store.record(requested(number=number), now=world.now + number, traceparent=traceparent(number))
    world.store.record(requested(number=8), now=world.now + 8, traceparent="nonsense")
    with recording() as recorded:
        assert world.later(DAY) == 1
    (told,) = recorded.named("deliver")
    assert told.parent.span_id == 1
    assert [link.context.span_id for link in told.links] == [*range(1, 8)]


@pytest.mark.parametrize("text", ["nonsense", "", None])
def test_a_row_without_a_trace_is_delivered_all_the_same(world, text):
    world.store.record(requested(), now=world.now, traceparent=text)
    assert world.later(0) == 1
    assert world.team.sent == [requested().id]
