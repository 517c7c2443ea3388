"""Which Pub/Sub a run on this machine talks to: one that is given, the embedded server, or Google's."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from devnexus.errors import ConfigurationError
from devnexus_cli.ports import accepts, free_port
from devnexus_cli.processes import Child, end_all, uninterrupted

_HOST = "127.0.0.1"
_START_SECONDS = 30.0
"""Google's emulator needs two seconds, and several on a cold or busy machine."""


@dataclass(frozen=True)
class _Backend:
    """How to run one of the servers as a process, and how to see that it answers."""

    command: Callable[[int], Sequence[str]]
    answers: Callable[[int], bool]


def pubsub_for(environment: Mapping[str, str], *, log: Path | None = None) -> AbstractContextManager[str]:
    """The Pub/Sub that PUBSUB_EMULATOR_HOST names, else one started as DEVNEXUS_PUBSUB says (embedded)."""
    if given := environment.get("PUBSUB_EMULATOR_HOST"):
        return nullcontext(given)
    return start_pubsub(environment.get("DEVNEXUS_PUBSUB", "embedded"), log=log)


def start_pubsub(choice: str, *, log: Path | None = None) -> AbstractContextManager[str]:
    """Run "embedded" or "google" as a process of its own, or "docker" as a container: a host:port.

    `log` gets what the server writes. The server ends with the block. Raises ConfigurationError, with
    the remedy, if a part is missing, and ChildDied if the server does not start.
    """
    if choice == "docker":
        return _container(log)
    if choice not in _BACKENDS:
        raise ConfigurationError(f"DEVNEXUS_PUBSUB is {', '.join(_BACKENDS)} or docker, not {choice!r}")
    return _process(_BACKENDS[choice], log)


@contextmanager
def _process(backend: _Backend, log: Path | None) -> Iterator[str]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="devnexus-pubsub-") as scratch:
        output = log or Path(scratch) / "output.log"
        children: list[Child] = []
        try:
            with uninterrupted():
                children.append(Child("pubsub", backend.command(port), log=output, folder=Path(scratch)))
            children[0].wait_until(lambda: backend.answers(port), seconds=_START_SECONDS)
            yield f"{_HOST}:{port}"
        finally:
            end_all(children)


@contextmanager
def _container(log: Path | None) -> Iterator[str]:
    try:
        # Only who asks for a container needs what speaks to an engine.
        from devnexus_cli.docker_pubsub import pubsub_container  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{error.name} is missing: pip install testcontainers") from error
    port = free_port()
    endpoint = f"{_HOST}:{port}"
    with pubsub_container(endpoint, answers=lambda: _says_ok(port), seconds=_START_SECONDS, log=log):
        yield endpoint


def _embedded(port: int) -> Sequence[str]:
    return [sys.executable, "-m", "devnexus_cli.embedded_pubsub", f"--port={port}", f"--host={_HOST}"]


def _accepts(port: int) -> bool:
    return accepts(_HOST, port)


def _google(port: int) -> Sequence[str]:
    """The emulator's jar: what `gcloud beta emulators pubsub start` runs, without its two wrappers."""
    gcloud = _program("gcloud", "install the Google Cloud CLI: https://cloud.google.com/sdk/docs/install")
    jars = sorted(gcloud.parents[1].glob("platform/pubsub-emulator/lib/cloud-pubsub-emulator-*.jar"))
    if not jars:
        raise ConfigurationError(
            "Google's Pub/Sub emulator is missing: gcloud components install pubsub-emulator"
            " (Debian: apt-get install google-cloud-cli-pubsub-emulator)"
        )
    java = _program("java", "install Java 11 or later, such as: apt-get install default-jre-headless")
    return [str(java), "-jar", str(jars[-1]), f"--host={_HOST}", f"--port={port}"]


def _program(name: str, remedy: str) -> Path:
    if found := shutil.which(name):
        return Path(found).resolve()
    raise ConfigurationError(f"{name} is missing: {remedy}")


def _says_ok(port: int) -> bool:
    connection = HTTPConnection(_HOST, port, timeout=1.0)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().strip() == b"Ok"
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


_BACKENDS = {
    "embedded": _Backend(_embedded, _accepts),
    "google": _Backend(_google, _says_ok),
}
