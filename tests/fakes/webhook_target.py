"""A real HTTP server on this machine that stands for somebody's webhook: remembers, and answers as told."""

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    """By the monotonic clock."""

    @property
    def delivery_id(self) -> str:
        return self.headers["webhook-id"]


Answer = int | tuple[int, Mapping[str, str]] | tuple[int, Mapping[str, str], bytes]
"""A status, with headers, with a body."""


class WebhookTarget:
    """Answers each request with the next of `answers`, then with 204.

    At status 0 it hangs up without a word.
    """

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers)
        self.received: list[Received] = []
        self.before_answer: Callable[[], object] = lambda: None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/hook"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def ids(self) -> list[str]:
        """The delivery ids in the order they came."""
        with self._lock:
            return [one.delivery_id for one in self.received]

    def wait_for(self, count: int, *, seconds: float = 20.0) -> None:
        """Return once that many different deliveries have come; AssertionError if they do not."""
        self._wait_for(lambda: len(set(self.ids())), count, seconds)

    def wait_for_requests(self, count: int, *, seconds: float = 20.0) -> None:
        """The same for requests, also those that deliver again what has come before."""
        self._wait_for(lambda: len(self.ids()), count, seconds)

    def _wait_for(self, came: Callable[[], int], count: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while came() < count:
            assert time.monotonic() < until, f"only {came()} of {count} came"
            time.sleep(0.01)

    def usual_answer(self, request: Received) -> Answer:
        """What it says when it has nothing else to say."""
        return 204

    def _take(self, request: Received) -> tuple[int, Mapping[str, str], bytes]:
        with self._lock:
            self.received.append(request)
            answer = self.answers.pop(0) if self.answers else self.usual_answer(request)
        self.before_answer()
        match answer:
            case int(status):
                return status, {}, b""
            case (status, headers):
                return status, headers, b""
            case (status, headers, body):
                return status, headers, body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, content = take(
                    Received(self.path, dict(self.headers), body, time.monotonic())
                )
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Handler
