"""W3C trace context in headers, in the attributes of messages and in rows: where a piece of work belongs.

https://www.w3.org/TR/trace-context/ and, for the attributes, CloudEvents' extension for distributed tracing.
Without an exporter (`devnexus.trace_export`) nothing is recorded; the context that came in is handed on.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PREFIX = "ce-"
_NAMES = ("traceparent", "tracestate")
ATTRIBUTES = frozenset(f"{_PREFIX}{name}" for name in _NAMES)
"""Attributes of a message that say where it belongs, and nothing about what it is."""

_MOST = {"traceparent": 128, "tracestate": 512}
"""Characters: today's traceparent has 55, and the specification lets that of a later version be longer."""

_W3C = TraceContextTextMapPropagator()


@dataclass(frozen=True)
class Place:
    """The span that is current, by its ids as hexadecimal digits."""

    trace_id: str
    span_id: str
    is_sampled: bool
    """Whether whoever began the trace wants it recorded."""


class Headers(Protocol):
    """The headers of a request, whatever the library."""

    def get(self, name: str, /) -> str | None:
        """The first one of this name, in whatever case."""


def asked(headers: Headers) -> Context:
    """Where the request with these headers belongs; an empty context where they do not say so rightly."""
    return _read({name: headers.get(name) for name in _NAMES})


def carried(attributes: Mapping[str, str]) -> Context:
    """Where the message with these attributes belongs; an empty context where they do not say so rightly."""
    return _read({name: attributes.get(_PREFIX + name) for name in _NAMES})


def kept(traceparent: str | None) -> Context:
    """What `to_keep` gave once; an empty context where it gave nothing."""
    return _read({"traceparent": traceparent})


def to_carry() -> dict[str, str]:
    """The attributes that let a message belong here; none where there is no trace."""
    return {_PREFIX + name: value for name, value in _written().items()}


def to_keep() -> str | None:
    """One line by which later work can belong here; None where there is no trace."""
    return _written().get("traceparent")


def here() -> Place | None:
    """Where we are; None where there is no trace."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return None
    return Place(
        trace.format_trace_id(current.trace_id),
        trace.format_span_id(current.span_id),
        current.trace_flags.sampled,
    )


@contextmanager
def belonging_to(place: Context) -> Iterator[None]:
    """Let what happens in the block, and its lines in the log, belong there."""
    token = context.attach(place)
    try:
        yield
    finally:
        context.detach(token)


def _read(found: Mapping[str, str | None]) -> Context:
    carrier = {name: text for name, text in found.items() if text and len(text) <= _MOST[name]}
    return _W3C.extract(carrier, Context())


def _written() -> dict[str, str]:
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier
