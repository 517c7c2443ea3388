"""Stands at api.github.com's door, in front of a backend that knows git.

From the gate and not from the backend, as GitHub's documentation has it: 401 for unknown tokens, 403 for
tokens that may only read and for archived repositories, ETag and 304, one request at a time (so that moving a
branch is a compare-and-swap), 80 and 500 requests that create content a minute and an hour, 502 where too
much is sent at once, and the faults that a test asks for.
"""

import hashlib
import json
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Protocol
from urllib.parse import parse_qsl, urlsplit

WRITING_TOKEN = "ghs_mayWriteMayWriteMayWriteMayWrite1234"
READING_TOKEN = "ghs_mayReadMayReadMayReadMayReadMayRead12"

_CREATES_CONTENT = re.compile(r"/repos/[^/]+/[^/]+/(git/(trees|blobs|commits|refs)|contents)(/|$)")
SECONDARY_LIMIT = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def writes(self) -> bool:
        return self.method not in {"GET", "HEAD"}

    def json(self) -> dict[str, object]:
        return dict(json.loads(self.body or b"{}"))


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(status: int, body: object, **headers: str) -> Response:
    return Response(status, json.dumps(body).encode(), headers)


class Backend(Protocol):
    def answer(self, request: Request) -> Response:
        """What it makes of a request whose sender was let in."""


class Desk(Protocol):
    def answer(self, request: Request, backend: Backend) -> Response | None:
        """What GitHub says of an App; None where the backend knows better."""


Kind = Literal["status", "timeout", "cut", "truncated"]


@dataclass
class Fault:
    """What goes wrong with requests of this method and path, from the `nth` on, `times` times."""

    method: str
    path: str
    kind: Kind = "status"
    status: int = 502
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    applied: bool = False
    """Whether the backend does what was asked before it goes wrong."""
    nth: int = 1
    times: int = 1
    seen: int = 0

    def strikes(self, request: Request) -> bool:
        if request.method != self.method or not re.search(self.path, request.path):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


class GitHubGate:
    """An HTTP server in front of `backend`."""

    def __init__(self, backend: Backend, *, per_minute: int = 10**6, per_hour: int = 10**6) -> None:
        self._backend = backend
        self.tokens: dict[str, str] = {WRITING_TOKEN: "write", READING_TOKEN: "read"}
        self.may_check: set[str] = set()
        """Tokens that may also make checks."""
        self.archived = False
        self.desk: Desk | None = None
        """Who answers what is asked of an App (`fakes.github_app`)."""
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        """Method and path of what came."""
        self.most_at_once = 0
        """How many requests were being answered at the same time."""
        self._at_once = 0
        self.timeout_seconds = 1.3
        self._per = {60.0: per_minute, 3600.0: per_hour}
        self._content: deque[float] = deque()
        self._one_at_a_time = threading.Lock()
        self._counting = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["GitHubGate"]:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield self
        finally:
            self._closing.set()
            self._server.shutdown()
            self._server.server_close()

    def asked(self, method: str, path: str) -> int:
        """How many requests of that method and path came."""
        return sum(m == method and re.search(path, p) is not None for m, p in self.requests)

    def exchange(self, request: Request) -> Response | None:
        """The answer; None where the connection is cut instead."""
        with self._counting:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self._answered(request)
        finally:
            with self._counting:
                self._at_once -= 1

    def _answered(self, request: Request) -> Response | None:
        fault = next((one for one in self.faults if one.strikes(request)), None)
        if fault is None:
            return self._let_in(request)
        done = self._let_in(request) if fault.applied else None
        if fault.kind == "timeout":
            self._closing.wait(self.timeout_seconds)
            return None
        if fault.kind == "cut":
            return None
        if fault.kind == "truncated":
            whole = done or self._let_in(request)
            return Response(whole.status, whole.body[: len(whole.body) // 2], {**whole.headers, "cut": "1"})
        return answer(fault.status, {"message": fault.message}, **fault.headers)

    def _let_in(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        for_app = re.search(r"/installation$|^/app/", request.path)
        if not for_app and not request.path.startswith("/_archive/"):
            if self.tokens.get(token) is None or scheme.lower() not in {"token", "bearer"}:
                return answer(401, {"message": "Bad credentials"})
            may_write = self.tokens[token] == "write"
            if "/check-runs" in request.path:
                may_write = token in self.may_check
            if request.writes and not may_write:
                return answer(403, {"message": "Resource not accessible by personal access token"})
            if request.writes and self.archived:
                return answer(403, {"message": "Repository was archived so is read-only."})
            if request.path.endswith("/git/trees") and _too_large(request):
                return answer(502, {"message": "Server Error"})
            if request.writes and _CREATES_CONTENT.match(request.path):
                limited = self._spend()
                if limited:
                    return limited
        with self._one_at_a_time:
            at_desk = self.desk.answer(request, self._backend) if self.desk else None
            done = at_desk or self._backend.answer(request)
        if for_app and done.status == 201:  # the token of an installation
            issued = json.loads(done.body)
            self.tokens[issued["token"]] = issued["permissions"].get("contents", "none")
            if issued["permissions"].get("checks") == "write":
                self.may_check.add(issued["token"])
        return self._seen_from_here(request, done)

    def _seen_from_here(self, request: Request, done: Response) -> Response:
        if re.fullmatch(r"/repos/[^/]+/[^/]+", request.path) and done.status == 200:
            token = request.headers.get("authorization", "").partition(" ")[2]
            may = {"pull": True, "push": self.tokens.get(token) == "write"}
            seen = {**json.loads(done.body), "archived": self.archived, "permissions": may}
            done = answer(200, seen)
        if request.method != "GET" or done.status != 200:
            return done
        tag = f'W/"{hashlib.sha256(done.body).hexdigest()}"'
        if request.headers.get("if-none-match") == tag:
            return Response(304, b"", {"ETag": tag})
        return Response(200, done.body, {**done.headers, "ETag": tag})

    def _spend(self) -> Response | None:
        now = time.monotonic()
        with self._counting:
            for window, allowed in self._per.items():
                used = [at for at in self._content if at > now - window]
                if len(used) >= allowed:
                    wait = str(int(used[0] + window - now) + 1)
                    return answer(403, {"message": SECONDARY_LIMIT}, **{"Retry-After": wait})
            self._content.append(now)
        return None


def _too_large(request: Request) -> bool:
    """Undocumented; what users of GitHub found for folders with contents inline."""
    return len(request.body) > 2_500_000 or len(request.json()["tree"]) > 200  # type: ignore[arg-type]


def _handler(gate: GitHubGate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def _serve(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, address.path, dict(parse_qsl(address.query)), headers, body)
            gate.requests.append((request.method, request.path))
            response = gate.exchange(request)
            if response is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            cut = response.headers.get("cut")
            self.send_response(response.status)
            self.send_header("Content-Length", str(len(response.body) * 2 if cut else len(response.body)))
            for name, value in {
                "Content-Type": "application/json; charset=utf-8",
                **response.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body)
            self.wfile.flush()
            self.close_connection = self.close_connection or cut is not None

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler
