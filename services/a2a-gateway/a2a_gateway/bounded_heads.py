"""uvicorn with a limit to what stands beside the bodies of requests: its fast parser has none of its own.

Whoever reaches the port, known or not, could otherwise fill the memory with one header that has no end.
"""

from typing import Any

from uvicorn_worker import UvicornWorker  # type: ignore[import-untyped]

from a2a_gateway.slow_readers import NoSlowReaders

MOST_BYTES = 64 * 1024
_PER_BODY_BYTE = 8
"""Of a body in pieces of one byte each: what stands between them."""

_END_SECONDS = 6
"""For requests to end after SIGTERM, of the eight that gunicorn waits: what is kept has to be closed, too."""


class BoundedHeads(NoSlowReaders):
    """Ends a connection whose request has more than so many bytes of address, headers and trailers."""

    _head = _body = 0
    """Bytes of the request that is being read."""

    def data_received(self, data: bytes) -> None:
        """As asyncio calls it."""
        self._head += len(data)
        super().data_received(data)
        if self._head > MOST_BYTES + _PER_BODY_BYTE * self._body and not self.transport.is_closing():
            self.send_400_response(f"The head of the request is larger than {MOST_BYTES} bytes")

    def on_body(self, body: bytes) -> None:
        """As the parser calls it."""
        self._head -= len(body)
        self._body += len(body)
        super().on_body(body)

    def on_message_begin(self) -> None:
        """As the parser calls it; what came in one piece with this is not counted, which is little."""
        self._head = self._body = 0
        super().on_message_begin()


class Worker(UvicornWorker):  # type: ignore[misc]
    """The worker that gunicorn starts."""

    CONFIG_KWARGS: dict[str, Any] = {
        **UvicornWorker.CONFIG_KWARGS,
        "http": BoundedHeads,
        "timeout_graceful_shutdown": _END_SECONDS,
    }
