"""Pushes per second from webhook to commit, and how long one push takes at a steady rate.

    python benchmarks/push_to_knowledge.py [--json] [--pubsub embedded|google]

Two runs on this machine with every service as its own process: as fast as the receiver takes them
(pushes/s until the last record is committed), then at a steady rate (push → commit per push, p50 and
p95). The baseline in the same run is git alone: how many commits per second the knowledge base takes
when one process commits one record at a time.
"""

import argparse
import json
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from devnexus.knowledge.history import records_between
from devnexus.knowledge.stores.git_store import create_git_store, open_git_store
from devnexus_cli.local_repository import LocalPush, LocalRepository, newest_pushes, open_local
from devnexus_cli.pubsub_backends import start_pubsub
from devnexus_cli.replay import link_clones
from devnexus_cli.stack import Stack
from devnexus_cli.webhook import WebhookSender, push_payload

REPOSITORIES = 4
BURST_PUSHES = 400
STEADY_PUSHES = 200
STEADY_RATE = 10
CONNECTIONS = 8
BASELINE_COMMITS = 100
_LIMIT_SECONDS = 180


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--pubsub", choices=["embedded", "google"], default="embedded")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-") as scratch:
        figures = measure(Path(scratch), options.pubsub)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<34} {value:>12}" if isinstance(value, str) else f"{name:<34} {value:>12.1f}")


def measure(scratch: Path, backend: str) -> dict[str, float | str]:
    """All figures of one run; names end in their unit."""
    needed = (BURST_PUSHES + STEADY_PUSHES) // REPOSITORIES
    clones = [open_local(_repository(scratch / f"service{n}", needed + 1)) for n in range(REPOSITORIES)]
    pushes = _interleaved({clone: newest_pushes(clone, needed) for clone in clones})
    link_clones(clones, scratch / "clones")
    with (
        start_pubsub(backend) as endpoint,
        Stack(home=scratch / "home", repositories=scratch / "clones", pubsub=endpoint) as stack,
    ):
        burst_seconds, _ = _play(stack, pushes[:BURST_PUSHES], pause_seconds=0)
        _, waits = _play(stack, pushes[BURST_PUSHES:], pause_seconds=1 / STEADY_RATE)
    steady = statistics.quantiles(waits, n=100)
    return {
        "backend": backend,
        "burst_pushes_per_second": round(BURST_PUSHES / burst_seconds, 1),
        "steady_offered_pushes_per_second": float(STEADY_RATE),
        "steady_push_to_commit_p50_ms": round(steady[49] * 1000, 1),
        "steady_push_to_commit_p95_ms": round(steady[94] * 1000, 1),
        "baseline_git_commits_per_second": round(_baseline(scratch / "baseline.git"), 1),
    }


def _play(
    stack: Stack, pushes: list[tuple[LocalRepository, LocalPush]], *, pause_seconds: float
) -> tuple[float, list[float]]:
    """Send the pushes; seconds until the last is committed, and per push from sending to commit."""
    started = time.monotonic()
    until = started + _LIMIT_SECONDS + len(pushes) * pause_seconds
    due = queue.SimpleQueue[tuple[float, LocalRepository, LocalPush]]()
    for number, (clone, push) in enumerate(pushes):
        due.put((started + number * pause_seconds, clone, push))
    landed: dict[str, float] = {}
    with _watching(stack, landed, until), ThreadPoolExecutor(CONNECTIONS) as senders:
        parts = [senders.submit(_send, stack, due) for _ in range(CONNECTIONS)]
        sent = {event_id: moment for part in parts for event_id, moment in part.result().items()}
        while not sent.keys() <= landed.keys():
            stack.check()
            if time.monotonic() > until:
                sys.exit(f"{len(sent.keys() - landed.keys())} pushes did not become knowledge")
            time.sleep(0.01)
    return max(landed[event] for event in sent) - started, [landed[event] - sent[event] for event in sent]


def _send(stack: Stack, due: queue.SimpleQueue[tuple[float, LocalRepository, LocalPush]]) -> dict[str, float]:
    """Send what is due over one connection; event id → when it was sent."""
    sent: dict[str, float] = {}
    sender = WebhookSender(port=stack.webhook_port, secret=stack.secret)
    while True:
        try:
            moment, clone, push = due.get_nowait()
        except queue.Empty:
            sender.close()
            return sent
        time.sleep(max(0.0, moment - time.monotonic()))
        started = time.monotonic()
        sent[sender.push(push_payload(clone, push))] = started


@contextmanager
def _watching(stack: Stack, landed: dict[str, float], until: float) -> Iterator[None]:
    """Note when each record's commit became the head, by looking every 50 ms."""
    done = threading.Event()
    store = stack.knowledge()
    revision = store.head()

    def watch() -> None:
        seen = revision
        while not done.wait(0.05) and time.monotonic() < until:
            head = store.head()
            moment = time.monotonic()
            if head != seen:
                landed.update({record.record_id: moment for record in records_between(store, seen, head)})
                seen = head

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        store.close()


def _interleaved(
    pushes: Mapping[LocalRepository, list[LocalPush]],
) -> list[tuple[LocalRepository, LocalPush]]:
    rounds = zip(*pushes.values(), strict=True)
    return [(clone, push) for one_each in rounds for clone, push in zip(pushes, one_each, strict=True)]


def _baseline(path: Path) -> float:
    """Commits per second of one record each, on the same store, with nothing else running."""
    create_git_store(path)
    store = open_git_store(path)
    head = store.head()
    started = time.monotonic()
    for number in range(BASELINE_COMMITS):
        changes = {f"history/local/1/{number}.jsonl": b"x" * 4000}
        head = store.commit(changes, message="baseline", expected_head=head)
    seconds = time.monotonic() - started
    store.close()
    return BASELINE_COMMITS / seconds


def _repository(path: Path, commits: int) -> Path:
    """A service whose client, manifest or notes change with each commit."""
    path.mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", path], check=True)
    stream = []
    for number in range(commits):
        files = {
            f"src/client{number % 8}.py": _client(number),
            "pyproject.toml": f'[project]\nname = "svc"\ndependencies = ["tenacity>={number % 9}"]\n',
        }
        stream.append(
            f"commit refs/heads/main\ncommitter Ada <ada@example.org> {1_767_225_600 + number} +0000\n"
        )
        stream.append("data 4\nstep\n")
        stream += [f"M 100644 inline {name}\ndata {len(text)}\n{text}\n" for name, text in files.items()]
    subprocess.run(["git", "-C", path, "fast-import", "--quiet"], input="".join(stream).encode(), check=True)
    return path


def _client(number: int) -> str:
    calls = "\n".join(f"def call_{k}():\n    return LIMIT + {k + number}\n" for k in range(20))
    return (
        f"import tenacity\n\nLIMIT = {number}\n\n@tenacity.retry(wait=tenacity.wait_exponential())\n{calls}"
    )


if __name__ == "__main__":
    main()
