"""What only the embedded Pub/Sub can be asked: its exact times, its faults, its limits, its process.

What it shares with Google's emulator is in `tests/contract/test_pubsub.py`.
"""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import grpc
import pytest
from google.api_core.exceptions import DataLoss, DeadlineExceeded, MethodNotImplemented, ServiceUnavailable
from google.protobuf.field_mask_pb2 import FieldMask
from google.pubsub_v1 import PublisherClient, SubscriberClient, types
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from devnexus.errors import ConfigurationError
from devnexus_cli.embedded_pubsub.broker import Broker
from devnexus_cli.embedded_pubsub.model import (
    DeadLetterPolicy,
    Delivery,
    Draft,
    InvalidArgument,
    NotFound,
    OutOfService,
    RetryPolicy,
    Settings,
    WrongState,
)
from devnexus_cli.embedded_pubsub.push import envelope
from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from devnexus_cli.processes import ChildDied
from devnexus_cli.pubsub_backends import pubsub_for, start_pubsub

TOPIC = "projects/test/topics/news"
DEAD_TOPIC = "projects/test/topics/news-dead"
NAME = "projects/test/subscriptions/reader"
DEAD = "projects/test/subscriptions/reader-dead"


class Clock:
    """Stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A broker with one topic and one subscription on it, and its clock."""

    def __init__(
        self,
        *,
        ack_deadline_s: int = 10,
        retry: RetryPolicy | None = None,
        dead_letter: DeadLetterPolicy | None = None,
    ) -> None:
        self.clock = Clock()
        self.broker = Broker(clock=self.clock)
        for topic in (TOPIC, DEAD_TOPIC):
            self.broker.directory.create_topic(topic)
        self.broker.directory.create_subscription(Settings(DEAD, DEAD_TOPIC))
        self.broker.directory.create_subscription(
            Settings(NAME, TOPIC, ack_deadline_s=ack_deadline_s, retry=retry, dead_letter=dead_letter)
        )

    def publish(self, *bodies: str) -> list[str]:
        return self.broker.publish(TOPIC, [Draft(body.encode()) for body in bodies])

    def pull(self, limit: int = 100, *, name: str = NAME) -> list[Delivery]:
        return self.broker.pull(name, limit)

    def pull_one(self) -> Delivery:
        (delivery,) = self.pull(1)
        return delivery

    def bodies(self, limit: int = 100) -> list[str]:
        return [delivery.message.data.decode() for delivery in self.pull(limit)]

    def ack(self, delivery: Delivery) -> None:
        self.broker.acknowledge(NAME, [delivery.ack_id])

    def lease(self, delivery: Delivery, seconds: int) -> None:
        self.broker.modify_ack_deadline(NAME, [delivery.ack_id], seconds)

    def turn(self, seconds: float) -> None:
        self.clock.now += seconds
        self.broker.advance()


# Leases


def test_a_message_comes_again_exactly_when_its_ack_deadline_has_passed() -> None:
    desk = Desk(ack_deadline_s=30)
    desk.publish("again")
    desk.pull_one()

    desk.turn(29.9)
    assert desk.pull() == []
    desk.turn(0.1)
    assert desk.bodies() == ["again"]


def test_a_late_ack_counts_as_long_as_nobody_else_has_the_message() -> None:
    desk = Desk()
    desk.publish("late")
    first = desk.pull_one()
    desk.turn(10)

    desk.ack(first)

    assert desk.pull() == []
    assert desk.broker.undelivered(NAME) == 0


def test_a_late_ack_does_not_take_the_message_from_its_next_holder() -> None:
    desk = Desk()
    desk.publish("late")
    first = desk.pull_one()
    desk.turn(10)
    desk.pull_one()

    desk.ack(first)

    assert desk.broker.undelivered(NAME) == 1
    desk.turn(10)
    assert desk.bodies() == ["late"]


def test_a_nacked_delivery_cannot_be_acknowledged() -> None:
    desk = Desk()
    desk.publish("changed my mind")
    first = desk.pull_one()
    desk.lease(first, 0)

    desk.ack(first)

    assert desk.bodies() == ["changed my mind"]


