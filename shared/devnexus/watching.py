"""How a process lets itself be watched: what every one of ours reads from its environment for that."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

from devnexus.settings import read_settings, setting, whole_number


def _receiver(text: str) -> str:
    if text == "google":
        return text
    address = urlsplit(text)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ValueError("say `google`, or the http(s) address of a collector such as http://127.0.0.1:4318")
    if address.username or address.password:
        raise ValueError(
            "no password belongs into an address; OTEL_EXPORTER_OTLP_HEADERS takes what it needs"
        )
    return text


_HIGHEST = 65_535


def _port(text: str) -> int:
    if whole_number(text) > _HIGHEST:
        raise ValueError(f"{text!r} is no port: 1 to {_HIGHEST}")
    return int(text)


@dataclass(frozen=True)
class Watching:
    """Settings of every service."""

    traces: str | None = setting(
        "TRACES",
        about="where traces go: `google` (Cloud Trace), or the address of any collector that takes OTLP over"
        " HTTP; not set: nothing is recorded",
        default=None,
        parse=_receiver,
    )
    metrics_port: int | None = setting(
        "METRICS_PORT",
        about="port, one of its own, on which Prometheus is told the metrics; not set: nothing listens",
        default=None,
        parse=_port,
    )
    metrics_host: str = setting(
        "HOST",
        about="the address on which it is told them; not set: this machine, or this container, alone asks",
        default="127.0.0.1",
    )


def watch(service: str, environment: Mapping[str, str]) -> None:
    """Let this process be watched as its settings say; raise ConfigurationError where they are wrong."""
    settings = read_settings(Watching, environment)
    if settings.traces:
        # what only those should import who have it
        from devnexus.trace_export import export_traces  # noqa: PLC0415

        export_traces(
            settings.traces,
            project=environment.get("GOOGLE_CLOUD_PROJECT", ""),
            service=service,
            version=environment.get("K_REVISION") or version("dev-nexus"),
        )
    if settings.metrics_port:
        # what only those should import who have it
        from devnexus.metrics_endpoint import serve_metrics  # noqa: PLC0415

        serve_metrics(service, host=settings.metrics_host, port=settings.metrics_port)
