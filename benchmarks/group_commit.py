"""How fast the writer turns pushes into commits: here, and within what GitHub allows.

    python benchmarks/group_commit.py [--json]

Here: pushes/s into a bare repository at 1, 10, 100 and 500 pushes a commit. They come in turn from 100
repositories, so that at 100 every push writes another page; 100 pushes of 10 and of one are beside it. The
baseline in the same run is what the original does: read one file that holds everything (600 pushes), change
it, write it again and commit it, for each push.

GitHub is a model with a simulated clock (benchmarks/github_model.py); the writer on it is the real one, with
its own loop, pauses and limits. Reported are the pushes/s that last (after hours of a load that never
ends), and how long a burst of 1,000 pushes over the same repositories waits. The baseline is one commit for
each push.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from github_model import GitHubModel, Played
from pushes import one_after_the_other

from devnexus.git import run_git
from devnexus.knowledge.stores.git_store import create_git_store, open_git_store
from kb_writer.group_commit import Writer
from kb_writer.main import BATCH

REPOSITORIES = 100
LOCAL = ((1, 100, 100), (10, 100, 500), (100, 100, 2000), (100, 10, 2000), (100, 1, 2000), (500, 100, 5000))
"""Pushes a commit, over how many repositories, pushes measured."""

BASELINE_PUSHES = 60

BURST_PUSHES = 1000
HOUR = 3600.0
FULL_LOAD_SECONDS = 1200.0

Figures = dict[str, float]


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-", ignore_cleanup_errors=True) as scratch:
        figures = {**local(Path(scratch)), **github()}
    figures = {name: round(value, 2) for name, value in figures.items()}
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<56} {value:>10,.2f}")


def local(scratch: Path) -> Figures:
    """Pushes a second into a bare repository on this machine."""
    figures: Figures = {}
    for size, repositories, count in LOCAL:
        name = f"batch_{size}_over_{repositories}_repositories"
        _tell(name)
        create_git_store(scratch / f"{name}.git")
        speed = _pushes_per_second(scratch / f"{name}.git", size, repositories, count)
        figures[f"{name}_pushes_per_second"] = speed
    _tell("one file for everything")
    create_git_store(scratch / "baseline.git")
    figures["baseline_one_file_pushes_per_second"] = _one_file(scratch / "baseline.git")
    return figures


def _pushes_per_second(path: Path, size: int, repositories: int, count: int) -> float:
    """With every repository known and in mind already."""
    pushes = one_after_the_other(repositories)
    store = open_git_store(path)
    writer = Writer(store)
    writer.group_commit(list(islice(pushes, repositories)))
    batches = [list(islice(pushes, size)) for _ in range(count // size)]
    started = time.monotonic()
    for batch in batches:
        writer.group_commit(batch)
    seconds = time.monotonic() - started
    store.close()
    return size * len(batches) / seconds


def _one_file(path: Path) -> float:
    """The original's way: `knowledge_base.json` is read, changed, written and committed for each push."""
    store = open_git_store(path)
    pushes = one_after_the_other(REPOSITORIES)
    name = "knowledge_base.json"
    base: dict[str, list[object]] = {}
    for push in islice(pushes, BASELINE_PUSHES * 10):
        base.setdefault(push.repository.name, []).append(push.payload())
    head = store.commit({name: _pretty(base)}, message="before", expected_head=store.head())
    coming = list(islice(pushes, BASELINE_PUSHES))
    started = time.monotonic()
    for push in coming:
        base = json.loads(run_git(path, "cat-file", "blob", f"{head}:{name}"))
        base.setdefault(push.repository.name, []).append(push.payload())
        head = store.commit({name: _pretty(base)}, message=push.id, expected_head=head)
    seconds = time.monotonic() - started
    store.close()
    return len(coming) / seconds


def _pretty(base: object) -> bytes:
    return json.dumps(base, indent=2).encode()


def github() -> Figures:
    """What the writer makes of GitHub's allowances."""
    _tell("GitHub: more pushes than it takes")
    many, few = _under_full_load(batch=BATCH), _under_full_load(batch=1)
    _tell("GitHub: a burst")
    burst = _burst()
    lags = sorted(burst.landed_after_seconds.values())
    hour = HOUR / FULL_LOAD_SECONDS
    return {
        "github_sustained_pushes_per_second": len(many.landed_after_seconds) / FULL_LOAD_SECONDS,
        "github_sustained_commits_per_hour": many.commits * hour,
        "github_sustained_content_requests_per_hour": many.content_requests * hour,
        "github_baseline_one_push_a_commit_pushes_per_second": (
            len(few.landed_after_seconds) / FULL_LOAD_SECONDS
        ),
        "github_burst_of_1000_median_lag_seconds": statistics.median(lags),
        "github_burst_of_1000_last_lag_seconds": lags[-1],
        "github_burst_of_1000_commits": burst.commits,
    }


def _under_full_load(*, batch: int) -> Played:
    """Some minutes after hours in which there always was more to do than is allowed."""
    model = GitHubModel()
    model.settle(2 * HOUR)
    return model.play(one_after_the_other(REPOSITORIES), seconds=FULL_LOAD_SECONDS, batch=batch)


def _burst() -> Played:
    """On a base that knows the repositories, after quiet hours."""
    pushes = one_after_the_other(REPOSITORIES)
    model = GitHubModel()
    model.play(islice(pushes, REPOSITORIES), seconds=HOUR)
    model.clock.now += 2 * HOUR
    burst = model.play(islice(pushes, BURST_PUSHES), seconds=2 * HOUR)
    assert len(burst.landed_after_seconds) == BURST_PUSHES
    return burst


def _tell(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()