def test_a_lease_can_be_extended_while_it_runs_and_not_afterwards() -> None:
    desk = Desk()
    desk.publish("held")
    first = desk.pull_one()
    desk.turn(9)
    desk.lease(first, 60)
    desk.turn(59)
    assert desk.pull() == []
    desk.turn(1)

    desk.lease(first, 60)

    assert desk.bodies() == ["held"]


def test_a_restarted_server_gives_no_id_a_second_time() -> None:
    ids: list[str] = []
    for minute in (0, 1):
        started = datetime(2026, 1, 1, 12, minute, tzinfo=UTC)
        broker = Broker(now=lambda: started)  # noqa: B023 - used within this turn of the loop only
        broker.directory.create_topic(TOPIC)
        ids += broker.publish(TOPIC, [Draft(b"a"), Draft(b"b")])

    assert len(set(ids)) == 4


# Backoff


def test_the_pause_after_a_nack_doubles_from_the_minimum_to_the_maximum() -> None:
    desk = Desk(retry=RetryPolicy(10, 60))
    desk.publish("stubborn")

    assert pauses(desk, desk.pull_one(), 5) == [10, 20, 40, 60, 60]


def test_the_pause_comes_after_an_expired_lease_too() -> None:
    desk = Desk(ack_deadline_s=10, retry=RetryPolicy(10, 60))
    desk.publish("forgotten")
    desk.pull_one()

    desk.turn(19.9)
    desk.turn(0)
    assert desk.pull() == []
    desk.turn(10)
    assert desk.bodies() == ["forgotten"]


def test_a_pulled_message_without_a_retry_policy_comes_again_at_once() -> None:
    desk = Desk()
    desk.publish("impatient")

    assert pauses(desk, desk.pull_one(), 3) == [0, 0, 0]


def test_a_new_message_does_not_wait_for_one_that_was_nacked() -> None:
    desk = Desk(retry=RetryPolicy(10, 60))
    desk.publish("stubborn")
    desk.lease(desk.pull_one(), 0)

    desk.publish("fresh")

    assert desk.bodies() == ["fresh"]


def pauses(desk: Desk, delivery: Delivery, count: int) -> list[int]:
    """How many seconds a message stays away after each of `count` nacks."""
    seen = []
    for _ in range(count):
        desk.lease(delivery, 0)
        seconds = 0
        while not (taken := desk.pull()):
            desk.turn(1)
            seconds += 1
        seen.append(seconds)
        (delivery,) = taken
    return seen


# Dead letters


def test_expired_leases_use_up_the_attempts_as_nacks_do() -> None:
    desk = Desk(dead_letter=DeadLetterPolicy(DEAD_TOPIC, 5))
    desk.publish("poison")
    for attempt in range(1, 6):
        assert desk.pull_one().attempt == attempt
        desk.turn(10)

    (dead,) = desk.pull(name=DEAD)

    assert dead.message.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"
    assert desk.broker.undelivered(NAME) == 0


def test_a_message_stays_while_its_dead_letter_topic_is_missing() -> None:
    desk = Desk(dead_letter=DeadLetterPolicy(DEAD_TOPIC, 5))
    desk.broker.directory.delete_topic(DEAD_TOPIC)
    desk.publish("poison")

    for attempt in range(1, 8):
        delivery = desk.pull_one()
        assert delivery.attempt == attempt
        desk.lease(delivery, 0)

    assert desk.broker.undelivered(NAME) == 1


def test_the_healthy_neighbours_of_a_dead_letter_stay() -> None:
    desk = Desk(dead_letter=DeadLetterPolicy(DEAD_TOPIC, 5))
    desk.publish("poison", "healthy")
    for _ in range(5):
        poison, healthy = sorted(desk.pull(), key=lambda delivery: delivery.message.data, reverse=True)
        desk.lease(poison, 0)
        desk.broker.modify_ack_deadline(NAME, [healthy.ack_id], 0)

    assert [delivery.message.data for delivery in desk.pull(name=DEAD)] == [b"poison", b"healthy"]


# Declarations


