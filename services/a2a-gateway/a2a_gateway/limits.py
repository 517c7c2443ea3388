"""What stands between the network and the threads that work: whole bodies, small ones, and not too many.

All are ASGI applications around another one.
"""

import asyncio
import json
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from a2a_gateway.stamp import stamp

MAX_BODY_BYTES = 1_000_000
BODY_SECONDS = 60.0
MAX_WAITING = 64
RETRY_AFTER_SECONDS = 2

_READ_ANYWAY_BYTES = 8 * MAX_BODY_BYTES
"""A client that is still sending does not listen: so much is read of a body that is refused."""


class WholeBodies:
    """Passes a request on once its body is there, so that no slow sender holds a thread.

    413 if it is too large, and 408 if it takes too long to come.
    """

    def __init__(
        self, app: ASGIApp, *, max_bytes: int = MAX_BODY_BYTES, seconds: float = BODY_SECONDS
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._read(receive)
        except TimeoutError:
            error = f"The body did not come within {self._seconds:g} seconds"
            await refuse(send, HTTPStatus.REQUEST_TIMEOUT, error, {"connection": "close"})
            return
        if body is None:
            return
        if len(body) > self._max_bytes:
            error = f"The body is larger than {self._max_bytes} bytes"
            await refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error, {"connection": "close"})
            return
        await self._app(_with_length(scope, len(body)), _replay(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The body, or as much of it as shows that it is too large; None if the client went away."""
        body, length, more = bytearray(), 0, True
        while more and length <= _READ_ANYWAY_BYTES:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece, more = message.get("body", b""), message.get("more_body", False)
            length += len(piece)
            if len(body) <= self._max_bytes:
                body += piece
        return bytes(body)


class ShortQueue:
    """Answers 503 when more requests wait for one of the `workers` threads than `max_waiting`."""

    def __init__(self, app: ASGIApp, *, workers: int, max_waiting: int = MAX_WAITING) -> None:
        self._app = app
        self._most = workers + max_waiting
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._inside >= self._most:
            again = {"retry-after": str(RETRY_AFTER_SECONDS)}
            await refuse(send, HTTPStatus.SERVICE_UNAVAILABLE, "Too many requests at the moment", again)
        else:
            place = _Place(self)
            try:
                await self._app(scope, receive, place.until_answered(send))
            finally:
                place.leave()

    def count(self, change: int) -> None:
        """Note that a request came in (1) or left (-1)."""
        self._inside += change


class _Place:
    """One request's place in the queue: until its answer begins, since the thread is free then."""

    def __init__(self, queue: ShortQueue) -> None:
        self._queue: ShortQueue | None = queue
        queue.count(1)

    def until_answered(self, send: Send) -> Send:
        async def leaving(message: Message) -> None:
            self.leave()
            await send(message)

        return leaving

    def leave(self) -> None:
        if self._queue:
            self._queue.count(-1)
            self._queue = None


async def refuse(
    send: Send, status: HTTPStatus, error: str, headers: dict[str, str], **fields: object
) -> None:
    """Answer with a status and `{"success": false, "error": …}`; `fields` join that."""
    content = json.dumps({"success": False, "error": error, **fields, **stamp()}).encode()
    told = {"content-type": "application/json", "content-length": str(len(content)), **headers}
    encoded = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": encoded})
    await send({"type": "http.response.body", "body": content})


def _with_length(scope: Scope, length: int) -> Scope:
    # WSGI knows no chunked bodies: without a length it takes them for empty
    kept = [(name, value) for name, value in scope["headers"] if name not in _FRAMING]
    framing = [(b"content-length", str(length).encode())] if length else []
    return {**scope, "headers": [*kept, *framing]}


_FRAMING = (b"content-length", b"transfer-encoding")


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
