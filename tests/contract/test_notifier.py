"""The notifier as real processes on a real database: all the way, killed, doubled, asked to end."""

import json
import os
import signal
import threading
import time
import uuid
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise

import pytest
from builders import sha
from notices import RETRY, computed, notice, requested
from notifier_world import AT_ONCE, SECRET, NotifierWorld
from sqlalchemy import select
from standardwebhooks import Webhook as Oracle

from devnexus.provision import provision
from devnexus.pubsub import PubSubPublisher
from devnexus.state import transaction
from devnexus.topology import load_topology
from devnexus_cli.stack import COMMANDS
from notifier.sql_tables import DELIVERIES


@pytest.fixture
def world(tmp_path, database_url):
    with ExitStack() as stack:
        made = NotifierWorld(tmp_path, database_url, stack)
        stack.callback(made.end)
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
    requests = [requested("team", number) for number in range(500)]
    target, resume = world.targets["team"], threading.Event()
    target.before_answer = lambda: len(target.received) < 250 or resume.wait(20)
    killed = world.start().wait()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        handled = [pool.submit(killed.push, request) for request in requests]
        target.wait_for(249 + AT_ONCE)  # the last eight have arrived and wait for their answer
        killed.process.kill()
        resume.set()
    came_again = [request for request, done in zip(requests, handled, strict=True) if not done.result()]
    assert len(came_again) == 500 - 249
    assert world.let_claims_expire() == AT_ONCE

    restarted = world.start().wait()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert all(pool.map(restarted.push, came_again))
    world.wait_until_all_are_delivered(500)
    copies = world.ids()
    assert copies.keys() == {request.id for request in requests}
    assert 0 < copies.total() - 500 <= world.unclear() == AT_ONCE


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


def test_two_notifiers_one_of_them_killed_and_targets_that_fail_lose_nothing(world):
    team, audit, ops = world.targets.values()
    failures = [500, (429, {"Retry-After": "1"}), 0, 503]
    team.answers = [answer for failure in failures * 3 for answer in (*[204] * 9, failure)]
    audit.answers = [0, 500]
    ops.before_answer = lambda: time.sleep(0.02)
    requests = [requested(name, number) for number in range(167) for name in world.targets]
    world.record(requests)
    killed, other = world.start(), world.start()
    other.wait()
    ops.wait_for(50, seconds=40)
    killed.process.kill()
    world.let_claims_expire()
    until = time.monotonic() + 60
    while world.states() != {"delivered": 501}:
        assert time.monotonic() < until, world.states()
        world.let_retries_be_due()
        assert other.ask("POST", "/tick") == 200
    copies = world.ids()
    assert copies.keys() == {request.id for request in requests}
    assert all(copies[row.id] <= row.attempts for row in world.rows())
    failed = len(failures) * 3 + 2
    assert copies.total() - 501 <= failed + world.unclear()
    assert world.unclear() <= len(world.targets)


def test_two_notifiers_keep_the_pace_of_a_target_together_and_without_waiting_longer(world):
    for _ in range(2):
        world.deliver(pace=0.2)
    requests = [requested("team", number) for number in range(15)]
    world.record(requests)
    world.wait_until_all_are_delivered(15)
    received = world.targets["team"].received
    pauses = [later.at - earlier.at for earlier, later in pairwise(received)]
    assert min(pauses) > 0.199
    assert sum(pauses) < 14 * 1.0
    assert [one.delivery_id for one in received] == [request.id for request in requests]


def test_killed_while_many_messages_become_one_nothing_is_lost_or_told_under_two_ids(world):
    target = world.targets["team"]
    target.before_answer = lambda: time.sleep(0.1)
    expected = set()
    for wave in range(3):
        numbers = range(wave * 100, wave * 100 + 100)
        expected |= {sha(str(number)) for number in numbers}
        told = [notice(revision=sha(str(number))) for number in numbers]
        asked = [requested("team", number) for number in numbers]
        world.record([one.model_copy(update={"notice": each}) for one, each in zip(asked, told, strict=True)])
        killed, seen = [world.deliver(digests=True) for _ in range(2)], len(target.received)
        target.wait_for_requests(seen + 1, seconds=40)
        for one in killed:
            one.kill()
        world.let_claims_expire()
    world.deliver(digests=True)
    until = time.monotonic() + 30
    while world.states()["waiting"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    states = world.states()
    assert (states["digested"] + states["delivered"], states["given_up"]) == (len(world.rows()), 0)
    ids = defaultdict(set)
    for one in target.received:
        data = json.loads(one.body)["data"]
        for message in data.get("messages", [data]):
            ids[message["revision"]].add(one.delivery_id)
    assert ids.keys() == expected
    assert {len(some) for some in ids.values()} == {1}
    copies = Counter(target.ids())
    assert 0 < copies.total() - len(copies) <= world.unclear() <= 6
    assert len(copies) < 60


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
