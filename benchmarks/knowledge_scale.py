"""What a knowledge base of many repositories costs: to read at start, to follow, to write a push into.

    python benchmarks/knowledge_scale.py [--json] [--repositories 1000] [--pushes 100]

Builds a base in a bare repository here (batches of several hundred pushes, repository after repository),
then measures in processes of their own: the first load of everything and the memory it takes, the refresh
after one more commit, and, push by push, the bytes of the files that one commit writes. The baselines are
the same reads by git alone (every page to stdout, without parsing), and the size of the whole base, which
is what a system that keeps one file writes for each push.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import psutil
from pushes import PushingRepository

from devnexus.events import PatternsExtracted
from devnexus.knowledge.git_store import GitStore, create_git_store, open_git_store
from devnexus.knowledge.layout import HISTORY, PROJECTIONS
from devnexus.knowledge.view import Views
from kb_writer.group_commit import Writer

_BATCH = 500
_SINGLE_PUSHES = 200
_REFRESHES = 20

Figures = dict[str, float]


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--pushes", type=int, default=100, help="of each repository")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-") as scratch:
        figures = measure(Path(scratch) / "knowledge.git", options.repositories, options.pushes)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<44} {value:>12,.1f}")


def measure(path: Path, repositories: int, pushes: int) -> Figures:
    """All figures of one run; names end in their unit."""
    create_git_store(path)
    figures: Figures = {"repositories_count": repositories, "pushes_per_repository_count": pushes}
    coming, figures["build_seconds"] = _build(path, repositories, pushes)
    figures["build_pushes_per_second"] = repositories * pushes / figures["build_seconds"]
    figures |= _sizes(path)
    _tell("reading everything")
    figures |= _elsewhere(_first_load, path)
    figures["baseline_git_reads_all_pages_seconds"] = _git_reads_all_pages(path)
    _tell("push by push")
    figures |= _single_pushes(path, coming)
    return {name: round(value, 2) for name, value in figures.items()}


def _build(path: Path, repositories: int, pushes: int) -> tuple[list[PushingRepository], float]:
    """The repositories, whose next pushes are not in the base, and the seconds that building took."""
    everyone = [PushingRepository(number) for number in range(1, repositories + 1)]
    records = (record for one in everyone for record in islice(one.pushes(), pushes))
    store = open_git_store(path)
    writer = Writer(store)
    making, written = 0.0, 0
    started = time.monotonic()
    for batch in _batches(records):
        writer.group_commit(batch)
        written += len(batch)
        if written % (_BATCH * 20) == 0:
            _tell(f"{written:,} of {repositories * pushes:,} pushes, {time.monotonic() - started:.0f} s")
    store.close()
    return everyone, time.monotonic() - started - making


def _batches(records: Iterator[PatternsExtracted]) -> Iterator[list[PatternsExtracted]]:
    while batch := list(islice(records, _BATCH)):
        yield batch


def _sizes(path: Path) -> Figures:
    store = open_git_store(path)
    files = store.read([HISTORY, PROJECTIONS], at=store.head())
    store.close()
    pages = [len(content) for name, content in files.items() if name.startswith(PROJECTIONS)]
    _git(path, "gc", "--quiet")
    packed = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return {
        "files_count": len(files),
        "base_mb": sum(map(len, files.values())) / 1e6,
        "pages_mb": sum(pages) / 1e6,
        "page_median_kb": statistics.median(pages) / 1e3,
        "page_largest_kb": max(pages) / 1e3,
        "packed_repository_mb": packed / 1e6,
    }


def _elsewhere(function: Callable[[Path], Figures], path: Path) -> Figures:
    """What `function` measures in a process that has done nothing else."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, (path,))


def _first_load(path: Path) -> Figures:
    store = open_git_store(path)
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.monotonic()
    views = Views(store)
    view = views.head()
    seconds = time.monotonic() - started
    after = process.memory_info().rss
    store.close()
    return {
        "first_load_seconds": seconds,
        "first_load_pages_count": len(view.pages),
        "view_memory_mb": (after - before) / 1e6,
        "reader_peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def _git_reads_all_pages(path: Path) -> float:
    started = time.monotonic()
    subprocess.run(
        ["git", "-C", path, "archive", "--format=tar", "main", PROJECTIONS],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - started


def _single_pushes(path: Path, repositories: list[PushingRepository]) -> Figures:
    """One push a commit, each of another repository; readers follow the first ones."""
    store = open_git_store(path)
    writer, views = Writer(store), Views(store)
    views.head()
    written: list[int] = []
    histories: list[int] = []
    refreshes: list[float] = []
    commits: list[float] = []
    step = max(1, len(repositories) // _SINGLE_PUSHES)
    for repository in repositories[::step][:_SINGLE_PUSHES]:
        push = repository.push()
        before, started = store.head(), time.monotonic()
        writer.group_commit([push])
        commits.append(time.monotonic() - started)
        sizes = _changed_sizes(store, before)
        written.append(sum(sizes.values()))
        histories.append(sum(size for name, size in sizes.items() if name.startswith(HISTORY)))
        if len(refreshes) < _REFRESHES:
            started = time.monotonic()
            views.head()
            refreshes.append(time.monotonic() - started)
    store.close()
    return {
        "refresh_after_one_commit_median_ms": statistics.median(refreshes) * 1e3,
        "refresh_after_one_commit_largest_ms": max(refreshes) * 1e3,
        "commit_one_push_median_ms": statistics.median(commits) * 1e3,
        "written_per_push_median_kb": statistics.median(written) / 1e3,
        "written_per_push_p95_kb": statistics.quantiles(written, n=20)[-1] / 1e3,
        "written_per_push_history_median_kb": statistics.median(histories) / 1e3,
    }


def _changed_sizes(store: GitStore, before: str) -> dict[str, int]:
    head = store.head()
    files = store.read(store.changed(before, head), at=head)
    return {name: len(content) for name, content in files.items()}


def _git(path: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", path, *arguments], check=True)


def _tell(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()
