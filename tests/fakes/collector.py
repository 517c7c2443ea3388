"""A real collector on this machine: takes OTLP over HTTP, as protobuf, and remembers the spans."""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True)
class Recorded:
    """One span."""

    name: str
    service: str
    trace_id: str
    span_id: str
    parent_id: str
    links: frozenset[tuple[str, str]]
    """(trace id, span id) of each."""
    is_failed: bool
    about: Mapping[str, str | int]
    process: Mapping[str, str | int]
    """What is said of the process that recorded it."""

    @property
    def place(self) -> tuple[str, str]:
        return self.trace_id, self.span_id


class Collector:
    """Takes spans at `/v1/traces` until it is closed; a context manager that closes it."""

    def __init__(self) -> None:
        self.spans: list[Recorded] = []
        self.headers: list[Mapping[str, str]] = []
        self._connections: list[socket.socket] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Listen no more, and hang up."""
        self._server.shutdown()
        self._server.server_close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def named(self, name: str) -> list[Recorded]:
        """The spans of this name, as they came."""
        return [span for span in self.spans if span.name == name]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                collector._connections.append(self.connection)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if (self.path, self.headers["Content-Type"]) != ("/v1/traces", "application/x-protobuf"):
                    return self.send_error(400)
                collector.headers.append(dict(self.headers))
                collector.spans.extend(_spans(ExportTraceServiceRequest.FromString(body)))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _spans(request: ExportTraceServiceRequest) -> list[Recorded]:
    return [
        _recorded(span, _values(resource.resource.attributes))
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _recorded(span: Span, process: Mapping[str, str | int]) -> Recorded:
    return Recorded(
        name=span.name,
        service=str(process["service.name"]),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        links=frozenset((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        is_failed=span.status.code == Status.STATUS_CODE_ERROR,
        about=_values(span.attributes),
        process=process,
    )


def _values(attributes: list[KeyValue]) -> dict[str, str | int]:
    return {one.key: one.value.string_value or one.value.int_value for one in attributes}
