"""What stands before the threads: whole bodies, small ones, and not too many."""

import asyncio
import threading

import pytest

from a2a_gateway.application import in_threads
from a2a_gateway.limits import ShortQueue, WholeBodies


async def ask(app, *pieces, path="/", headers=()):
    """The status, headers and body that `app` answers when the body comes in these pieces."""
    waiting = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces or [b""], start=1)
    ]
    sent = []

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        **{"type": "http", "http_version": "1.1", "method": "POST"},
        **{"path": path, "headers": list(headers), "query_string": b""},
    }
    await app(scope, receive, send)
    start = sent[0]
    return start["status"], dict(start["headers"]), b"".join(m.get("body", b"") for m in sent[1:])


async def echo(scope, receive, send):
    """Answers with the body it was given and the length it was told."""
    message = await receive()
    assert not message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": scope["headers"]})
    await send({"type": "http.response.body", "body": message["body"]})


def test_a_body_is_passed_on_whole_and_with_its_length_however_it_came():
    pieces = [b"one ", b"two ", b"three"]
    app = WholeBodies(echo, max_bytes=20)
    status, headers, body = asyncio.run(ask(app, *pieces, headers=[(b"transfer-encoding", b"chunked")]))
    assert (status, headers, body) == (200, {b"content-length": b"13"}, b"one two three")


@pytest.mark.parametrize("pieces", [[b"x" * 21], [b"x" * 10] * 3, [b"x" * 10] * 1_000])
def test_a_body_that_is_too_large_never_reaches_the_application(pieces):
    status, headers, _ = asyncio.run(ask(WholeBodies(echo, max_bytes=20), *pieces))
    assert (status, headers[b"connection"]) == (413, b"close")


def test_a_body_that_never_ends_is_waited_for_no_longer_than_that():
    sent = []

    async def receive():
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"{", "more_body": True}

    async def send(message):
        sent.append(message)

    asyncio.run(WholeBodies(echo, seconds=0.05)({"type": "http", "headers": []}, receive, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_client_that_goes_away_in_the_middle_is_not_answered():
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(WholeBodies(echo)({"type": "http", "headers": []}, receive, send))
    assert sent == []


def test_who_would_wait_behind_too_many_is_told_to_come_again():
    async def main():
        go_on = asyncio.Event()

        async def slow(scope, receive, send):
            await go_on.wait()
            await echo(scope, receive, send)

        app = ShortQueue(slow, workers=2, max_waiting=3)
        inside = [asyncio.create_task(ask(app)) for _ in range(5)]
        await asyncio.sleep(0)
        status, headers, _ = await ask(app)
        assert (status, headers[b"retry-after"]) == (503, b"2")
        go_on.set()
        assert [status for status, *_ in await asyncio.gather(*inside)] == [200] * 5
        assert (await ask(app))[0] == 200

    asyncio.run(main())


def test_sixteen_work_sixty_four_wait_and_the_next_is_turned_away():
    go_on = threading.Event()

    def slow(environ, start_response):
        go_on.wait(10)
        start_response("200 OK", [])
        return [b""]

    async def main():
        app = in_threads(slow)
        inside = [asyncio.create_task(ask(app)) for _ in range(80)]
        await asyncio.sleep(0)
        assert (await ask(app))[0] == 503
        go_on.set()
        assert [status for status, *_ in await asyncio.gather(*inside)] == [200] * 80

    asyncio.run(main())


def test_a_client_that_reads_slowly_takes_no_place_in_the_queue():
    async def main():
        app = ShortQueue(echo, workers=1, max_waiting=0)
        read_on = asyncio.Event()

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def slow_send(message):
            await read_on.wait()

        scope = {"type": "http", "headers": []}
        slow = asyncio.create_task(app(scope, receive, slow_send))
        await asyncio.sleep(0)
        assert (await ask(app))[0] == 200
        read_on.set()
        await slow

    asyncio.run(main())


def test_a_place_is_free_again_after_a_failure():
    async def broken(scope, receive, send):
        raise RuntimeError

    async def main():
        app = ShortQueue(broken, workers=1, max_waiting=0)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                await ask(app)

    asyncio.run(main())
