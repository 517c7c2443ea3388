"""Where recorded spans go: to Cloud Trace, or to any collector that takes OTLP over HTTP.

Importing this imports OpenTelemetry's SDK, so only processes do that have TRACES. It starts a thread: call it
in the process that works, after any fork (gunicorn forks before it makes the application).
"""

import logging
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import google.auth
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

from devnexus.errors import ConfigurationError
from devnexus.tracing import BEGINS

GOOGLE = "google"
_GOOGLES_ENDPOINT = "https://telemetry.googleapis.com/v1/traces"
"""Takes spans from accounts with roles/telemetry.tracesWriter in projects with telemetry.googleapis.com
enabled, and puts them into the project that the attribute gcp.project_id of the resource names.
https://docs.cloud.google.com/stackdriver/docs/instrumentation/migrate-to-otlp-endpoints"""

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_EXPORT_SECONDS = 5.0
_LAST_SECONDS = 2.0
"""For what is left when the process ends: SIGKILL follows SIGTERM after ten seconds, eight of which are the
requests'. Cloud Run gives no processor between requests, but these ten seconds."""

_QUIET_SECONDS = 60.0
_LOGGERS = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk._shared_internal",
)


def export_traces(where: str, *, project: str, service: str, version: str) -> None:
    """Record the spans of this process from now on and hand them to `where`: `google`, or an address.

    Where nobody takes them they are dropped, and the log says so once a minute at most. Raises
    ConfigurationError where there are no credentials.
    """
    about = {"service.name": service, "service.version": version, "gcp.project_id": project}
    provider = TracerProvider(resource=Resource.create(about), sampler=make_sampler())
    provider.add_span_processor(_Batches(_exporter(where)))
    seldom = _Seldom()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(seldom)
    trace.set_tracer_provider(provider)


def _exporter(where: str) -> OTLPSpanExporter:
    if where != GOOGLE:
        return OTLPSpanExporter(_endpoint(where), timeout=_EXPORT_SECONDS)
    try:
        credentials, _ = google.auth.default(scopes=[_SCOPE])
    except GoogleAuthError as error:
        raise ConfigurationError(f"TRACES={GOOGLE} needs the credentials of an account: {error}") from error
    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    return OTLPSpanExporter(_GOOGLES_ENDPOINT, timeout=_EXPORT_SECONDS, session=session)


def _endpoint(address: str) -> str:
    """`address`, with the path that OTLP has for spans where it has none."""
    return address if urlsplit(address).path.strip("/") else f"{address.rstrip('/')}/v1/traces"


def make_sampler() -> Sampler:
    """Whoever began a trace says whether it is recorded, and what begins here is."""
    return ParentBased(ALWAYS_ON, remote_parent_not_sampled=_Beginnings())


class _Beginnings(Sampler):
    """Records what is to be followed to its end, and nothing else."""

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """As promised by Sampler."""
        sampler = ALWAYS_ON if attributes and BEGINS in attributes else ALWAYS_OFF
        return sampler.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        """As promised by Sampler."""
        return "Beginnings"


class _Batches(BatchSpanProcessor):
    """Hands spans over in a thread of its own; at the end for no longer than `_LAST_SECONDS`."""

    def shutdown(self) -> None:
        """As promised by SpanProcessor, whose own would wait for 30 seconds and takes no other figure."""
        self._batch_processor.shutdown(timeout_millis=round(_LAST_SECONDS * 1000))


class _Seldom(logging.Filter):
    """Lets a line through and then none for a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._next_at = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """As promised by Filter."""
        if time.monotonic() < self._next_at:
            return False
        self._next_at = time.monotonic() + _QUIET_SECONDS
        return True