def test_a_deleted_subscription_is_gone_with_its_messages() -> None:
    desk = Desk()
    desk.publish("lost")
    desk.broker.directory.delete_subscription(NAME)

    with pytest.raises(NotFound):
        desk.pull()
    desk.broker.directory.create_subscription(Settings(NAME, TOPIC))
    assert desk.pull() == []


def test_a_pull_that_waits_ends_when_its_subscription_is_deleted() -> None:
    desk = Desk()
    later = threading.Timer(0.1, desk.broker.directory.delete_subscription, [NAME])
    later.start()

    began = time.monotonic()
    with pytest.raises(NotFound):
        desk.broker.pull(NAME, 1, wait_s=10)
    assert time.monotonic() - began < 5
    later.join()


def test_a_pull_that_was_given_up_takes_nothing() -> None:
    desk = Desk()
    desk.publish("for the next")

    assert desk.broker.pull(NAME, 1, given_up=lambda: True) == []

    assert desk.bodies() == ["for the next"]


def test_a_subscription_survives_its_topic() -> None:
    desk = Desk()
    desk.publish("kept")

    desk.broker.directory.delete_topic(TOPIC)

    assert desk.bodies() == ["kept"]
    assert desk.broker.directory.subscription(NAME).topic == "_deleted-topic_"


def test_a_push_subscription_cannot_be_pulled() -> None:
    desk = Desk()
    desk.broker.directory.update_subscription(Settings(NAME, TOPIC, push_endpoint="http://127.0.0.1:9/"))

    with pytest.raises(WrongState):
        desk.pull()


@pytest.mark.parametrize(
    "drafts",
    [
        [],
        [Draft()],
        [Draft(b"x")] * 1001,
        [Draft(b"x" * 5_000_000)] * 2 + [Draft(b"x")],
        [Draft(attributes={str(number): "x" for number in range(101)})],
        [Draft(attributes={"k" * 257: "x"})],
        [Draft(attributes={"": "x"})],
        [Draft(attributes={"k": "ä" * 513})],
        [Draft(b"x", ordering_key="k" * 1025)],
    ],
    ids=["none", "empty", "1001", "10 MB", "101 attributes", "long key", "no key", "long value", "ordering"],
)
def test_a_publish_above_a_limit_is_refused_and_stores_nothing(drafts: list[Draft]) -> None:
    desk = Desk()

    with pytest.raises(InvalidArgument):
        desk.broker.publish(TOPIC, drafts)

    assert desk.broker.undelivered(NAME) == 0


def test_a_publish_at_every_limit_is_taken() -> None:
    desk = Desk()
    attributes = {f"{number:0256}": "ä" * 512 for number in range(100)}

    desk.broker.publish(TOPIC, [Draft(b"x" * 9_000, attributes, "k" * 1024)] * 70)
    desk.broker.publish(TOPIC, [Draft(b"x" * 10_000)] * 1000)

    assert desk.broker.undelivered(NAME) == 1070


@pytest.mark.parametrize(
    "settings",
    [
        Settings(NAME, TOPIC, ack_deadline_s=9),
        Settings(NAME, TOPIC, ack_deadline_s=601),
        Settings(NAME, TOPIC, retry=RetryPolicy(0, 601)),
        Settings(NAME, TOPIC, retry=RetryPolicy(20, 10)),
        Settings(NAME, TOPIC, dead_letter=DeadLetterPolicy(DEAD_TOPIC, 4)),
        Settings(NAME, TOPIC, dead_letter=DeadLetterPolicy(DEAD_TOPIC, 101)),
        Settings(NAME, TOPIC, retention_s=599),
        Settings(NAME, TOPIC, push_endpoint="ftp://example.org/"),
    ],
)
def test_settings_outside_the_limits_are_refused(settings: Settings) -> None:
    with pytest.raises(InvalidArgument):
        Desk().broker.directory.update_subscription(settings)


@pytest.mark.parametrize("name", ["news", "projects/test/topics/1st", "projects/test/subscriptions/news"])
def test_a_topic_needs_a_full_name(name: str) -> None:
    with pytest.raises(InvalidArgument):
        Broker().directory.create_topic(name)


def test_a_pull_ends_below_the_size_of_a_request() -> None:
    desk = Desk()
    for _ in range(3):
        desk.broker.publish(TOPIC, [Draft(b"x" * 4_000_000)] * 2)

    assert [len(desk.pull()) for _ in range(3)] == [3, 3, 0]


# Faults


def test_the_fault_of_duplicates_delivers_the_first_and_every_tenth_message_twice() -> None:
    desk = Desk()
    desk.broker.faults.duplicate(NAME, every=10)
    ids = desk.publish(*map(str, range(20)))

    got = [delivery.message.id for delivery in desk.pull()]

    assert sorted(got) == sorted([*ids, ids[0], ids[10]])


def test_the_fault_of_late_acks_brings_the_message_again() -> None:
    desk = Desk(retry=RetryPolicy(10, 60))
    desk.broker.faults.late_ack(NAME, every=2)
    desk.publish("twice")

    desk.ack(desk.pull_one())
    assert desk.pull() == []
    desk.turn(10)
    desk.ack(desk.pull_one())

    assert desk.broker.undelivered(NAME) == 0


def test_a_fault_ends_with_every_0_and_leaves_other_subscriptions_alone() -> None:
    desk = Desk()
    desk.broker.faults.duplicate(DEAD, every=1)
    desk.broker.faults.duplicate(NAME, every=1)
    desk.broker.faults.duplicate(NAME, every=0)

    desk.publish("once")

    assert desk.bodies() == ["once"]


def test_the_fault_of_disorder_shuffles_all_messages_the_same_way_for_the_same_seed() -> None:
    assert shuffled(seed=1) == shuffled(seed=1) != shuffled(seed=2)
    assert sorted(shuffled(seed=1)) == sorted(map(str, range(50))) != shuffled(seed=1)


def shuffled(seed: int) -> list[str]:
    desk = Desk()
    desk.broker.faults.shuffle(seed)
    desk.publish(*map(str, range(50)))
    return desk.bodies(25) + desk.bodies(25)


def test_the_fault_of_an_outage_ends_waiting_pulls_and_loses_nothing() -> None:
    desk = Desk()
    desk.publish("kept")

    with desk.broker.faults.outage(), pytest.raises(OutOfService):
        desk.pull()

    assert desk.bodies() == ["kept"]


# Over the network


class Client:
    """Google's client on one embedded server."""

    def __init__(self, server: EmbeddedPubSub) -> None:
        self.broker = server.broker
        self.endpoint = server.endpoint
        self._channel = grpc.insecure_channel(server.endpoint)
        self.publisher = PublisherClient(transport=PublisherGrpcTransport(channel=self._channel))
        self.subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=self._channel))

    def close(self) -> None:
        self._channel.close()

    def subscribe(self, **settings: object) -> None:
        self.subscriber.create_subscription(types.Subscription(name=NAME, topic=TOPIC, **settings))

    def publish(self, *bodies: bytes) -> None:
        messages = [types.PubsubMessage(data=body) for body in bodies]
        self.publisher.publish(topic=TOPIC, messages=messages, retry=None)

    def pull(self, *, timeout: float = 10.0) -> list[bytes]:
        answer = self.subscriber.pull(subscription=NAME, max_messages=10, timeout=timeout, retry=None)
        return [received.message.data for received in answer.received_messages]


@pytest.fixture
def server() -> Iterator[EmbeddedPubSub]:
    with EmbeddedPubSub() as running:
        yield running


@pytest.fixture
def client(server: EmbeddedPubSub) -> Iterator[Client]:
    connected = Client(server)
    for topic in (TOPIC, DEAD_TOPIC):
        connected.publisher.create_topic(name=topic)
    yield connected
    connected.close()


def test_an_outage_answers_every_call_with_unavailable(client: Client) -> None:
    client.subscribe()

    with client.broker.faults.outage():
        with pytest.raises(ServiceUnavailable):
            client.publish(b"refused")
        with pytest.raises(ServiceUnavailable):
            client.pull()

    client.publish(b"taken")
    assert client.pull() == [b"taken"]


def test_a_pull_whose_caller_has_gone_takes_no_message(client: Client) -> None:
    client.subscribe()
    with pytest.raises(DeadlineExceeded):
        client.pull(timeout=0.1)

    client.publish(b"for the next")

    assert client.pull() == [b"for the next"]


def test_pulls_whose_callers_have_gone_hold_no_threads(client: Client) -> None:
    client.subscribe()
    request = types.PullRequest(subscription=NAME, max_messages=1)
    calls = [client.subscriber.transport.pull.future(request, timeout=0.2) for _ in range(70)]
    assert eventually(lambda: all(call.done() for call in calls))

    began = time.monotonic()
    client.publish(b"who serves me?")

    assert time.monotonic() - began < 0.4


def test_a_waiting_pull_gets_a_message_as_soon_as_it_comes(client: Client) -> None:
    client.subscribe()
    later = threading.Timer(0.2, client.publish, [b"just in time"])
    later.start()

    began = time.monotonic()
    assert client.pull() == [b"just in time"]
    assert time.monotonic() - began < 0.9
    later.join()


@pytest.mark.parametrize(
    "settings",
    [
        {"filter": 'attributes.kind = "push"'},
        {"enable_message_ordering": True},
        {"enable_exactly_once_delivery": True},
        {"push_config": types.PushConfig(push_endpoint="http://localhost/", no_wrapper={})},
        {"push_config": types.PushConfig(push_endpoint="http://localhost/", oidc_token={"audience": "us"})},
    ],
    ids=lambda settings: " ".join(settings),
)
def test_what_the_server_cannot_do_is_unimplemented_and_not_ignored(
    client: Client, settings: dict[str, object]
) -> None:
    with pytest.raises(MethodNotImplemented):
        client.subscribe(**settings)


def test_a_method_that_we_do_not_serve_is_unimplemented(client: Client) -> None:
    with pytest.raises(MethodNotImplemented):
        client.subscriber.create_snapshot(name="projects/test/snapshots/one", subscription=NAME)


def test_a_message_above_grpcs_own_limit_of_4_mb_goes_both_ways(client: Client) -> None:
    client.subscribe()
    channel = grpc.insecure_channel(client.endpoint, options=[("grpc.max_receive_message_length", -1)])
    subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))

    client.publish(b"x" * 9_000_000)

    answer = subscriber.pull(subscription=NAME, max_messages=1)
    assert len(answer.received_messages[0].message.data) == 9_000_000
    channel.close()


