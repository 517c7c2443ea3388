"""How a process lets itself be watched: what every one of ours reads from its environment for that."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

from devnexus.settings import read_settings, setting


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
