"""The notifier as real processes on a real database: all the way, killed, doubled, asked to end."""

import base64
import json
import os
import signal
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException

import pytest
from fakes.webhook_target import WebhookTarget
from notices import RETRY, computed, requested
from sqlalchemy import func, select, update
from standardwebhooks import Webhook as Oracle

from devnexus.codec import encode
from devnexus.provision import provision
from devnexus.pubsub import PubSubPublisher
from devnexus.state import create_tables, open_state, transaction
from devnexus.topology import load_topology
from devnexus_cli.ports import free_port
from devnexus_cli.processes import Child, end_all
from devnexus_cli.stack import COMMANDS
from notifier.sql_deliveries import SqlDeliveries
from notifier.sql_tables import DELIVERIES, TABLES

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
AT_ONCE = 8
"""Threads of one notifier."""


class Notifier:
    """One process with the command of its image."""

    def __init__(self, folder, environment):
        self.port = free_port()
        self.log = folder / f"notifier-{self.port}.log"
        environment = {**environment, "HOST": "127.0.0.1", "PORT": str(self.port), "GUNICORN_CMD_ARGS": ""}
        self.process = Child("notifier", COMMANDS["notifier"], environment=environment, log=self.log)

    def wait(self):
        self.process.wait_until(lambda: self.ask("GET", "/health") == 200, seconds=30)
        return self

    def ask(self, method, path, body=None):
        """The status, or None where there is no answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers={"Content-Type": "application/json"})
            return connection.getresponse().status
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def push(self, event, subscription="notifier-deliveries"):
        """Whether Pub/Sub would take the event for handled."""
        data, attributes = encode(event, source="/test")
        message = {"data": base64.b64encode(data).decode(), "attributes": attributes, "messageId": "1"}
        envelope = {"message": message, "subscription": f"projects/p/subscriptions/{subscription}"}
        return self.ask("POST", "/events", json.dumps(envelope)) == 204


class World:
    """Notifiers on one database, and the targets that their routes name."""

    def __init__(self, folder, database_url, stack):
        self._folder, self._stack = folder, stack
        self.notifiers = []
        self.targets = {name: stack.enter_context(WebhookTarget()) for name in ("team", "audit", "ops")}
        routes = {
            "targets": {
                name: {"channel": "webhook", "url": target.url, "secret": "HOOK"}
                for name, target in self.targets.items()
            },
            "routes": [{"to": [*self.targets]}],
        }
        (folder / "routes.yaml").write_text(json.dumps(routes))
        self.environment = {
            "GOOGLE_CLOUD_PROJECT": "p",
            "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
            "DATABASE_URL": database_url,
            "ROUTES_FILE": str(folder / "routes.yaml"),
            "ALLOW_PRIVATE_TARGETS": "true",
            "HOOK": SECRET,
        }
        self.engine = open_state(database_url)
        stack.callback(self.engine.dispose)

    def start(self, **environment):
        notifier = Notifier(self._folder, {**self.environment, **environment})
        self.notifiers.append(notifier)
        return notifier

    def record(self, requests):
        """Deliveries that an earlier notifier left behind."""
        create_tables(self.engine, TABLES)
        store = SqlDeliveries(self.engine)
        for request in requests:
            store.record(request, now=time.time())

    def let_claims_expire(self):
        """As if the time that a claim lasts had passed."""
        with transaction(self.engine) as connection:
            held = update(DELIVERIES).where(DELIVERIES.c.claimed_until.is_not(None))
            return connection.execute(held.values(claimed_until=0.0)).rowcount

    def wait_until_all_are_delivered(self, count):
        until = time.monotonic() + 20
        states = {}
        while states != {"delivered": count}:
            assert time.monotonic() < until, states
            time.sleep(0.02)
            with transaction(self.engine) as connection:
                query = select(DELIVERIES.c.state, func.count()).group_by(DELIVERIES.c.state)
                states = {state: number for state, number in connection.execute(query)}

    def unclear(self):
        with transaction(self.engine) as connection:
            return connection.scalar(select(func.sum(DELIVERIES.c.unclear)))

    def ids(self):
        return Counter(id_ for target in self.targets.values() for id_ in target.ids())


@pytest.fixture
def world(tmp_path, database_url):
    with ExitStack() as stack:
        made = World(tmp_path, database_url, stack)
        stack.callback(lambda: end_all([notifier.process for notifier in made.notifiers]))
        yield made


def test_what_similarity_computed_becomes_one_signed_message_for_each_target(world, pubsub, monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    project = f"notifier-{uuid.uuid4().hex[:8]}"
    notifier = world.start(PUBSUB_EMULATOR_HOST=pubsub, GOOGLE_CLOUD_PROJECT=project)
    services = dict.fromkeys(COMMANDS, f"http://127.0.0.1:{notifier.port}")
    provision(load_topology(), project=project, services=services)
    notifier.wait()
    publisher = PubSubPublisher(project=project, source="/test")
    publisher.publish([computed(introduced=(RETRY,)), computed(introduced=(RETRY,))])
    publisher.publish([computed(cause="snapshot", introduced=(RETRY,))])
    publisher.close()
    for name, target in world.targets.items():
        target.wait_for(1)
        content = Oracle(SECRET).verify(target.received[0].body, dict(target.received[0].headers))
        assert target.received[0].delivery_id == f"{computed().id}:{name}"
        assert content["data"]["introduced"][0]["name"] == "Retry with backoff"
    world.wait_until_all_are_delivered(3)
    assert set(world.ids().values()) == {1}
    assert SECRET not in notifier.log.read_text()


def test_a_notifier_killed_in_the_middle_loses_nothing_and_counts_what_may_have_come_twice(world):
    requests = [requested("team", number) for number in range(200)]
    target, resume = world.targets["team"], threading.Event()
    target.before_answer = lambda: len(target.received) < 80 or resume.wait(20)
    killed = world.start().wait()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        handled = [pool.submit(killed.push, request) for request in requests]
        target.wait_for(79 + AT_ONCE)  # the last eight have arrived and wait for their answer
        killed.process.kill()
        resume.set()
    came_again = [request for request, done in zip(requests, handled, strict=True) if not done.result()]
    assert len(came_again) == 200 - 79
    assert world.let_claims_expire() == AT_ONCE

    restarted = world.start().wait()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert all(pool.map(restarted.push, came_again))
    world.wait_until_all_are_delivered(200)
    copies = world.ids()
    assert copies.keys() == {request.id for request in requests}
    assert 0 < copies.total() - 200 <= world.unclear() == AT_ONCE


def test_a_notifier_killed_while_it_works_off_what_waited_loses_nothing(world):
    requests = [requested(name, number) for number in range(70) for name in world.targets]
    world.record(requests)
    killed = world.start()
    for target in world.targets.values():
        target.wait_for(20)
    killed.process.kill()
    world.let_claims_expire()
    world.start().wait()
    world.wait_until_all_are_delivered(210)
    copies = world.ids()
    assert copies.keys() == {request.id for request in requests}
    assert copies.total() - 210 <= world.unclear() <= len(world.targets)


def test_two_notifiers_on_one_database_deliver_everything_exactly_once(world):
    notifiers = [world.start(), world.start()]
    for notifier in notifiers:
        notifier.wait()
    requests = [requested(name, number) for number in range(50) for name in world.targets]
    world.record(requests)
    with ThreadPoolExecutor(4 * AT_ONCE) as pool:
        ticks = [pool.submit(notifier.ask, "POST", "/tick") for notifier in notifiers * 4]
        again = [pool.submit(notifier.push, request) for request in requests[::5] for notifier in notifiers]
        assert {tick.result() for tick in ticks} == {200}
        assert all(push.result() for push in again)
    world.wait_until_all_are_delivered(150)
    assert world.ids() == Counter(request.id for request in requests)
    assert world.unclear() == 0


def test_asked_to_end_it_finishes_the_attempt_in_hand_and_begins_no_other(world):
    world.record([requested("team", number) for number in range(20)])
    target, arrived, resume = world.targets["team"], threading.Event(), threading.Event()
    target.before_answer = lambda: arrived.set() or resume.wait(20)
    notifier = world.start().wait()
    assert arrived.wait(20)
    os.killpg(notifier.process._process.pid, signal.SIGTERM)
    while notifier.ask("GET", "/health") is not None:
        time.sleep(0.01)
    resume.set()
    notifier.process.wait(time.monotonic() + 10)
    with transaction(world.engine) as connection:
        query = select(DELIVERIES.c.state, DELIVERIES.c.claimed_until)
        left = Counter((state, claimed_until) for state, claimed_until in connection.execute(query))
    assert left == {("delivered", None): 1, ("waiting", None): 19}
    assert len(target.received) == 1