def test_a_bug_of_the_server_gets_a_status_that_no_publisher_retries(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(topic: str, drafts: object) -> list[str]:
        raise ZeroDivisionError

    monkeypatch.setattr(client.broker, "publish", broken)

    with pytest.raises(DataLoss):
        client.publish(b"x")


# Push


class Endpoint:
    """Answers every push with `status`, once `gate` is open; counts what is in its hands."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.gate = threading.Event()
        self.gate.set()
        self.lock = threading.Lock()
        self.in_hand = 0
        self.bodies: list[dict[str, object]] = []
        self.url = ""

    def take(self, body: bytes) -> int:
        with self.lock:
            self.in_hand += 1
            self.bodies.append(json.loads(body))
        self.gate.wait(10)
        with self.lock:
            self.in_hand -= 1
        return self.status


class HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # the default of 5 lets three of eight connections wait for a second


@contextmanager
def listening(status: int = 204) -> Iterator[Endpoint]:
    endpoint = Endpoint(status)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._answer(endpoint.take(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            """Where a redirect would end, were it followed."""
            self._answer(204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing: the endpoint remembers."""

    http_server = HttpServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{http_server.server_port}/events"
    thread = threading.Thread(target=http_server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.gate.set()
        http_server.shutdown()
        thread.join()
        http_server.server_close()


def pushed_to(url: str) -> types.PushConfig:
    return types.PushConfig(push_endpoint=url)


def eventually(holds: Callable[[], bool], *, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.01)
    return holds()


def test_the_envelope_says_the_attempt_where_there_is_a_dead_letter_policy(client: Client) -> None:
    with listening(500) as endpoint:
        policy = types.DeadLetterPolicy(dead_letter_topic=DEAD_TOPIC, max_delivery_attempts=5)
        client.subscribe(push_config=pushed_to(endpoint.url), dead_letter_policy=policy)

        client.publish(b"counted")

        assert eventually(lambda: len(endpoint.bodies) == 3)
        assert [body["deliveryAttempt"] for body in endpoint.bodies] == [1, 2, 3]


def test_the_envelope_says_the_ordering_key_where_there_is_one_and_no_attempt_without_a_policy() -> None:
    desk = Desk()
    desk.broker.publish(TOPIC, [Draft(b"plain"), Draft(b"keyed", ordering_key="k")])

    plain, keyed = (json.loads(envelope(NAME, delivery)) for delivery in desk.pull())

    assert keyed["message"]["orderingKey"] == "k"
    assert "orderingKey" not in plain["message"]
    assert "deliveryAttempt" not in plain


@pytest.mark.parametrize("status", [102, 200, 201, 202, 204])
def test_these_answers_acknowledge(client: Client, status: int) -> None:
    with listening(status) as endpoint:
        client.subscribe(push_config=pushed_to(endpoint.url))

        client.publish(b"taken")

        assert eventually(lambda: client.broker.undelivered(NAME) == 0)
        assert len(endpoint.bodies) == 1


@pytest.mark.parametrize("status", [203, 303, 404, 429, 503])
def test_other_answers_bring_the_message_again(client: Client, status: int) -> None:
    with listening(status) as endpoint:
        client.subscribe(push_config=pushed_to(endpoint.url))

        client.publish(b"refused")

        assert eventually(lambda: len(endpoint.bodies) >= 2)


def test_a_refused_connection_brings_the_message_again(client: Client) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        client.subscribe(push_config=pushed_to(f"http://127.0.0.1:{silent.getsockname()[1]}/"))
        client.publish(b"patient")
    with listening() as endpoint:
        wanted = types.Subscription(name=NAME, topic=TOPIC, push_config=pushed_to(endpoint.url))

        client.subscriber.update_subscription(
            subscription=wanted, update_mask=FieldMask(paths=["push_config"])
        )

        assert eventually(lambda: client.broker.undelivered(NAME) == 0)


def test_eight_pushes_of_one_subscription_are_under_way_at_a_time(client: Client) -> None:
    with listening() as endpoint:
        endpoint.gate.clear()
        client.subscribe(push_config=pushed_to(endpoint.url))
        # Provisioned a second time: that must not start a second crew.
        client.broker.directory.update_subscription(client.broker.directory.subscription(NAME))

        client.publish(*[b"slow"] * 20)

        assert eventually(lambda: endpoint.in_hand == 8)
        assert not eventually(lambda: endpoint.in_hand > 8, within_s=0.2)
        endpoint.gate.set()
        assert eventually(lambda: client.broker.undelivered(NAME) == 0)


def test_an_outage_stops_pushes_until_it_ends(client: Client) -> None:
    with listening() as endpoint:
        client.subscribe(push_config=pushed_to(endpoint.url))
        with client.broker.faults.outage():
            client.broker.publish(TOPIC, [Draft(b"delayed")])
            assert not eventually(lambda: len(endpoint.bodies) > 0, within_s=0.2)

        assert eventually(lambda: len(endpoint.bodies) == 1)


def test_a_subscription_that_is_created_again_is_pushed_again(client: Client) -> None:
    with listening() as endpoint:
        for count in (1, 2):
            client.subscribe(push_config=pushed_to(endpoint.url))
            client.publish(b"hello")
            assert eventually(lambda: len(endpoint.bodies) == count)  # noqa: B023 - called in this turn
            client.subscriber.delete_subscription(subscription=NAME)
    assert eventually(lambda: not any(thread.name.startswith("push-") for thread in threading.enumerate()))


# The process


def test_a_second_server_on_the_same_port_is_refused(server: EmbeddedPubSub) -> None:
    port = int(server.endpoint.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"), EmbeddedPubSub(port):
        pass


def test_stopping_does_not_wait_for_a_waiting_pull(client: Client, server: EmbeddedPubSub) -> None:
    client.subscribe()
    call = client.subscriber.transport.pull.future(types.PullRequest(subscription=NAME, max_messages=1))
    assert not eventually(call.done, within_s=0.1)

    began = time.monotonic()
    server.stop()

    assert time.monotonic() - began < 0.5
    assert isinstance(call.exception(timeout=5), grpc.RpcError)


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "devnexus_cli.embedded_pubsub", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_when_it_is_ready_and_ends_at_once(number: signal.Signals) -> None:
    process = run("--port", "0")
    assert process.stdout
    ready = process.stdout.readline()
    assert ready.startswith("Pub/Sub is ready on 127.0.0.1:")

    began = time.monotonic()
    process.send_signal(number)
    rest = process.communicate(timeout=10)

    assert time.monotonic() - began < 1.0
    assert (process.returncode, rest) == (0, ("", ""))


def test_the_process_says_in_one_line_that_its_port_is_in_use(server: EmbeddedPubSub) -> None:
    process = run("--port", server.endpoint.rpartition(":")[2])

    output, error = process.communicate(timeout=10)

    assert (process.returncode, output) == (1, "")
    assert error == f"cannot listen on {server.endpoint}: Address already in use\n"


# Which Pub/Sub a run uses


def test_the_embedded_server_is_started_by_default_and_ends_with_its_block(tmp_path: Path) -> None:
    with pubsub_for({}, log=tmp_path / "pubsub.log") as endpoint:
        topics = list(topics_at(endpoint))

    assert topics == []
    assert refuses(endpoint)
    assert endpoint in (tmp_path / "pubsub.log").read_text(encoding="utf-8")


def test_the_server_ends_when_the_block_fails() -> None:
    with pytest.raises(KeyError), start_pubsub("embedded") as endpoint:
        raise KeyError

    assert refuses(endpoint)


def test_an_emulator_that_is_given_is_used_as_it_is() -> None:
    environment = {"PUBSUB_EMULATOR_HOST": "pubsub.example:8085", "DEVNEXUS_PUBSUB": "google"}

    with pubsub_for(environment) as endpoint:
        assert endpoint == "pubsub.example:8085"


def test_an_unknown_choice_is_an_error_that_names_the_known_ones() -> None:
    with (
        pytest.raises(ConfigurationError, match="embedded, google or docker"),
        pubsub_for({"DEVNEXUS_PUBSUB": "x"}),
    ):
        pass


def program(folder: Path, name: str) -> Path:
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_every_missing_part_of_googles_emulator_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    with pytest.raises(ConfigurationError, match="gcloud is missing: install"), start_pubsub("google"):
        pass
    program(tmp_path, "gcloud")
    with pytest.raises(ConfigurationError, match="components install pubsub-emulator"):
        start_pubsub("google").__enter__()
    jar = tmp_path / "platform/pubsub-emulator/lib/cloud-pubsub-emulator-1.jar"
    jar.parent.mkdir(parents=True)
    jar.touch()
    with pytest.raises(ConfigurationError, match="java is missing: .*default-jre-headless"):
        start_pubsub("google").__enter__()


def test_a_server_that_does_not_start_is_an_error_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    program(tmp_path, "gcloud")
    program(tmp_path, "java").write_text("#!/bin/sh\necho no heap; exit 3\n", encoding="utf-8")
    jar = tmp_path / "platform/pubsub-emulator/lib/cloud-pubsub-emulator-1.jar"
    jar.parent.mkdir(parents=True)
    jar.touch()

    with pytest.raises(ChildDied, match="(?s)ended with status 3.*no heap"):
        start_pubsub("google").__enter__()


def topics_at(endpoint: str) -> list[str]:
    with grpc.insecure_channel(endpoint) as channel:
        publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        return [topic.name for topic in publisher.list_topics(project="projects/test")]


def refuses(endpoint: str) -> bool:
    host, _, port = endpoint.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False
