"""The writer's door to its subscription, against a real Pub/Sub."""

import time
import uuid

import pytest
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from devnexus.errors import Unavailable
from devnexus.topology import Subscription
from kb_writer.pull import Puller

SUBSCRIPTION = Subscription(
    name="subscription", topic="topic", ack_deadline_seconds=10, max_delivery_attempts=5
)


@pytest.fixture
def world(pubsub, monkeypatch):
    """A puller on a fresh subscription, and a function that publishes to it."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    project = f"puller-{uuid.uuid4().hex[:8]}"
    publisher = PublisherClient()
    topic = publisher.topic_path(project, "topic")
    publisher.create_topic(name=topic)
    with SubscriberClient() as client:
        client.create_subscription(
            name=f"projects/{project}/subscriptions/subscription", topic=topic, ack_deadline_seconds=10
        )
    puller = Puller(project=project, subscription=SUBSCRIPTION)
    yield puller, lambda data: publisher.publish(topic, data, key="value").result(timeout=5)
    puller.close()


def pull(puller, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if messages := puller.pull(10):
            return messages
    return []


def test_a_message_comes_with_all_it_carries_and_not_again_once_acknowledged(world):
    puller, publish = world
    message_id = publish(b"one")
    (message,) = pull(puller)
    assert (message.data, message.attributes, message.message_id) == (b"one", {"key": "value"}, message_id)
    puller.acknowledge([message])
    assert pull(puller, seconds=1) == []


def test_a_message_that_is_given_back_comes_again_long_before_its_lease_would_end(world):
    puller, publish = world
    publish(b"one")
    (message,) = pull(puller)
    puller.give_back([message])
    (again,) = pull(puller, seconds=5)
    assert again.message_id == message.message_id


def test_a_message_in_hand_stays_in_hand_however_long_the_work_takes(world):
    puller, publish = world
    publish(b"one")
    (message,) = pull(puller)
    with puller.holding([message]):
        assert pull(puller, seconds=12) == []
    puller.acknowledge([message])
    assert pull(puller, seconds=1) == []


def test_a_subscription_that_is_not_there_is_unavailable(pubsub, monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    puller = Puller(project="nobody", subscription=SUBSCRIPTION)
    with pytest.raises(Unavailable):
        puller.pull(1)
    puller.close()
