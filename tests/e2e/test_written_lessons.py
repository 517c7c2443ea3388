"""Sixteen clients write lessons on two gateways at once, and hear of each what is true."""

import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache

import pytest
import requests

from a2a_gateway.writes.commit_watch import PATIENCE_SECONDS
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import HISTORY
from devnexus_cli.ports import free_port
from devnexus_cli.processes import Child, end_all
from devnexus_cli.stack import COMMANDS, Stack

CLIENTS = 16
LESSONS = 500
REPOSITORIES = [f"acme/service-{number}" for number in range(5)]


class Gateways:
    """Two instances of the gateway on one stack."""

    def __init__(self, stack):
        self.stack = stack
        self.ports = [free_port() for _ in range(2)]
        self.children = [self._start(port) for port in self.ports]
        for child, port in zip(self.children, self.ports, strict=True):
            child.wait_until(lambda port=port: answers(port), seconds=30)

    def _start(self, port):
        environment = {
            **self.stack._environment,
            "PORT": str(port),
            "API_KEYS": "\n".join(f"{name(client)}={key(client)}" for client in range(CLIENTS)),
            "ALLOWED_SERVICE_ACCOUNTS": ",".join(map(name, range(CLIENTS))),
        }
        log = self.stack.home / "logs" / f"a2a-gateway-{port}.log"
        return Child("a2a-gateway", COMMANDS["a2a-gateway"], environment=environment, log=log)


def name(client):
    return f"client-{client}"


def key(client):
    return f"{name(client)}-{'k' * 32}"


def answers(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok
    except requests.RequestException:
        return False


def execute(port, client, skill, *, seconds=30, **given):
    call = {"skill_id": skill, "input": given}
    who = {"X-API-Key": key(client)}
    url = f"http://127.0.0.1:{port}/a2a/execute"
    return requests.post(url, json=call, headers=who, timeout=seconds)


def tell(port, client, number, **how):
    return execute(
        port,
        client,
        "add_lesson_learned",
        category="reliability",
        lesson=f"lesson {number}",
        repository=REPOSITORIES[number % len(REPOSITORIES)],
        idempotency_key=f"key {number}",
        **how,
    )


def event_id(client, number):
    return f"{name(client)}:add_lesson_learned:key {number}"


@pytest.fixture(scope="module")
def stack(tmp_path_factory, pubsub):
    home, project = tmp_path_factory.mktemp("home"), f"written-{uuid.uuid4().hex[:8]}"
    with Stack(home=home, repositories=home / "clones", pubsub=pubsub, project=project) as stack:
        yield stack


@pytest.fixture(scope="module")
def gateways(stack):
    gateways = Gateways(stack)
    yield gateways
    end_all(gateways.children)


@pytest.fixture
def base(stack):
    """The ids of all records that a revision holds."""
    with closing(stack.knowledge()) as store:

        @cache
        def ids(revision):
            return [record.id for record in stored_records(store, HISTORY, at=revision)]

        ids.head = store.head
        yield ids


@contextmanager
def writer_stopped(stack):
    stack.kill("kb-writer")
    yield
    stack.start("kb-writer")


def until_committed(port, client, number):
    """What is told of a write in the end; before, it is pending."""
    until = time.monotonic() + 60
    while True:
        told = execute(port, client, "get_write_status", event_id=event_id(client, number)).json()
        if told["committed"]:
            return told
        assert (told["status"], told["revision"]) == ("pending", None)
        assert time.monotonic() < until, told
        time.sleep(0.2)


def test_500_lessons_of_16_clients_stand_once_each_and_every_answer_is_true(gateways, stack, base):
    first, rest = range(CLIENTS), range(CLIENTS, LESSONS)
    with ThreadPoolExecutor(CLIENTS) as clients:
        with writer_stopped(stack):
            early = list(clients.map(lambda number: tell(gateways.ports[number % 2], number, number), first))
            assert [answer.json()["committed"] for answer in early] == [False] * CLIENTS
            held_back = execute(gateways.ports[0], 3, "get_write_status", event_id=event_id(3, 3)).json()
            assert held_back["status"] == "pending"

        def write(number):
            """All that one client hears of one lesson; impatient ones ask twice, anywhere."""
            chance = random.Random(number)
            client, heard = number % CLIENTS, []
            if chance.random() < 0.25:
                try:
                    port = chance.choice(gateways.ports)
                    heard.append(tell(port, client, number, seconds=chance.uniform(0.001, 0.1)))
                except requests.Timeout:
                    pass
            for _ in range(chance.choice((1, 1, 2))):
                heard.append(tell(chance.choice(gateways.ports), client, number))
            return heard

        answers = [*early, *(answer for heard in clients.map(write, rest) for answer in heard)]
        final = clients.map(
            lambda number: until_committed(gateways.ports[0], number % CLIENTS, number), range(LESSONS)
        )
        for number, told in enumerate(final):
            assert event_id(number % CLIENTS, number) in base(told["revision"])

    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        told = answer.json()
        assert not told["committed"] or told["event_id"] in base(told["revision"])
    assert sum(answer.json()["committed"] for answer in answers) > LESSONS / 2
    assert sorted(base(base.head())) == sorted(event_id(n % CLIENTS, n) for n in range(LESSONS))


def test_a_gateway_that_has_to_end_answers_who_still_waits(gateways, stack):
    with ThreadPoolExecutor(1) as client, writer_stopped(stack):
        waiting = client.submit(tell, gateways.ports[1], 1, 1001)
        time.sleep(1)
        gateways.children[1].terminate()
        answer = waiting.result()
        assert (answer.status_code, answer.json()["committed"]) == (200, False)
        assert answer.json()["execution_time_ms"] < PATIENCE_SECONDS * 1000
    assert until_committed(gateways.ports[0], 1, 1001)["committed"]
