"""Streams of the real process: through all that stands in front of it, not too many, and no slow readers."""

import asyncio
import json
import socket
import threading
import time
from contextlib import ExitStack

import pytest
import requests
import uvicorn
from builders import known
from fakes.knowledge import make_store, put
from streamed import as_, gateway, message, settled, state_of

from a2a_gateway.callers.caller import ANONYMOUS, LOCAL, Caller
from a2a_gateway.protocol.errors import NoRoom, TooMany
from a2a_gateway.protocol.places import Places
from a2a_gateway.protocol.stopping import Stopping
from a2a_gateway.slow_readers import NoSlowReaders

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACED = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
ANA = Caller("ana@example.com", is_verified=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("streams")
    store = make_store(folder / "knowledge.git")
    put(store, [known("acme/api", 1, patterns=["retry-backoff"])])
    store.close()
    return folder


@pytest.fixture(scope="module")
def running(folder):
    """One gateway for all, which keeps streams alive every fifth of a second."""
    with gateway(folder, PING_SECONDS="0.2", CORS_ORIGINS="https://app.example.com") as running:
        yield running


def rest(running, path, body, name="ada", **how):
    headers = {
        "A2A-Version": "1.0",
        "Content-Type": "application/json",
        **as_(name),
        **how.pop("headers", {}),
    }
    return requests.post(f"{running.url}{path}", data=body, headers=headers, timeout=30, **how)


def test_a_stream_is_not_held_up_by_what_stands_in_front_and_is_kept_alive(running):
    parked = running.rpc("SendMessage", {"message": message(None, None)}).json()["result"]["task"]
    for stream in (
        running.rpc("SubscribeToTask", {"id": parked["id"]}, stream=True),
        rest(running, f"/a2a/v1/tasks/{parked['id']}:subscribe", "", stream=True),
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["x-accel-buffering"] == "no"
        assert stream.headers["cache-control"] == "no-store"
        lines = (line for line in stream.iter_lines(chunk_size=1) if line)
        assert next(lines).startswith(b"data:")
        assert [next(lines)[:6] for _ in range(3)] == [b": ping"] * 3
        stream.close()


def test_the_trace_of_a_call_goes_on_in_its_stream(running):
    stream = running.stream("query_patterns", {"keywords": ["retry"]}, headers=TRACED)
    assert stream.states() == ["COMPLETED"]
    called = [line for line in running.log if TRACE in str(line)]
    assert [(line["message"], line["skill"]) for line in called] == [("skill called", "query_patterns")]


@pytest.mark.parametrize(
    "path", ["/a2a/v1", "/a2a/v1/message:stream", "/a2a/v0.3", "/a2a/v0.3/v1/message:send"]
)
def test_no_request_is_larger_than_a_megabyte(running, path):
    assert rest(running, path, b" " * 1_000_001).status_code == 413


def test_nobody_opens_streams_without_end(running):
    task = running.rpc("SendMessage", {"message": message(None, None)}).json()["result"]["task"]
    with ExitStack() as opened:
        for _ in range(50):
            stream = running.subscribe(task["id"])
            opened.callback(stream.drop)
            assert state_of(next(iter(stream))) == "INPUT_REQUIRED"
        over_rpc = running.rpc("SubscribeToTask", {"id": task["id"]})
        body = json.dumps({"message": message(None, None)})
        over_rest = rest(running, "/a2a/v1/message:stream", body)
        for refused in (over_rpc, over_rest):
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
            assert "50 open streams" in refused.json()["error"]["message"]
        assert running.stream("get_repository_list", {}, name="ben").states() == ["COMPLETED"]
    freed = settled(lambda: running.rpc("SubscribeToTask", {"id": task["id"]}, stream=True), is_open)
    assert is_open(freed)
    freed.close()


def is_open(response):
    return response.status_code == 200


def test_places_are_for_everybody_and_given_back():
    places = Places("calls", most=3, per_caller=2)
    with places.taken(LOCAL), places.taken(ANONYMOUS):  # both say no name
        assert isinstance(places.why_not(ANONYMOUS), TooMany)
        assert places.why_not(ANA) is None
        with places.taken(ANA):
            assert isinstance(places.why_not(ANA), NoRoom)
    assert places.why_not(ANONYMOUS) is None
    assert not places._taken


def test_what_waits_for_more_ends_in_order_when_the_process_does():
    async def says(*events):
        for event in events:
            yield event
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def listen():
        stopping = Stopping()
        heard = [event async for event in begun(stopping, stopping.until_due(says("a", "b")))]
        await asyncio.sleep(0)
        return heard

    async def begun(stopping, events):
        stopping.begin()
        async for event in events:
            yield event

    ended = []
    assert asyncio.run(asyncio.wait_for(listen(), 10)) == ["a", "b"]
    assert ended == [True]


def test_a_client_that_reads_nothing_of_its_answer_loses_its_connection():
    gone = threading.Event()

    async def endless(scope, receive, send):
        await receive()
        left = asyncio.create_task(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not left.done():
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
        gone.set()

    class Hasty(NoSlowReaders):
        read_seconds = 0.2

    server = uvicorn.Server(uvicorn.Config(endless, port=0, http=Hasty, lifespan="off", log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        address = server.servers[0].sockets[0].getsockname()
        with socket.create_connection(address) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert gone.wait(20)
    finally:
        server.should_exit = True
        thread.join()
