"""What our services rely on in Pub/Sub, through Google's own client, on whichever server `--pubsub` names.

Only what the embedded server, Google's emulator and production have in common. What the emulator does
differently is asserted on the embedded server alone, in `cli/tests/test_embedded_pubsub.py`.
"""

import base64
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import pytest
from google.api_core.exceptions import AlreadyExists, BadRequest, DeadlineExceeded, InvalidArgument, NotFound
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.pubsub_v1 import types
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

PROJECT = "contract"
SOURCE = "CloudPubSubDeadLetterSource"


class Client:
    """Google's client on one server, with names that no other test has."""

    def __init__(self, endpoint: str) -> None:
        self._channel = grpc.insecure_channel(endpoint)
        self.publisher = PublisherClient(transport=PublisherGrpcTransport(channel=self._channel))
        self.subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=self._channel))

    def close(self) -> None:
        self.publisher.stop()
        self._channel.close()

    def topic(self) -> str:
        name = f"projects/{PROJECT}/topics/t{uuid.uuid4().hex}"
        return str(self.publisher.create_topic(name=name).name)

    def subscription(self, topic: str, *, push: str = "", **settings: object) -> str:
        if push:
            settings["push_config"] = types.PushConfig(push_endpoint=push)
        name = f"projects/{PROJECT}/subscriptions/s{uuid.uuid4().hex}"
        request = types.Subscription(name=name, topic=topic, **settings)
        return str(self.subscriber.create_subscription(request).name)

    def publish(self, topic: str, data: bytes, **attributes: str) -> str:
        return str(self.publisher.publish(topic, data, **attributes).result(timeout=10))

    def pull(
        self, subscription: str, *, within_s: float = 5.0, limit: int = 100
    ) -> list[types.ReceivedMessage]:
        """The next messages, as soon as there are any; none if none come in time."""
        deadline = time.monotonic() + within_s
        while (left := deadline - time.monotonic()) > 0:
            try:
                answer = self.subscriber.pull(
                    subscription=subscription, max_messages=limit, timeout=left, retry=None
                )
            except DeadlineExceeded:
                break
            if answer.received_messages:
                return list(answer.received_messages)
        return []

    def pull_one(self, subscription: str, *, within_s: float = 10.0) -> types.ReceivedMessage:
        (message,) = self.pull(subscription, within_s=within_s, limit=1)
        return message

    def ack(self, subscription: str, message: types.ReceivedMessage) -> None:
        self.subscriber.acknowledge(subscription=subscription, ack_ids=[message.ack_id])

    def lease(self, subscription: str, message: types.ReceivedMessage, seconds: int) -> None:
        self.subscriber.modify_ack_deadline(
            subscription=subscription, ack_ids=[message.ack_id], ack_deadline_seconds=seconds
        )


@pytest.fixture
def client(pubsub: str) -> Iterator[Client]:
    connected = Client(pubsub)
    yield connected
    connected.close()


class Receiver:
    """An endpoint that gives its answers in turn, the last one for ever, and remembers what came."""

    def __init__(self, *answers: int) -> None:
        self._answers = list(answers)
        self._lock = threading.Lock()
        self.bodies: list[dict[str, object]] = []
        self.content_types: list[str | None] = []
        self.times: list[float] = []
        self.url = ""

    def take(self, body: bytes, content_type: str | None) -> int:
        with self._lock:
            self.times.append(time.monotonic())
            self.bodies.append(json.loads(body))
            self.content_types.append(content_type)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@contextmanager
def listening(*answers: int) -> Iterator[Receiver]:
    receiver = Receiver(*answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(body, self.headers["Content-Type"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing: the receiver remembers."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def eventually(holds: Callable[[], bool], *, within_s: float = 15.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def dead_letter_policy(topic: str, attempts: int = 5) -> types.DeadLetterPolicy:
    return types.DeadLetterPolicy(dead_letter_topic=topic, max_delivery_attempts=attempts)


def backoff(least_s: int, most_s: int) -> types.RetryPolicy:
    return types.RetryPolicy(
        minimum_backoff=Duration(seconds=least_s), maximum_backoff=Duration(seconds=most_s)
    )


# Publish, pull, acknowledge


def test_a_published_message_is_pulled_with_all_its_parts(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    before = time.time()

    message_id = client.publish(topic, b"body \xff", kind="push", note="ä")

    message = client.pull_one(subscription).message
    assert (message.data, dict(message.attributes)) == (b"body \xff", {"kind": "push", "note": "ä"})
    assert message.message_id == message_id
    assert before - 5 < message.publish_time.timestamp() < time.time() + 5


def test_every_message_of_a_batch_gets_its_own_id_in_order(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    bodies = [str(number).encode() for number in range(100)]

    futures = [client.publisher.publish(topic, body) for body in bodies]

    got: dict[str, bytes] = {}
    while len(got) < 100 and (messages := client.pull(subscription)):
        got |= {received.message.message_id: received.message.data for received in messages}
    assert [got[future.result(timeout=10)] for future in futures] == bodies


def test_a_pull_takes_no_more_than_it_asks_for(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    for _ in range(5):
        client.publish(topic, b"x")

    assert 1 <= len(client.pull(subscription, limit=3)) <= 3


def test_a_message_comes_again_when_its_lease_has_ended_but_not_if_acknowledged_or_extended(
    client: Client,
) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    leases = {}
    for body in (b"acknowledged", b"extended", b"forgotten"):
        client.publish(topic, body)
        leases[body] = client.pull_one(subscription)
        client.lease(subscription, leases[body], 1)

    client.ack(subscription, leases[b"acknowledged"])
    client.lease(subscription, leases[b"extended"], 60)

    again = client.pull_one(subscription)
    assert again.message.message_id == leases[b"forgotten"].message.message_id
    assert again.ack_id != leases[b"forgotten"].ack_id
    assert client.pull(subscription, within_s=0.5) == []


def test_a_nacked_message_comes_again_long_before_its_deadline(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic, ack_deadline_seconds=600)
    message_id = client.publish(topic, b"again")

    client.lease(subscription, client.pull_one(subscription), 0)

    assert client.pull_one(subscription).message.message_id == message_id


def test_every_subscription_gets_its_own_copy(client: Client) -> None:
    topic = client.topic()
    first, second = client.subscription(topic), client.subscription(topic)
    message_id = client.publish(topic, b"for both")

    client.ack(first, client.pull_one(first))

    assert client.pull_one(second).message.message_id == message_id


def test_a_subscription_gets_nothing_that_was_published_before_it(client: Client) -> None:
    topic = client.topic()
    client.publish(topic, b"early")
    subscription = client.subscription(topic)

    client.publish(topic, b"late")

    assert client.pull_one(subscription).message.data == b"late"


# Declarations


MISSING_TOPIC = f"projects/{PROJECT}/topics/missing"
MISSING = f"projects/{PROJECT}/subscriptions/missing"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.publisher.get_topic(topic=MISSING_TOPIC),
        lambda client: client.publisher.delete_topic(topic=MISSING_TOPIC),
        lambda client: client.publish(MISSING_TOPIC, b"lost"),
        lambda client: client.subscription(MISSING_TOPIC),
        lambda client: client.subscriber.get_subscription(subscription=MISSING),
        lambda client: client.subscriber.delete_subscription(subscription=MISSING),
        lambda client: client.subscriber.pull(subscription=MISSING, max_messages=1),
        lambda client: client.subscriber.acknowledge(subscription=MISSING, ack_ids=["1"]),
        lambda client: client.subscription(
            client.topic(), dead_letter_policy=dead_letter_policy(MISSING_TOPIC)
        ),
    ],
    ids=[
        "get topic",
        "delete topic",
        "publish",
        "subscribe to topic",
        "get subscription",
        "delete subscription",
        "pull",
        "acknowledge",
        "dead letter topic",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, call: Callable[[Client], object]) -> None:
    with pytest.raises(NotFound):
        call(client)


def test_what_is_there_already_exists(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)

    with pytest.raises(AlreadyExists):
        client.publisher.create_topic(name=topic)
    with pytest.raises(AlreadyExists):
        client.subscriber.create_subscription(types.Subscription(name=subscription, topic=topic))


def test_an_empty_message_is_refused(client: Client) -> None:
    with pytest.raises(InvalidArgument):
        client.publish(client.topic(), b"")


@pytest.mark.parametrize("attempts", [4, 101])
def test_a_dead_letter_policy_outside_5_to_100_attempts_is_refused(client: Client, attempts: int) -> None:
    topic = client.topic()

    with pytest.raises(BadRequest):  # the emulator says OUT_OF_RANGE
        client.subscription(topic, dead_letter_policy=dead_letter_policy(topic, attempts))


def test_topics_and_subscriptions_are_listed_until_they_are_deleted(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    project = f"projects/{PROJECT}"
    assert topic in [listed.name for listed in client.publisher.list_topics(project=project)]
    assert subscription in [listed.name for listed in client.subscriber.list_subscriptions(project=project)]

    client.subscriber.delete_subscription(subscription=subscription)
    client.publisher.delete_topic(topic=topic)

    assert topic not in [listed.name for listed in client.publisher.list_topics(project=project)]
    listed = client.subscriber.list_subscriptions(project=project)
    assert subscription not in [one.name for one in listed]


def test_an_update_changes_what_its_mask_names_and_nothing_else(client: Client) -> None:
    topic, dead = client.topic(), client.topic()
    subscription = client.subscription(topic, ack_deadline_seconds=20)
    wanted = types.Subscription(
        name=subscription,
        topic=topic,
        ack_deadline_seconds=600,
        retry_policy=backoff(10, 300),
        dead_letter_policy=dead_letter_policy(dead, 20),
    )

    mask = FieldMask(paths=["retry_policy", "dead_letter_policy"])
    client.subscriber.update_subscription(subscription=wanted, update_mask=mask)

    got = client.subscriber.get_subscription(subscription=subscription)
    assert (got.topic, got.ack_deadline_seconds) == (topic, 20)
    assert got.retry_policy == wanted.retry_policy
    assert got.dead_letter_policy == wanted.dead_letter_policy


def test_an_update_turns_pull_into_push(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"waiting")
    with listening(204) as receiver:
        wanted = types.Subscription(
            name=subscription, topic=topic, push_config=types.PushConfig(push_endpoint=receiver.url)
        )

        client.subscriber.update_subscription(
            subscription=wanted, update_mask=FieldMask(paths=["push_config"])
        )

        assert eventually(lambda: len(receiver.bodies) == 1)
        client.subscriber.delete_subscription(subscription=subscription)


# Push


def test_push_posts_the_full_wrapped_envelope(client: Client) -> None:
    topic = client.topic()
    with listening(204) as receiver:
        subscription = client.subscription(topic, push=receiver.url)

        message_id = client.publish(topic, b"body \xff", kind="push")

        assert eventually(lambda: len(receiver.bodies) == 1)
        body = receiver.bodies[0]
        message = body["message"]
        assert isinstance(message, dict)
        assert body["subscription"] == subscription
        assert base64.b64decode(message["data"]) == b"body \xff"
        assert message["attributes"] == {"kind": "push"}
        assert message["messageId"] == message["message_id"] == message_id
        assert message["publishTime"] == message["publish_time"]
        assert message["publishTime"].endswith("Z")
        assert receiver.content_types == ["application/json"]
        client.subscriber.delete_subscription(subscription=subscription)


def test_an_answer_of_204_acknowledges(client: Client) -> None:
    topic = client.topic()
    with listening(204) as receiver:
        subscription = client.subscription(topic, push=receiver.url)
        client.publish(topic, b"once")
        assert eventually(lambda: len(receiver.bodies) == 1)

        assert not eventually(lambda: len(receiver.bodies) > 1, within_s=1.5)
        client.subscriber.delete_subscription(subscription=subscription)


def test_push_repeats_after_500_and_503_with_backoff(client: Client) -> None:
    topic = client.topic()
    with listening(500, 503, 204) as receiver:
        subscription = client.subscription(topic, push=receiver.url, retry_policy=backoff(1, 1))

        message_id = client.publish(topic, b"stubborn")

        assert eventually(lambda: len(receiver.bodies) == 3)
        first, second, third = receiver.times
        assert second - first > 0.9
        assert third - second > 0.9
        messages = [body["message"] for body in receiver.bodies]
        assert {message["messageId"] for message in messages if isinstance(message, dict)} == {message_id}
        client.subscriber.delete_subscription(subscription=subscription)


# Dead letters


def test_attempts_are_counted_where_there_is_a_dead_letter_policy(client: Client) -> None:
    topic, dead = client.topic(), client.topic()
    subscription = client.subscription(topic, dead_letter_policy=dead_letter_policy(dead))
    client.publish(topic, b"counted")

    first = client.pull_one(subscription)
    client.lease(subscription, first, 0)
    second = client.pull_one(subscription)

    assert (first.delivery_attempt, second.delivery_attempt) == (1, 2)


def test_attempts_are_not_counted_without_a_dead_letter_policy(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"not counted")

    assert client.pull_one(subscription).delivery_attempt == 0


def test_a_pulled_message_is_a_dead_letter_after_its_last_attempt(client: Client) -> None:
    topic, dead_topic = client.topic(), client.topic()
    dead = client.subscription(dead_topic)
    subscription = client.subscription(topic, dead_letter_policy=dead_letter_policy(dead_topic))
    message_id = client.publish(topic, b"poison", kind="push")

    for attempt in range(1, 6):
        message = client.pull_one(subscription)
        assert message.delivery_attempt == attempt
        client.lease(subscription, message, 0)

    # In this order: the emulator sends it on when somebody pulls again.
    assert client.pull(subscription, within_s=0.5) == []
    assert_dead_letter(client.pull_one(dead).message, subscription, message_id)


def test_a_pushed_message_is_a_dead_letter_after_its_last_attempt(client: Client) -> None:
    topic, dead_topic = client.topic(), client.topic()
    dead = client.subscription(dead_topic)
    with listening(500) as receiver:
        subscription = client.subscription(
            topic,
            push=receiver.url,
            dead_letter_policy=dead_letter_policy(dead_topic),
        )
        message_id = client.publish(topic, b"poison", kind="push")

        assert_dead_letter(client.pull_one(dead, within_s=30).message, subscription, message_id)
        assert len(receiver.bodies) == 5
        client.subscriber.delete_subscription(subscription=subscription)


def assert_dead_letter(message: types.PubsubMessage, subscription: str, message_id: str) -> None:
    attributes = dict(message.attributes)
    assert message.data == b"poison"
    assert message.message_id != message_id
    assert datetime.fromisoformat(attributes.pop(f"{SOURCE}TopicPublishTime")).tzinfo
    assert attributes == {
        "kind": "push",
        f"{SOURCE}DeliveryCount": "5",
        f"{SOURCE}Subscription": subscription.rpartition("/")[2],
        f"{SOURCE}SubscriptionProject": PROJECT,
    }
