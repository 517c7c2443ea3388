"""Asks an HTTP service over many kept connections at once, in a process of its own.

    python benchmarks/many_connections.py PORT CONNECTIONS SECONDS < asked.json

`asked.json` holds `requests`, a list of [path, body] that are sent in turn (a body of null: GET), `headers`
that all of them have, and what every answer must be `holding`. Prints one JSON object: how many answers of
200 that hold it came, how many others, how long they took (p50, p99, largest), and how much of one processor
this process itself used, which tells whether it was what held things up.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import cast

import uvloop

Request = tuple[str, object]


def main() -> None:
    """Ask, and print what came of it."""
    port, connections, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    asked = json.load(sys.stdin)
    requests = [_bytes(path, body, asked["headers"]) for path, body in asked["requests"]]
    holding = asked["holding"].encode()
    used = time.process_time()
    waits, refused, took = uvloop.run(_ask(port, connections, seconds, requests, holding))
    hundredths = statistics.quantiles(waits, n=100)
    figures = {
        "answers": len(waits),
        "refused": refused,
        "per_second": len(waits) / took,
        "p50_ms": hundredths[49] * 1e3,
        "p99_ms": hundredths[98] * 1e3,
        "largest_ms": max(waits) * 1e3,
        "client_processor_share": (time.process_time() - used) / took,
    }
    print(json.dumps(figures))


async def _ask(
    port: int, connections: int, seconds: float, requests: list[bytes], holding: bytes
) -> tuple[list[float], int, float]:
    """How long each answer took, how many were refused, and how many seconds that was in all.

    The first answer on each connection is not counted: it tells how long it takes to accept all of them.
    """
    loop = asyncio.get_running_loop()
    step = max(1, len(requests) // connections)
    asking = [
        _Asking(cycle([*requests[number * step :], *requests[: number * step]]), holding)
        for number in range(connections)
    ]
    for one in asking:
        await loop.create_connection(lambda one=one: one, "127.0.0.1", port)
    await asyncio.gather(*(one.asked_until(0) for one in asking))
    started = time.perf_counter()
    await asyncio.gather(*(one.asked_until(started + seconds) for one in asking))
    took = time.perf_counter() - started
    waits = [wait for one in asking for wait in one.waits]
    return waits, sum(one.refused for one in asking), took


class _Asking(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last is there."""

    def __init__(self, requests: Iterator[bytes], holding: bytes) -> None:
        self.waits: list[float] = []
        self.refused = 0
        self._requests, self._holding = requests, holding
        self._answer, self._missing = b"", -1
        self._ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass

    def asked_until(self, until: float) -> asyncio.Future[None]:
        """Ask again and again; the last answer, after which this ends, is the first one after `until`."""
        self.waits.clear()
        self._ended = asyncio.get_running_loop().create_future()
        self._until = until
        self._send()
        return self._ended

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if self._missing < 0:
            head, end, _ = self._answer.partition(b"\r\n\r\n")
            if not end:
                return
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self._missing = len(head) + 4 + int(length)
        if len(self._answer) >= self._missing:
            self._take()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_exception(error or ConnectionError("the service closed the connection"))

    def _take(self) -> None:
        now = time.perf_counter()
        if self._answer.startswith(b"HTTP/1.1 200") and self._holding in self._answer:
            self.waits.append(now - self._sent)
        else:
            self.refused += 1
        self._answer, self._missing = b"", -1
        if now < self._until:
            self._send()
        else:
            self._ended.set_result(None)

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(next(self._requests))


def _bytes(path: str, body: object, headers: Mapping[str, str]) -> bytes:
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if body is None:
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode()
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


if __name__ == "__main__":
    main()
