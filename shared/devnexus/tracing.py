"""Spans: what took how long, as part of which trace. They cost next to nothing where nobody records them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Literal

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode

from devnexus import trace_context
from devnexus.errors import ServiceError
from devnexus.printable import printable

BEGINS = "devnexus.begins"
"""Attribute of a span with which something begins that is to be followed to its end, whatever the platform
before us decided about its request. Cloud Run wants one request in ten seconds recorded."""

MOST_LINKS = 100
"""Of one span; Cloud Trace takes 128. https://docs.cloud.google.com/stackdriver/quotas"""

_MOST_CHARACTERS = 300
Kind = Literal["internal", "server", "client", "producer", "consumer"]

_tracer = trace.get_tracer("devnexus")


@contextmanager
def span(
    name: str,
    *,
    parent: Context | None = None,
    kind: Kind = "internal",
    begins: str = "",
    links: Sequence[Context] = (),
    about: Mapping[str, str | int] | None = None,
) -> Iterator[Span]:
    """Let the block be a span of the current trace, or of that of `parent`; an error that leaves it is noted.

    Also a decorator of functions.
    """
    made = _tracer.start_as_current_span(
        name,
        context=parent,
        kind=SpanKind[kind.upper()],
        attributes={BEGINS: begins} if begins else None,
        links=_links(links),
        # the whole traceback goes to the log, where it is not cut
        record_exception=False,
        set_status_on_exception=False,
    )
    with made as current:
        _describe(current, about or {})
        try:
            yield current
        except BaseException as error:
            failed(error)
            raise


def processing(attributes: Mapping[str, str]) -> AbstractContextManager[Span]:
    """Lets a block be the span in which the message with these attributes is handled."""
    parent = trace_context.carried(attributes)
    return span(_name(attributes), parent=parent, kind="consumer", about=_about(attributes))


@contextmanager
def together(name: str, messages: Sequence[Mapping[str, str]]) -> Iterator[Span]:
    """Let the block be one span for several messages, which are told by their attributes; at least one.

    It belongs to the trace of the first. Each of the others has a span in its own trace, and that one and
    this are linked.
    """
    spans = [_begun(attributes) for attributes in messages]
    first, *others = spans
    try:
        with span(name, parent=trace.set_span_in_context(first), about={"messages": len(messages)}) as shared:
            for number, other in enumerate(others):
                other.add_link(shared.get_span_context())
                if number < MOST_LINKS:
                    shared.add_link(other.get_span_context())
            yield shared
    finally:
        for one in spans:
            one.end()


def failed(why: BaseException | str) -> None:
    """Note on the current span why it did not succeed: in our own words, of others' errors only the type."""
    text = str(why) if isinstance(why, ServiceError | str) else type(why).__name__
    trace.get_current_span().set_status(Status(StatusCode.ERROR, _shown(text)))


def end() -> None:
    """Hand over what is recorded, which takes two seconds at most.

    A process does so by itself where it ends in Python, and not where a signal ends it.
    """
    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown:
        shutdown()


def _begun(attributes: Mapping[str, str]) -> Span:
    begun = _tracer.start_span(
        _name(attributes), context=trace_context.carried(attributes), kind=SpanKind.CONSUMER
    )
    _describe(begun, _about(attributes))
    return begun


def _name(attributes: Mapping[str, str]) -> str:
    return f"process {_shown(attributes.get('ce-type', ''))}".rstrip()


def _about(attributes: Mapping[str, str]) -> dict[str, str | int]:
    return {"event_id": attributes.get("ce-id", "")}


def _links(places: Sequence[Context]) -> list[Link]:
    contexts = [trace.get_current_span(place).get_span_context() for place in places[:MOST_LINKS]]
    return [Link(one) for one in contexts if one.is_valid]


def _describe(one: Span, about: Mapping[str, str | int]) -> None:
    if not one.is_recording():
        return
    for key, value in about.items():
        one.set_attribute(key, _shown(value) if isinstance(value, str) else value)


def _shown(text: str) -> str:
    cut = text[:_MOST_CHARACTERS]
    return cut if cut.isascii() and cut.isprintable() else printable(cut)
