"""How fast the receiver takes GitHub's webhooks, and whether any is lost or doubled.

    python benchmarks/webhook.py [--json]

The receiver as its image runs it (gunicorn), in front of the embedded Pub/Sub, takes signed pushes of 20
commits each over 1, 8 and 64 connections as fast as they come, then 100 a second, then a burst of 1,000 over
64 connections at once, whose events are then pulled and counted. A delivery is acknowledged when the broker
has its event. The baseline is `GET /health` of the same process over as many connections.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from devnexus.secrets import Secret
from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from devnexus_cli.ports import free_port
from devnexus_cli.stack import COMMANDS
from webhook_receiver.signature import sign

PROJECT = "benchmark"
SECRET = Secret(b"benchmark")
CONNECTIONS = (1, 8, 64)
SECONDS = 5.0
STEADY_RATE, STEADY_SECONDS = 100, 10
BURST = 1000

Figures = dict[str, float]


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-") as scratch, EmbeddedPubSub() as pubsub:
        os.environ["PUBSUB_EMULATOR_HOST"] = pubsub.endpoint
        subscription = _subscribed()
        with _receiver(Path(scratch)) as port:
            figures = measure(port, subscription)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<52} {value:>12,.1f}")


def measure(port: int, subscription: str) -> Figures:
    """All figures of one run; names end in their unit."""
    figures: Figures = {}
    number = iter(range(1, 10**9))
    for connections in CONNECTIONS:
        waits = _as_fast_as_they_come(
            connections, lambda connection: _deliver(connection, next(number)), port
        )
        health = _as_fast_as_they_come(connections, _look, port)
        at = f"{connections}_connections"
        figures |= _quantiles(f"delivery_at_{at}", waits)
        figures[f"deliveries_at_{at}_per_second"] = len(waits) / SECONDS
        figures[f"baseline_health_at_{at}_per_second"] = len(health) / SECONDS
        figures |= _quantiles(f"baseline_health_at_{at}", health)
    figures |= _quantiles("delivery_at_100_per_second", _steadily(port, number))
    _pull(subscription, patience_seconds=3)
    sent = [next(number) for _ in range(BURST)]
    seconds = _burst(port, sent)
    got = _pull(subscription, patience_seconds=5)
    figures["burst_deliveries_per_second"] = BURST / seconds
    figures["burst_lost_count"] = BURST - len(set(got))
    figures["burst_doubled_count"] = len(got) - len(set(got))
    return {name: round(value, 2) for name, value in figures.items()}


def _as_fast_as_they_come(
    connections: int, ask: Callable[[http.client.HTTPConnection], None], port: int
) -> list[float]:
    """How long each request took, over so many connections for five seconds."""
    until = time.perf_counter() + SECONDS
    waits: list[list[float]] = [[] for _ in range(connections)]

    def one(mine: list[float]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < until:
            started = time.perf_counter()
            ask(connection)
            mine.append(time.perf_counter() - started)
        connection.close()

    _at_once([lambda mine=mine: one(mine) for mine in waits])
    return [wait for mine in waits for wait in mine]


def _steadily(port: int, number: Iterator[int]) -> list[float]:
    """How long each of 100 deliveries a second took, from when it was due."""
    waits: list[float] = []
    start = time.perf_counter()
    due = iter([start + n / STEADY_RATE for n in range(STEADY_RATE * STEADY_SECONDS)])
    lock = threading.Lock()

    def one() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            with lock:
                moment = next(due, None)
            if moment is None:
                return
            time.sleep(max(0.0, moment - time.perf_counter()))
            _deliver(connection, next(number))
            waits.append(time.perf_counter() - moment)

    _at_once([one] * 16)
    return waits


def _burst(port: int, numbers: list[int]) -> float:
    """Seconds until all of these are acknowledged, sent over 64 connections at once."""
    left = iter(numbers)
    lock = threading.Lock()

    def one() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            _deliver(connection, number)

    started = time.perf_counter()
    _at_once([one] * 64)
    return time.perf_counter() - started


def _at_once(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _deliver(connection: http.client.HTTPConnection, number: int) -> None:
    body = json.dumps(_push(number)).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": f"{number:032x}",
        "X-Hub-Signature-256": sign(body, SECRET),
    }
    connection.request("POST", "/webhooks/github", body, headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 202:
        sys.exit(f"the receiver answered {answer.status}: {said.decode()}")


def _look(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/health")
    connection.getresponse().read()


def _push(number: int) -> dict[str, object]:
    """A push of 20 commits, 12 kB."""
    after = f"{number:040x}"
    commit = {"id": after, "message": "Make it so " * 20, "added": [f"src/module{n}.py" for n in range(10)]}
    repository = {
        "id": number,
        "full_name": f"acme/r{number}",
        "default_branch": "main",
        "html_url": f"https://github.com/acme/r{number}",
        "pushed_at": 1_767_225_600,
    }
    return {
        "ref": "refs/heads/main",
        "before": "a" * 40,
        "after": after,
        "commits": [commit] * 20,
        "repository": repository,
    }


def _subscribed() -> str:
    """A subscription to what the receiver publishes."""
    publisher, subscriber = PublisherClient(), SubscriberClient()
    for name in ("commit-pushed", "commit-bulk", "knowledge-changes"):
        publisher.create_topic(name=f"projects/{PROJECT}/topics/{name}")
    subscription = f"projects/{PROJECT}/subscriptions/benchmark"
    subscriber.create_subscription(
        name=subscription, topic=f"projects/{PROJECT}/topics/commit-pushed", ack_deadline_seconds=60
    )
    return subscription


def _pull(subscription: str, *, patience_seconds: float) -> list[str]:
    """The ids of all events that wait; none has come for so long when this ends."""
    ids: list[str] = []
    with SubscriberClient() as subscriber:
        quiet_since = time.monotonic()
        while time.monotonic() < quiet_since + patience_seconds:
            pulled = subscriber.pull(
                subscription=subscription, max_messages=1000, return_immediately=True, timeout=10
            ).received_messages
            if pulled:
                ids += [one.message.attributes["ce-id"] for one in pulled]
                acks = [one.ack_id for one in pulled]
                subscriber.acknowledge(subscription=subscription, ack_ids=acks)
                quiet_since = time.monotonic()
            else:
                time.sleep(0.1)
    return ids


@contextmanager
def _receiver(scratch: Path) -> Iterator[int]:
    """The port of a receiver that runs as in its image."""
    port = free_port()
    environment = {
        **os.environ,
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "GITHUB_WEBHOOK_SECRET": SECRET.value.decode(),
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen(COMMANDS["webhook-receiver"], env=environment, stdout=log, stderr=log)
        try:
            _wait_until_healthy(port)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_healthy(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            _look(connection)
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the receiver did not start")


def _quantiles(name: str, waits: list[float]) -> Figures:
    hundredths = statistics.quantiles(waits, n=100)
    return {f"{name}_p50_ms": hundredths[49] * 1e3, f"{name}_p99_ms": hundredths[98] * 1e3}


if __name__ == "__main__":
    main()
