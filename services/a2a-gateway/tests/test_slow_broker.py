"""While the broker takes nothing, writes wait in threads of their own, and everybody else is answered."""

import asyncio
import threading
from http import HTTPStatus

import httpx2
import pytest
from builders import NOON
from lessons import ANA, TELL

from a2a_gateway.registry import load_skills
from a2a_gateway.writes.report import Origin
from a2a_gateway.writes.writing import Accepted


@pytest.fixture
def slow(make_world):
    """A world in which nothing is accepted until its `broker` takes it."""
    world = make_world(caller=ANA, skills={**load_skills(), TELL.id: TELL})
    world.broker = threading.Event()
    world.inside = threading.Semaphore(0)

    def accept(report, *, caller, skill, key, given):
        world.inside.release()
        world.broker.wait()
        return Accepted(report.event(Origin(caller.name, skill, "k", NOON)))

    world.writing.accept = accept
    yield world
    world.broker.set()


def call(client, skill, **given):
    return asyncio.create_task(client.post("/a2a/execute", json={"skill_id": skill, "input": given}))


def test_reads_are_answered_and_what_is_too_much_is_refused_while_writes_wait(slow):
    async def scenario():
        transport = httpx2.ASGITransport(app=slow.client.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            writes = [call(client, "tell", lesson=str(number)) for number in range(100)]
            await asyncio.to_thread(slow.inside.acquire)
            read = await asyncio.wait_for(call(client, "get_repository_list"), 20)
            assert read.status_code == HTTPStatus.OK
            assert not any(write.done() for write in writes)

            more = [call(client, "tell", lesson="more") for _ in range(200)]
            refused, _ = await asyncio.wait(more, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            assert {write.result().status_code for write in refused} == {HTTPStatus.SERVICE_UNAVAILABLE}

            slow.broker.set()
            answers = await asyncio.gather(*writes)
            assert {answer.status_code for answer in answers} == {HTTPStatus.OK}
            await asyncio.gather(*more)

    asyncio.run(scenario())
