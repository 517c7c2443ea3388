"""What `devnexus status` says of the running services and of what they could not handle."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.topology import load_topology
from devnexus_cli.dead_letters import open_dead_letters, peek_all
from devnexus_cli.figures import span
from devnexus_cli.running import Running
from devnexus_cli.status_part import Part, not_known

_HEALTH_SECONDS = 5.0
_SILENT_SECONDS = 120.0
"""The writer touches its heartbeat every two seconds, but not while it waits for what GitHub allows."""

_PEEKED = 100


def services_part(urls: Mapping[str, str]) -> Part:
    """What each service answers to GET /health."""
    if not urls:
        return not_known("services", "nothing runs here (--home), and no SERVICE=URL was given")
    with ThreadPoolExecutor(len(urls)) as pool:
        answers = dict(zip(urls, pool.map(_health, urls.values()), strict=True))
    width = max(map(len, urls))
    lines = tuple(f"{service:<{width}}  {answer}  {urls[service]}" for service, answer in answers.items())
    return Part("services", lines, any(answer != "ok" for answer in answers.values()), answers)


def metrics_part(running: Running | None) -> Part:
    """Where each service's metrics are to be had."""
    if running is None or not running.metrics:
        return not_known("metrics", "a service has them at /metrics of its METRICS_PORT, where that is set")
    width = max(map(len, running.metrics))
    lines = tuple(f"{service:<{width}}  {url}" for service, url in running.metrics.items())
    return Part("metrics", lines, facts=running.metrics)


def writer_part(running: Running | None) -> Part:
    """How long ago the writer gave a sign of life."""
    if running is None:
        return not_known("kb-writer", "it answers no requests; its heartbeat is looked at where it runs")
    try:
        seconds = max(0.0, time.time() - Path(running.heartbeat).stat().st_mtime)
    except OSError as error:
        text = f"no heartbeat: {error.strerror}: {running.heartbeat}"
        return Part("kb-writer", (text,), is_wrong=True, facts={"heartbeat": None})
    silent = seconds > _SILENT_SECONDS
    text = f"heartbeat {span(seconds)} ago{': it hangs, or is gone' if silent else ''}"
    return Part("kb-writer", (text,), silent, {"heartbeat_age_seconds": round(seconds, 1)})


def lag_part() -> Part:
    """Why it cannot be had."""
    return not_known(
        "lag",
        "Pub/Sub counts what waits only in Cloud Monitoring: subscription/oldest_unacked_message_age",
    )


def dead_letters_part(project: str | None, home: Path) -> Part:
    """How many dead letters wait for each subscription; looking leaves them there."""
    title, subscriptions = "dead letters", load_topology().subscriptions
    try:
        with open_dead_letters(project, home) as door:
            looked = peek_all(door, subscriptions, _PEEKED)
    except (ConfigurationError, Unavailable) as error:
        return not_known(title, error)
    except ModuleNotFoundError as error:
        return not_known(title, f"{error.name} is missing: pip install 'dev-nexus[service]'")
    counts = {one.name: len(letters) for one, letters in zip(subscriptions, looked, strict=True) if letters}
    lines = [f"{name}: {_at_least(number)}" for name, number in counts.items()]
    if lines:
        lines.append("look: devnexus dead-letters list")
    return Part(title, tuple(lines) or ("none",), bool(counts), counts)


def _at_least(number: int) -> str:
    return f"at least {number} waiting" if number >= _PEEKED else f"{number} waiting"


def _health(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in {"http", "https"}:
        return "is no http:// or https:// address"
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(host, port, timeout=_HEALTH_SECONDS)
    try:
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"down: {error!r}"
    finally:
        connection.close()
    return "ok" if status == 200 else f"down: answers {status}"
