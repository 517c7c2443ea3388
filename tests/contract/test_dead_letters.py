"""Dead letters against a real Pub/Sub: looking leaves them there, a replay reaches one subscription only."""

import base64
import time
import uuid

import pytest
from builders import pushed
from flask import Flask
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1 import PublisherClient as PlainPublisherClient
from google.pubsub_v1 import types

from devnexus.codec import encode
from devnexus.dead_letters import DeadLetters
from devnexus.errors import Unavailable
from devnexus.events import CommitPushed
from devnexus.parking import is_for, park
from devnexus.pubsub import PubSubPublisher
from devnexus.push import handles, push_endpoint
from devnexus.topology import Subscription, Topic, Topology
from devnexus_cli.ports import free_port

ONE, OTHER = (
    Subscription(name=name, topic="topic", ack_deadline_seconds=10, max_delivery_attempts=5)
    for name in ("one", "other")
)
TOPOLOGY = Topology(topics=(Topic(name="topic", about="For two."),), subscriptions=(ONE, OTHER))
DATA, ATTRIBUTES = encode(pushed("a", "b"), source="/test")


class World:
    """A topic with two subscriptions, each with its dead letters."""

    def __init__(self):
        self.project = f"dead-{uuid.uuid4().hex[:8]}"
        self._publisher, self._subscriber = PublisherClient(), SubscriberClient()
        for name in ("topic", ONE.dead_letter, OTHER.dead_letter):
            self._publisher.create_topic(name=self._topic(name))
        for subscription in (ONE, OTHER):
            self._subscribe(subscription.name, "topic")
            self._subscribe(subscription.dead_letter, subscription.dead_letter)
        self.sender = PubSubPublisher(project=self.project, source="/test")
        self.letters = DeadLetters(project=self.project)

    def park(self, data=DATA, attributes=ATTRIBUTES, subscription=ONE):
        return park(data, attributes, reason="no such file", subscription=subscription, sender=self.sender)

    def forward(self, data=DATA, subscription=ONE):
        """As Pub/Sub does after the last attempt."""
        extra = {"CloudPubSubDeadLetterSourceDeliveryCount": "5"}
        message = types.PubsubMessage(data=data, attributes={**ATTRIBUTES, **extra})
        topic = self._topic(subscription.dead_letter)
        PlainPublisherClient.publish(self._publisher, topic=topic, messages=[message])

    def waiting(self):
        return sorted(letter.id for letter in self.letters.peek(ONE, limit=100))

    def received(self, name):
        """The one message that comes to a subscription."""
        path = f"projects/{self.project}/subscriptions/{name}"
        (message,) = self._subscriber.pull(subscription=path, max_messages=10, timeout=5).received_messages
        self._subscriber.acknowledge(subscription=path, ack_ids=[message.ack_id])
        return message.message

    def close(self):
        self.letters.close()
        self.sender.close()
        self._publisher.stop()
        self._subscriber.close()

    def _topic(self, name):
        return f"projects/{self.project}/topics/{name}"

    def _subscribe(self, name, topic):
        self._subscriber.create_subscription(
            name=f"projects/{self.project}/subscriptions/{name}", topic=self._topic(topic)
        )


@pytest.fixture
def world(pubsub, monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    world = World()
    yield world
    world.close()


def push(message, subscription, handled):
    """What a service answers when Pub/Sub pushes `message` to it."""
    app = Flask(__name__)
    endpoint = push_endpoint([handles(CommitPushed, handled.append)], topology=TOPOLOGY, sender=None)
    app.register_blueprint(endpoint)
    envelope = {
        "message": {
            "data": base64.b64encode(message.data).decode(),
            "attributes": dict(message.attributes),
            "messageId": message.message_id,
        },
        "subscription": f"projects/p/subscriptions/{subscription.name}",
    }
    return app.test_client().post("/events", json=envelope).status_code


def test_looking_tells_all_and_leaves_it_there(world):
    park_id = world.park()
    world.forward(b"{}")
    for _ in range(2):  # looking twice at once only works if the first look gave everything back
        parked, forwarded = world.letters.peek(ONE, limit=2)
        assert (parked.id, parked.reason, parked.attempts) == (park_id, "no such file", None)
        assert (parked.data, parked.attributes, parked.event_type) == (DATA, ATTRIBUTES, "commit.pushed.v1")
        assert abs(parked.parked_at.timestamp() - time.time()) < 60
        assert (forwarded.data, forwarded.attributes, forwarded.attempts) == (b"{}", ATTRIBUTES, 5)
        assert forwarded.reason == "Pub/Sub gave up after 5 attempts"
    assert world.letters.peek(OTHER, limit=100) == []


def test_no_more_than_asked_for_are_taken_in_hand(world):
    for number in range(5):
        world.park(str(number).encode())
    assert len(world.letters.peek(ONE, limit=3)) == 3
    assert len(world.waiting()) == 5


def test_a_replay_is_handled_by_the_one_subscription_and_passed_over_by_the_other(world):
    world.park()
    with world.letters.waiting(ONE, limit=1) as (letter,):
        world.letters.replay(letter, ONE)
    assert world.waiting() == []
    by_one, by_other = [], []
    for_one, for_other = world.received("one"), world.received("other")
    assert (push(for_one, ONE, by_one), push(for_other, OTHER, by_other)) == (204, 204)
    assert (by_one, by_other) == ([pushed("a", "b")], [])
    assert is_for(for_one.attributes, "one") and not is_for(for_other.attributes, "other")


def test_a_replay_is_the_message_as_it_was_first_published(world):
    attributes = {**ATTRIBUTES, "topic": "mine", "retry": "no"}
    first_id = world.park(attributes=attributes)
    with world.letters.waiting(ONE, limit=1) as (letter,):
        world.letters.replay(letter, ONE)
    message = world.received("one")
    assert message.data == DATA
    assert dict(message.attributes) == {**attributes, "devnexus-replay-to": "one"}
    assert world.park(message.data, dict(message.attributes)) == first_id


def test_only_what_was_replayed_is_gone(world):
    stays, goes = world.park(b"1"), world.park(b"2")
    with world.letters.waiting(ONE, limit=2) as letters:
        world.letters.replay(next(letter for letter in letters if letter.id == goes), ONE)
    assert world.waiting() == [stays]


def test_what_could_not_be_published_stays(world):
    park_id = world.park()
    nowhere = ONE.model_copy(update={"topic": "nowhere"})
    with world.letters.waiting(ONE, limit=1) as (letter,):
        with pytest.raises(Unavailable, match="stays in one-dead"):
            world.letters.replay(letter, nowhere)
    assert world.waiting() == [park_id]


def test_a_subscription_that_is_not_there_is_named_with_the_remedy(world):
    with pytest.raises(Unavailable, match="nobody-dead.*devnexus provision"):
        world.letters.peek(ONE.model_copy(update={"name": "nobody"}), limit=1)


def test_a_pubsub_that_does_not_answer_is_not_taken_for_an_empty_one(monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{free_port()}")
    letters = DeadLetters(project="p")
    with pytest.raises(Unavailable):
        letters.peek(ONE, limit=1)
    letters.close()
