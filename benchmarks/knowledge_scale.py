"""What a knowledge base of many repositories costs: to read at start, to follow, to write a push into.

    python benchmarks/knowledge_scale.py [--json] [--repositories 1000] [--pushes 100]

Builds a base in a bare repository here (batches of several hundred pushes, repository after repository),
then measures the first load of everything and the memory it takes (in a process of its own), the refresh
after one more commit, and, push by push, the bytes of the files that one commit writes: as they are, as
git keeps them until it packs, and what the folders that lead to them take. The baselines are the same
pages read by git alone, and `pages_mb`: what a system that keeps one file would write for each push.
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
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import psutil
from pushes import PushingRepository

from devnexus.alike.compared import compared
from devnexus.events import PatternsExtracted
from devnexus.knowledge.layout import HISTORY, PROJECTIONS
from devnexus.knowledge.stores.git_store import GitStore, create_git_store, open_git_store
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
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-", ignore_cleanup_errors=True) as scratch:
        figures = measure(Path(scratch) / "knowledge.git", options.repositories, options.pushes)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<44} {value:>12,.2f}")


def measure(path: Path, repositories: int, pushes: int) -> Figures:
    """All figures of one run; names end in their unit."""
    create_git_store(path)
    _git(path, "config", "gc.auto", "0")  # packed once, when it is built: so that runs can be compared
    figures: Figures = {"repositories_count": repositories, "pushes_per_repository_count": pushes}
    coming, figures["build_seconds"] = _build(path, repositories, pushes)
    figures["build_pushes_per_second"] = repositories * pushes / figures["build_seconds"]
    figures |= _sizes(path)
    _tell("reading everything")
    figures |= _elsewhere(_first_load, path)
    figures |= _elsewhere(_slim_view, path)
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
    written = 0
    started = time.monotonic()
    for batch in _batches(records):
        writer.group_commit(batch)
        written += len(batch)
        if written % (_BATCH * 20) == 0:
            _tell(f"{written:,} of {repositories * pushes:,} pushes, {time.monotonic() - started:.0f} s")
    store.close()
    return everyone, time.monotonic() - started


def _batches(records: Iterator[PatternsExtracted]) -> Iterator[list[PatternsExtracted]]:
    while batch := list(islice(records, _BATCH)):
        yield batch


def _sizes(path: Path) -> Figures:
    listing = _git(path, "ls-tree", "-r", "-l", "main").splitlines()
    sizes = {line.partition("\t")[2]: int(line.split()[3]) for line in listing}
    pages = [size for name, size in sizes.items() if name.startswith(PROJECTIONS)]
    _git(path, "gc", "--quiet")
    packed = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return {
        "files_count": len(sizes),
        "base_mb": sum(sizes.values()) / 1e6,
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


def _slim_view(path: Path) -> Figures:
    """The memory of a service that keeps of the pages what it compares."""
    store = open_git_store(path)
    process = psutil.Process()
    before = process.memory_info().rss
    views = Views(store, keep=compared)
    views.head()
    after = process.memory_info().rss
    store.close()
    return {"compared_view_memory_mb": (after - before) / 1e6}


def _git_reads_all_pages(path: Path) -> float:
    started = time.monotonic()
    subprocess.run(
        ["git", "-C", path, "archive", "--format=tar", "main", PROJECTIONS],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - started


@dataclass(frozen=True)
class _Written:
    """The bytes that one commit wrote."""

    history: int
    pages: int
    objects: int
    """The same files as git keeps them, compressed, before it packs them."""
    folders: int
    """What git keeps of the folders that lead to them, and of the commit."""


def _single_pushes(path: Path, repositories: list[PushingRepository]) -> Figures:
    """One push a commit, each of another repository; readers follow the first ones."""
    store = open_git_store(path)
    writer, views = Writer(store), Views(store)
    views.head()
    written: list[_Written] = []
    refreshes: list[float] = []
    commits: list[float] = []
    step = max(1, len(repositories) // _SINGLE_PUSHES)
    for repository in repositories[::step][:_SINGLE_PUSHES]:
        push = repository.push()
        before, started = store.head(), time.monotonic()
        writer.group_commit([push])
        commits.append(time.monotonic() - started)
        written.append(_written(path, store, before))
        if len(refreshes) < _REFRESHES:
            started = time.monotonic()
            views.head()
            refreshes.append(time.monotonic() - started)
    store.close()
    files = [one.history + one.pages for one in written]
    return {
        "refresh_after_one_commit_median_ms": statistics.median(refreshes) * 1e3,
        "refresh_after_one_commit_largest_ms": max(refreshes) * 1e3,
        "commit_one_push_median_ms": statistics.median(commits) * 1e3,
        "written_per_push_median_kb": statistics.median(files) / 1e3,
        "written_per_push_p95_kb": statistics.quantiles(files, n=20)[-1] / 1e3,
        "written_per_push_history_median_kb": statistics.median(one.history for one in written) / 1e3,
        "written_per_push_compressed_median_kb": statistics.median(one.objects for one in written) / 1e3,
        "written_per_push_folders_median_kb": statistics.median(one.folders for one in written) / 1e3,
    }


def _written(path: Path, store: GitStore, before: str) -> _Written:
    head = store.head()
    files = store.read(store.changed(before, head), at=head)
    objects = _git(path, "rev-list", "--objects", "--no-object-names", f"{before}..{head}")
    shape = "--batch-check=%(objecttype) %(objectsize:disk)"
    kept = [line.split() for line in _git(path, "cat-file", shape, stdin=objects).splitlines()]
    return _Written(
        history=sum(len(content) for name, content in files.items() if name.startswith(HISTORY)),
        pages=sum(len(content) for name, content in files.items() if name.startswith(PROJECTIONS)),
        objects=sum(int(size) for kind, size in kept if kind == "blob"),
        folders=sum(int(size) for kind, size in kept if kind != "blob"),
    )


def _git(path: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["git", "-C", path, *arguments], check=True, input=stdin, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _tell(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()
