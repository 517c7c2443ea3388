"""How long each service takes to import, and from its start to its first answer.

    python benchmarks/cold_start.py [--json] [--runs 9] [service ...]

Each run is a process of its own with the command of its image, an empty knowledge base, SQLite and the
embedded Pub/Sub; all services in turn, run after run, so that what else this machine does falls on all of
them. Ready is the first 200 of `GET /health`; of the writer, the first pull that brings a message.
Repositories are clones; `…-on-github` are given an App instead, as in the cloud. Figures are medians. The
first run of each is not counted: it writes the bytecode that images have, and warms the disk's cache, so
that nothing here tells what loading an image takes. `processor_seconds` are what the processes worked,
which depends less on who else uses the machine. The baseline is Flask alone, with one route, as our services
run it.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from devnexus.knowledge.stores.git_store import create_git_store
from devnexus.provision import provision
from devnexus.pubsub import PubSubPublisher
from devnexus.topology import load_topology
from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from devnexus_cli.ports import free_port
from devnexus_cli.stack import COMMANDS

PROJECT = "benchmark"
_FLASK = """
from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/health")
def health():
    return jsonify(status="healthy")
"""
_LIMIT_SECONDS = 60
_LOOK_SECONDS = 0.002

Figures = dict[str, float]


@dataclass(frozen=True)
class Start:
    """Something that starts."""

    command: tuple[str, ...]
    imports: str
    environment: Mapping[str, str]
    answers: bool = True


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("services", nargs="*", metavar="service", help="default: all of them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-") as scratch, EmbeddedPubSub() as pubsub:
        os.environ["PUBSUB_EMULATOR_HOST"] = pubsub.endpoint
        starts = _starts(Path(scratch))
        if unknown := set(options.services) - starts.keys():
            sys.exit(f"no service is called {', '.join(sorted(unknown))}; there are {', '.join(starts)}")
        wanted = options.services or [*starts]
        figures = measure({name: starts[name] for name in wanted}, options.runs, Path(scratch))
    if options.json:
        print(
            json.dumps(
                {f"{name}_{what}": value for name, of in figures.items() for what, value in of.items()}
            )
        )
        return
    columns = next(iter(figures.values()))
    print(" " * 32 + "".join(f"{what.replace('_', ' '):>25}" for what in columns))
    for name, of in figures.items():
        print(f"{name:<32}" + "".join(f"{value:>25.2f}" for value in of.values()))


def measure(starts: Mapping[str, Start], runs: int, scratch: Path) -> Mapping[str, Figures]:
    """Service → its figures, whose names end in their unit."""
    kept: dict[str, list[Figures]] = {name: [] for name in starts}
    for run in range(runs + 1):
        for name, start in starts.items():
            figures = _imported(start) | _ready(start, scratch / "log")
            if run:
                kept[name].append(figures)
    return {
        name.replace("-", "_"): {what: round(statistics.median(one[what] for one in of), 3) for what in of[0]}
        for name, of in kept.items()
    }


def _starts(scratch: Path) -> Mapping[str, Start]:
    """Everything that is measured, by name."""
    create_git_store(scratch / "knowledge.git")
    (scratch / "repositories").mkdir()
    (scratch / "only_flask.py").write_text(_FLASK)
    ports = {service: free_port() for service in (*COMMANDS, "baseline")}
    provision(
        load_topology(),
        project=PROJECT,
        services={service: f"http://127.0.0.1:{port}" for service, port in ports.items()},
    )
    environment = {
        "ANONYMOUS_READS": "all",
        "DATABASE_URL": f"sqlite:///{scratch / 'state.db'}",
        "GITHUB_WEBHOOK_SECRET": "benchmark",
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "HEARTBEAT_FILE": str(scratch / "heartbeat"),
        "HOST": "127.0.0.1",
        "KNOWLEDGE": str(scratch / "knowledge.git"),
        "REPOSITORIES_DIR": str(scratch / "repositories"),
    }
    starts = {
        service: Start(
            command,
            imports=f"{service.replace('-', '_')}.main",
            environment={**environment, "PORT": str(ports[service])},
            answers=service != "kb-writer",
        )
        for service, command in COMMANDS.items()
    }
    extractor, gateway = starts["extractor"], starts["a2a-gateway"]
    starts["extractor-with-claude"] = _with(
        extractor, "extractor.claude_service", {"ANTHROPIC_API_KEY": "benchmark"}
    )
    app = {"REPOSITORIES_DIR": "", "GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": _key()}
    starts["extractor-on-github"] = _with(extractor, "extractor.github", app)
    starts["extractor-with-claude-on-github"] = _with(
        starts["extractor-with-claude"], "extractor.github", app
    )
    starts["a2a-gateway-on-github"] = _with(gateway, "a2a_gateway.files.github", app)
    starts["baseline"] = Start(
        (*COMMANDS["similarity"][:-1], "only_flask:app"),
        imports="flask",
        environment={**environment, "PORT": str(ports["baseline"]), "PYTHONPATH": str(scratch)},
    )
    return starts


def _with(start: Start, imports: str, environment: Mapping[str, str]) -> Start:
    """The same service with further settings, which make it import more."""
    return replace(
        start,
        imports=f"{start.imports}, {imports}",
        environment={**start.environment, **environment},
    )


def _key() -> str:
    """An App's key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _imported(start: Start) -> Figures:
    """What importing the main module takes, Python included."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", f"import {start.imports}"], env=_bytecode_written())
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{start.imports} cannot be imported")
    return {
        "import_seconds": time.perf_counter() - began,
        "import_processor_seconds": used.ru_utime + used.ru_stime,
    }


def _ready(start: Start, log: Path) -> Figures:
    """What it takes until the service is ready, and what it then holds in memory."""
    is_ready = _answered(int(start.environment["PORT"])) if start.answers else _pulled(start.environment)
    began = time.perf_counter()
    with _running(start, log) as process:
        while not is_ready():
            if process.poll() is not None or time.perf_counter() > began + _LIMIT_SECONDS:
                sys.exit(f"{start.command[-1]} did not start: {log.read_text()[-2000:]}")
            time.sleep(_LOOK_SECONDS)
        seconds = time.perf_counter() - began
        return {"ready_seconds": seconds, **_used(psutil.Process(process.pid))}


def _used(process: psutil.Process) -> Figures:
    """What a process and those that it started have used until now."""
    everybody = [process, *process.children(recursive=True)]
    times = [one.cpu_times() for one in everybody]
    return {
        "ready_processor_seconds": sum(
            time.user + time.system + time.children_user + time.children_system for time in times
        ),
        "memory_mb": sum(one.memory_info().rss for one in everybody) / 1e6,
    }


@contextmanager
def _running(start: Start, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            start.command, env={**_bytecode_written(), **start.environment}, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _answered(port: int) -> Callable[[], bool]:
    """Whether `GET /health` was answered with 200; it waits for the answer once somebody listens."""

    def look() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=_LIMIT_SECONDS) as connection:
                connection.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return connection.recv(64).split(b" ")[1:2] == [b"200"]
        except OSError:
            return False

    return look


def _pulled(environment: Mapping[str, str]) -> Callable[[], bool]:
    """Whether the writer got the message that waits (a pull waits for one): it touches its heartbeat then."""
    heartbeat = Path(environment["HEARTBEAT_FILE"])
    heartbeat.unlink(missing_ok=True)
    publisher = PubSubPublisher(project=PROJECT, source="/benchmark")
    publisher.send("knowledge-changes", b"nothing of ours", {})
    publisher.close()
    return heartbeat.exists


def _bytecode_written() -> dict[str, str]:
    """This environment, in which Python keeps what it compiles."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


if __name__ == "__main__":
    main()
