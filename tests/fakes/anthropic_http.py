"""The HTTP of `fakes.anthropic_server`."""

import json
import socket
import struct
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from fakes.anthropic_refusals import refusal_of
from fakes.anthropic_replies import Asked, Fails, HangsUp, Late, Reply, Says

if TYPE_CHECKING:
    from fakes.anthropic_server import FakeClaude


def error_body(fails: Fails) -> dict[str, Any]:
    error = {"type": fails.type, "message": fails.message}
    return {"type": "error", "error": error, "request_id": "req_0001"}


def handler_of(claude: "FakeClaude") -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            body, headers = json.loads(content), {name.lower(): value for name, value in self.headers.items()}
            path = urlsplit(self.path).path
            asked = Asked(path, headers, body)
            if path == "/v1/messages":
                claude.asked.append(asked)
            refusal = refusal_of(headers, body)
            if len(content) > (32_000_000 if path == "/v1/messages" else 256_000_000):
                refusal = Fails(413, "request_too_large", "Request exceeds the maximum size")
            if refusal:
                self._fail(refusal)
            elif path == "/v1/messages":
                self._reply(asked, claude.reply_to(asked))
            elif path == "/v1/messages/batches":
                self._create(headers, body)
            else:
                self._fail(Fails(404, "not_found_error", "Not found"))

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            refusal = refusal_of({name.lower(): value for name, value in self.headers.items()}, None)
            ids = {batch.id: batch for batch in claude.batches}
            match refusal, url.path.removeprefix("/v1/messages/batches").split("/")[1:]:
                case Fails(), _:
                    self._fail(refusal)
                case _, []:
                    self._send(200, claude.page_of_batches(parse_qs(url.query)))
                case _, [one] if one in ids:
                    self._send(200, claude.told_of(ids[one]))
                case _, [one, "results"] if one in ids and ids[one].results is not None:
                    self._results(ids[one].results or {})
                case _:
                    self._fail(Fails(404, "not_found_error", "Not found"))

        def _reply(self, asked: Asked, reply: Reply) -> None:
            match reply:
                case Late(seconds, then):
                    claude.ending.wait(seconds)
                    self._reply(asked, then)
                case Fails():
                    self._fail(reply)
                case HangsUp():
                    self._hang_up()
                case str() | Mapping() | Says():
                    self._send(200, claude.message(asked, reply))
                case _:
                    raise AssertionError(f"{reply} is for batches")

        def _create(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
            planned = (
                claude.next.pop(0) if claude.next and isinstance(claude.next[0], Fails | HangsUp) else None
            )
            if isinstance(planned, Fails):
                self._fail(planned)
                return
            batch = claude.take_batch(headers, body)
            if isinstance(planned, HangsUp):
                self._hang_up()
            else:
                self._send(200, claude.told_of(batch))

        def _results(self, results: Mapping[str, Mapping[str, Any]]) -> None:
            lines = [{"custom_id": name, "result": result} for name, result in reversed(results.items())]
            content = "".join(f"{json.dumps(line)}\n" for line in lines)
            self._write(200, "application/x-jsonl", content.encode())

        def _fail(self, fails: Fails) -> None:
            self._send(fails.status, error_body(fails), fails.headers)

        def _send(self, status: int, content: object, headers: Mapping[str, str] | None = None) -> None:
            self._write(status, "application/json", json.dumps(content).encode(), headers or {})

        def _write(
            self, status: int, kind: str, content: bytes, headers: Mapping[str, str] | None = None
        ) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("request-id", "req_0001")
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # nobody waited for it

        def _hang_up(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler
