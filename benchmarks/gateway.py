"""How many questions the gateway answers, how fast, and what it takes to start.

    python benchmarks/gateway.py [--json] [--repositories 1000] [--pushes 100] [--seconds 5]

The gateway as its image runs it (gunicorn), on a base of 1,000 repositories with 100 pushes each and 2,000
issues, made by the real fold (once a day; later runs take the same one). A process of its own asks over 1, 8
and 64 kept connections, some hundred different questions in turn; no answer is kept for the next who asks the
same. Then 8 connections while a commit a second comes in, and `GET /health` while 8 others ask. The baseline
is `GET /health` of the same process over as many connections. `processor_ms_each` is what the service itself
worked for one answer, which depends less on what else this machine does. Starting is measured on a local
base, and on one at a file:// address of which there is no copy yet.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import combinations
from pathlib import Path

from many_connections import Request
from organisation_base import organisation_base
from pushes import PushingRepository
from served import Figures, Served

from devnexus.knowledge.stores.git_store import open_git_store
from devnexus_cli.ports import free_port
from devnexus_cli.stack import COMMANDS
from kb_writer.group_commit import Writer

CONNECTIONS = (1, 8, 64)
PATTERNS = (
    *("retry-backoff", "redis-caching", "rest-api", "health-check", "structured-logging", "metrics"),
    *(
        "jwt-auth",
        "orm",
        "schema-validation",
        "task-queue",
        "circuit-breaker",
        "pubsub",
        "container",
        "ci-cd",
    ),
)
KEYWORDS = (
    "retry",
    "redis",
    "caching",
    "api",
    "health",
    "logging",
    "metrics",
    "auth",
    "orm",
    "queue",
    "http",
)


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--pushes", type=int, default=100, help="of each repository")
    parser.add_argument("--seconds", type=float, default=5, help="for each figure")
    options = parser.parse_args()
    base = organisation_base(options.repositories, options.pushes)
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-", ignore_cleanup_errors=True) as scratch:
        figures = measure(base, Path(scratch), options.seconds)
    figures = {name: round(value, 2) for name, value in figures.items()}
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<64} {value:>12,.2f}")


def measure(base: Path, scratch: Path, seconds: float) -> Figures:
    """All figures of one run; names end in their unit."""
    own = scratch / "knowledge.git"
    shutil.copytree(base, own)
    figures: Figures = {}
    with gateway(str(own), scratch) as local:
        figures |= local.start("local")
        for name, requests in questions().items():
            for connections in CONNECTIONS:
                figures |= local.asked(name, requests, connections, seconds)
        patterns = questions()["query_patterns"]
        with _a_commit_a_second(own):
            figures |= local.asked("query_patterns", patterns, 8, seconds * 2, "_while_commits_come")
        with _at_once(lambda: local.asked("", patterns, 8, seconds + 1)):
            figures |= local.asked("health", [("/health", None)], 1, seconds, "_while_8_others_ask")
        figures["memory_after_all_mb"] = local.memory_mb()
    for kind, url in (("file_url", f"file://{base}"),):
        with gateway(url, scratch) as remote:
            figures |= remote.start(kind)
    return figures


def questions() -> Mapping[str, list[Request]]:
    """Skill → questions that differ; the baseline has one."""
    pairs = [list(pair) for pair in combinations(PATTERNS, 2)]
    words = [list(pair) for pair in combinations(KEYWORDS, 2)]
    return {
        "baseline_health": [("/health", None)],
        "query_patterns": [
            *(
                _call("query_patterns", patterns=some, min_matches=least)
                for some in pairs
                for least in (1, 2)
            ),
            *(_call("query_patterns", keywords=some) for some in words),
        ],
        "get_pattern_health": [
            _call("get_pattern_health", pattern_name=name, time_range_days=days)
            for name in PATTERNS
            for days in range(7, 61)
        ],
        "get_cross_repo_patterns": [
            _call("get_cross_repo_patterns", min_repos=least, limit=limit)
            for least in range(2, 30)
            for limit in (10, 20, 100)
        ],
    }


def _call(skill: str, **given: object) -> Request:
    return "/a2a/execute", {"skill_id": skill, "input": given}


@dataclass(frozen=True)
class Gateway(Served):
    """One that runs."""

    seconds_to_answer: float

    def start(self, kind: str) -> Figures:
        """What starting took."""
        return {
            f"start_to_first_answer_{kind}_seconds": self.seconds_to_answer,
            f"memory_after_start_{kind}_mb": self.memory_mb(),
        }

    def asked(
        self, name: str, requests: list[Request], connections: int, seconds: float, what: str = ""
    ) -> Figures:
        """How it answers so many connections that ask for so long."""
        at = f"{name}_at_{connections}{what}"
        said = self.ask(requests, connections, seconds)
        return {f"{at}_{figure}": value for figure, value in said.items()}


@contextmanager
def gateway(knowledge: str, scratch: Path) -> Iterator[Gateway]:
    """A gateway that runs as in its image, with a cache of its own."""
    port = free_port()
    environment = {
        **os.environ,
        "ANONYMOUS_READS": "all",
        "DATABASE_URL": f"sqlite:///{scratch / f'state-{port}.db'}",
        "KNOWLEDGE_CACHE": str(scratch / f"cache-{port}"),
        "GOOGLE_CLOUD_PROJECT": "benchmark",
        "HOST": "127.0.0.1",
        "KNOWLEDGE": knowledge,
        "PORT": str(port),
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
        "REQUESTS_PER_MINUTE": "100000000",
    }
    with (scratch / f"log-{port}").open("wb") as log:
        started = time.perf_counter()
        process = subprocess.Popen(COMMANDS["a2a-gateway"], env=environment, stdout=log, stderr=log)
        try:
            _wait_for_an_answer(port, process, Path(log.name))
            yield Gateway(process, port, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for_an_answer(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    body = json.dumps({"skill_id": "query_patterns", "input": {"patterns": ["metrics"]}})
    while process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST", "/a2a/execute", body, {"Content-Type": "application/json"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    sys.exit(f"the gateway did not start: {log.read_text()[-2000:]}")


@contextmanager
def _at_once(work: Callable[[], object]) -> Iterator[None]:
    """Lets `work` be done meanwhile."""
    working = threading.Thread(target=work)
    working.start()
    time.sleep(0.5)
    yield
    working.join()


@contextmanager
def _a_commit_a_second(path: Path) -> Iterator[None]:
    """Pushes to one repository after the other, one commit a second."""
    ended = threading.Event()
    store = open_git_store(path)

    def commit() -> None:
        writer, number = Writer(store), 0
        while not ended.wait(1):
            number += 1
            writer.group_commit([PushingRepository(number, seed=8).push()])

    committing = threading.Thread(target=commit)
    committing.start()
    try:
        yield
    finally:
        ended.set()
        committing.join()
        store.close()


if __name__ == "__main__":
    main()
