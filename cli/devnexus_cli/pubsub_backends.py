"""Which Pub/Sub a run on this machine talks to: one that is given, the embedded server, or Google's."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from devnexus.errors import ConfigurationError

_HOST = "127.0.0.1"
_START_S = 30.0
"""Google's emulator needs two seconds, and several on a cold or busy machine."""

_END_S = 5.0
_POLL_S = 0.05
_LOG_TAIL = 2000


@dataclass(frozen=True)
class _Backend:
    """How to run one of the servers, and how to see that it answers."""

    command: Callable[[int], Sequence[str]]
    answers: Callable[[int], bool]


def pubsub_for(
    environment: Mapping[str, str], *, port: int | None = None, log: Path | None = None
) -> AbstractContextManager[str]:
    """The Pub/Sub that PUBSUB_EMULATOR_HOST names, else one started as DEVNEXUS_PUBSUB says (embedded)."""
    if given := environment.get("PUBSUB_EMULATOR_HOST"):
        return nullcontext(given)
    return start_pubsub(environment.get("DEVNEXUS_PUBSUB", "embedded"), port=port, log=log)


@contextmanager
def start_pubsub(choice: str, *, port: int | None = None, log: Path | None = None) -> Iterator[str]:
    """Run "embedded" or "google" as a process of its own and yield its host:port once it answers.

    Without a port it takes a free one; `log` gets what the server writes. The process ends with the
    block. Raises ConfigurationError, with the remedy, if a part is missing or the server does not start.
    """
    if choice not in _BACKENDS:
        raise ConfigurationError(f"DEVNEXUS_PUBSUB is {' or '.join(_BACKENDS)}, not {choice!r}")
    backend = _BACKENDS[choice]
    number = _free_port(port or 0)
    with tempfile.TemporaryDirectory(prefix="devnexus-pubsub-") as scratch:
        output = log or Path(scratch) / "output.log"
        with output.open("ab") as sink:
            child = subprocess.Popen(
                backend.command(number),
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that Ctrl-C reaches us alone, and we end it in our order
            )
        try:
            _wait_until_ready(child, lambda: backend.answers(number), output)
            yield f"{_HOST}:{number}"
        finally:
            _end(child)


def _wait_until_ready(child: subprocess.Popen[bytes], ready: Callable[[], bool], output: Path) -> None:
    deadline = time.monotonic() + _START_S
    while child.poll() is None and time.monotonic() < deadline:
        if ready():
            return
        time.sleep(_POLL_S)
    said = output.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:].strip()
    state = "does not answer" if child.returncode is None else f"ended with {child.returncode}"
    raise ConfigurationError(f"Pub/Sub {state} (process {child.args!r}):\n{said}")


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the process and its children: at first politely."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is None:
            os.killpg(child.pid, number)
        try:
            child.wait(_END_S)
        except subprocess.TimeoutExpired:
            continue


def _free_port(wanted: int) -> int:
    """A port that nobody listens on: else we would take a stranger's server for ours."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, wanted))
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {_HOST}:{wanted}: {error.strerror}") from error
        return int(probe.getsockname()[1])


def _embedded(port: int) -> Sequence[str]:
    return [sys.executable, "-m", "devnexus_cli.embedded_pubsub", f"--port={port}", f"--host={_HOST}"]


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((_HOST, port), timeout=1.0).close()
    except OSError:
        return False
    return True


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
