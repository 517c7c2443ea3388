"""What it costs the gateway to know who calls: CPU time per request, on one core.

    python benchmarks/access.py [--json] [--requests 20000]

Measured is what stands before the application, given the headers of a request, with keys that were fetched
before. The baseline is the same without credentials where anybody may read, its limit counted.
"""

import argparse
import asyncio
import json
import logging
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fakes.issuer import AUDIENCE, key_set, token
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from a2a_gateway.entrance import entrance
from a2a_gateway.settings import Settings
from devnexus.identity.issuer_keys import Fetched
from devnexus.identity.key_set import read_key_set
from devnexus.settings import read_settings

KEYS = {f"caller-{number}": secrets.token_hex(32) for number in range(100)}
ENVIRONMENT = {
    "KNOWLEDGE": "/knowledge.git",
    "GOOGLE_CLOUD_PROJECT": "p",
    "DATABASE_URL": "sqlite://",
    "PUBLIC_URL": AUDIENCE,
    "READERS": ",".join(["example.com", *KEYS]),
    "API_KEYS": "\n".join(f"{name}={key}" for name, key in KEYS.items()),
    "ANONYMOUS_READS": "true",
    "REQUESTS_PER_MINUTE": "1000000000",
}
USUAL = [(b"host", b"nexus.example.com"), (b"accept", b"*/*"), (b"user-agent", b"benchmark")]
Headers = list[tuple[bytes, bytes]]


def main() -> None:
    """Print the table, or one object with --json."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--requests", type=int, default=20_000)
    asked = parser.parse_args()
    logging.disable()
    count = asked.requests
    usual, last = token(), [*KEYS.values()][-1]
    figures = {
        "anonymous_us": measure(lambda _: [], count),
        "remembered_token_us": measure(lambda _: [bearer(usual)], count),
        "fresh_token_us": measure(lambda number: [bearer(token(sub=str(number)))], count // 10),
        "api_key_of_100_us": measure(lambda _: [(b"x-api-key", last.encode())], count),
    }
    if asked.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:22} {figure:8.1f}")


def measure(headers: Callable[[int], Headers], count: int) -> float:
    """Microseconds of CPU time for each request."""
    return asyncio.run(_measure(gate(), [headers(number) for number in range(count)])) / count * 1e6


def gate() -> ASGIApp:
    """What stands before an application that does nothing."""
    settings = read_settings(Settings, ENVIRONMENT)
    keys = read_key_set(json.dumps(key_set("a")).encode())
    app: ASGIApp = nothing
    for one in reversed(entrance(settings, ENVIRONMENT, fetch=lambda: Fetched(keys, 3600))):
        app = one.cls(app, *one.args, **one.kwargs)
    return app


async def _measure(app: ASGIApp, requests: list[Headers]) -> float:
    await ask(app, [bearer(token(sub="the first"))])
    started = time.process_time()
    for headers in requests:
        await ask(app, headers)
    return time.process_time() - started


async def ask(app: ASGIApp, headers: Headers) -> None:
    """One request, which comes in."""
    scope = {"type": "http", "method": "GET", "path": "/", "client": ("10.0.0.1", 1)}

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        raise AssertionError(f"turned away: {message}")

    await app({**scope, "headers": [*USUAL, *headers]}, receive, send)


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """The application."""


def bearer(credential: str) -> tuple[bytes, bytes]:
    """The header with a token."""
    return (b"authorization", f"Bearer {credential}".encode())


if __name__ == "__main__":
    main()
