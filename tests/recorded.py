"""Spans of this process, recorded as a service with TRACES records them, and kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from devnexus import tracing
from devnexus.trace_export import make_sampler


class Recorded:
    """What ended so far."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def named(self, name: str) -> Sequence[ReadableSpan]:
        """The spans of this name, in the order in which they ended."""
        return [span for span in self._exporter.get_finished_spans() if span.name == name]


@contextmanager
def recording() -> Iterator[Recorded]:
    """Record what happens in the block."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=make_sampler(), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracing, "_tracer", provider.get_tracer("test"))
        yield Recorded(exporter)
