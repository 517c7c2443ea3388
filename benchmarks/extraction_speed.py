"""How fast the extractor reads: many commits, a hostile line, a large tree; and whether it says the same.

    python benchmarks/extraction_speed.py --checkouts DIR [--json] [--commits 50]

`DIR` holds bare clones as `<owner>+<name>/repo`. Of each, so many commits without merges are taken from all
over its history. What git says of a commit is fetched first; measured is what the service then does with
it, on one core, from the push to the events that it would publish. The baseline is `git show` of the same
commits. A line of 5 MB is pushed, git included; the service does not read so large a file, so the same and
worse lines are also read as if there were no limit, below some lines of code. The tree is generated, and read
as the service does it, git included, in a process of its own; the baseline is `git archive` of it. Last,
the same commits are read in processes with two values of PYTHONHASHSEED.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from devnexus.events import CommitPushed, Event, SnapshotRequested
from devnexus.git import run_git
from devnexus.repository import Repository
from devnexus.values import canonical_json
from extractor.change import Change, ChangedFile, Source, Tree
from extractor.extract import on_commit_pushed, on_snapshot_requested
from extractor.local_git import LocalGit
from extractor.reading import Reader
from extractor.rule_set import load_rules

_COMMITS_READ_TWICE = 5
"""Of each repository, to compare the bytes."""

_TREE_FILES = 20_000
_LINE_BYTES = 5_000_000
_HEAD = "import tenacity\n" + "x = 1\n" * 2000  # long enough that nobody takes the file for a minified one
_PIECES = ("a", '"', "'\\", "/*", "#", 'password="', "token=a1", "://a:", "eyJ", "(", "import a,", "from a ")
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

Figures = dict[str, float]


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--checkouts", type=Path, required=True, help="holds <owner>+<name>/repo")
    parser.add_argument("--commits", type=int, default=50, help="of each repository")
    parser.add_argument("--only-digest", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    clones = {
        clone.parent.name.replace("+", "/"): clone for clone in sorted(options.checkouts.glob("*+*/repo"))
    }
    if options.only_digest:
        print(_digest(clones))
        return
    figures = measure(options.checkouts, clones, options.commits)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<48} {value:>12,.2f}")


def measure(checkouts: Path, clones: dict[str, Path], commits: int) -> Figures:
    """All figures of one run; names end in their unit."""
    figures = _commits(clones, commits)
    _tell("hostile lines")
    figures |= _hostile_lines()
    _tell("a tree")
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-", ignore_cleanup_errors=True) as scratch:
        figures |= _tree(Path(scratch) / "tree.git")
    _tell("two hash seeds")
    digests = {_digest_elsewhere(checkouts, seed) for seed in ("0", "4711")}
    figures["different_outputs_over_2_hash_seeds_count"] = len(digests)
    return {name: round(value, 3) for name, value in figures.items()}


class _Remembering:
    """A Source that asks another one only once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._changes: dict[tuple[str, str], Change] = {}
        self._contents: dict[str, bytes | None] = {}
        self._root_files: dict[tuple[str, ...], dict[str, bytes]] = {}

    def change(self, repository: Repository, *, before: str, after: str) -> Change:
        key = before, after
        if key not in self._changes:
            self._changes[key] = self._source.change(repository, before=before, after=after)
        return self._changes[key]

    def tree(self, repository: Repository, *, sha: str | None) -> Tree:
        return self._source.tree(repository, sha=sha)

    def contents(
        self, repository: Repository, object_ids: Sequence[str], *, max_bytes: int
    ) -> list[bytes | None]:
        unknown = [one for one in object_ids if one not in self._contents]
        found = self._source.contents(repository, unknown, max_bytes=max_bytes) if unknown else []
        self._contents.update(zip(unknown, found, strict=True))
        return [self._contents[one] for one in object_ids]

    def root_files(self, repository: Repository, *, sha: str, names: Sequence[str]) -> dict[str, bytes]:
        key = sha, *names
        if key not in self._root_files:
            self._root_files[key] = self._source.root_files(repository, sha=sha, names=names)
        return self._root_files[key]


class _Collected:
    """A Publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        self.events.extend(events)


def _commits(clones: dict[str, Path], count: int) -> Figures:
    reader, git = Reader(load_rules()), LocalGit(clones)
    seconds: list[float] = []
    shown: list[float] = []
    files = 0
    for name, clone in clones.items():
        _tell(name)
        for commit in _some_commits(clone, count):
            source, push = _Remembering(git), _push(name, commit)
            change = source.change(push.repository, before=push.before, after=push.after)
            _publish(push, source, reader)  # so that all is in hand
            files += len(change.files)
            seconds.append(_seconds(partial(_publish, push, source, reader)))
            shown.append(_seconds(partial(run_git, clone, "show", push.after)))
    git.close()
    return {
        "repositories_count": len(clones),
        "commits_count": len(seconds),
        "files_per_commit_mean_count": files / len(seconds),
        "median_commit_commits_per_second": 1 / statistics.median(seconds),
        "all_commits_commits_per_second": len(seconds) / sum(seconds),
        "commit_median_ms": statistics.median(seconds) * 1e3,
        "commit_p95_ms": statistics.quantiles(seconds, n=20)[-1] * 1e3,
        "commit_slowest_ms": max(seconds) * 1e3,
        "baseline_git_show_median_commits_per_second": 1 / statistics.median(shown),
        "baseline_git_show_all_commits_per_second": len(shown) / sum(shown),
    }


def _some_commits(clone: Path, count: int) -> Iterator[tuple[str, str]]:
    """Parent and commit, from all over the history."""
    options = ("--parents", "--no-merges", "--min-parents=1", "HEAD")
    listed = run_git(clone, "rev-list", *options).decode().splitlines()
    for line in listed[:: max(1, len(listed) // count)][:count]:
        sha, parent = line.split()
        yield parent, sha


def _push(name: str, commit: tuple[str, str]) -> CommitPushed:
    before, after = commit
    return CommitPushed(
        cause="live",
        repository=_repository(name),
        ref="refs/heads/main",
        before=before,
        after=after,
        pushed_at=_NOON,
    )


def _repository(name: str) -> Repository:
    return Repository(id=f"github.com/name:{name}", name=name, default_branch="main")


def _publish(push: CommitPushed, source: Source, reader: Reader) -> list[Event]:
    collected = _Collected()
    on_commit_pushed(push, source=source, reader=reader, publisher=collected)
    return collected.events


def _hostile_lines() -> Figures:
    reader = Reader(load_rules())
    milliseconds = {
        f"{path} {piece!r}": _seconds(partial(_read_one, reader, path, _hostile_text(piece))) * 1e3
        for piece in _PIECES
        for path in ("a.py", "a.ts", "a.yaml")
    }
    slowest = max(milliseconds, key=milliseconds.__getitem__)
    _tell(f"the slowest line: {slowest}")
    content = b"a" * _LINE_BYTES
    return {
        "hostile_line_5_mb_pushed_ms": _pushed_line(reader),
        "hostile_line_5_mb_without_limit_median_ms": statistics.median(milliseconds.values()),
        "hostile_line_5_mb_without_limit_slowest_ms": milliseconds[slowest],
        "baseline_sha256_of_5_mb_ms": _seconds(lambda: hashlib.sha256(content).digest()) * 1e3,
    }


def _hostile_text(piece: str) -> bytes:
    return (_HEAD + piece * (_LINE_BYTES // len(piece))).encode()


def _pushed_line(reader: Reader) -> float:
    """Milliseconds that a push takes which brings a file of one such line."""
    line = 'password="' * (_LINE_BYTES // 10)
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-", ignore_cleanup_errors=True) as scratch:
        path = Path(scratch) / "line.git"
        _import(path, [_commit({"a.py": "x = 1"}), _commit({"a.py": line})])
        ((before, after),) = _some_commits(path, 1)
        git = LocalGit({"acme/line": path})
        push = _push("acme/line", (before, after))
        seconds = _seconds(partial(_publish, push, git, reader))
        git.close()
    return seconds * 1e3


def _read_one(reader: Reader, path: str, content: bytes) -> None:
    file = ChangedFile(path, "modified", "a" * 40, 0o100644, (range(1, 5000),))
    reading = reader.read([file], contents=lambda _: [content], own_names=frozenset)
    assert reading.receipt.read == 1, reading.receipt


def _tree(path: Path) -> Figures:
    files = {f"service{number % 50}/part{number}.py": _module(number) for number in range(_TREE_FILES)}
    _import(path, [_commit(files)])
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        figures = pool.apply(_snapshot, (path,))
    figures["baseline_git_archive_seconds"] = _seconds(lambda: run_git(path, "archive", "main"))
    return figures


def _import(path: Path, commits: Iterable[bytes]) -> None:
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
    subprocess.run(["git", "-C", path, "fast-import", "--quiet"], input=b"".join(commits), check=True)


def _commit(files: Mapping[str, str]) -> bytes:
    """A commit of `files`, as `git fast-import` reads it."""
    pieces = ["commit refs/heads/main\ncommitter A <a@example.org> 1767268800 +0000\ndata 3\nall\n"]
    pieces += [f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in files.items()]
    return "".join(pieces).encode("ascii")


def _module(number: int) -> str:
    methods = "".join(
        f"\n    def step_{n}(self, value: int) -> int:\n        # one of many\n"
        f"        total = value * {number} + {n}\n        return self._kept.get(total, {n})\n"
        for n in range(20)
    )
    return (
        f'"""Part {number}."""\n\nimport httpx\nimport tenacity\n\n\n@tenacity.retry\n'
        f"def call_{number}(url):\n    return httpx.get(url)\n\n\n"
        f'class Part{number}:\n    """Keeps {number}."""\n{methods}'
    )


def _snapshot(path: Path) -> Figures:
    reader, git = Reader(load_rules()), LocalGit({"acme/tree": path})
    collected = _Collected()
    event = SnapshotRequested(cause="snapshot", repository=_repository("acme/tree"), asked_by="benchmark")
    before = _peak_mb()
    seconds = _seconds(lambda: on_snapshot_requested(event, source=git, reader=reader, publisher=collected))
    peak = _peak_mb()
    git.close()
    return {
        "tree_files_count": _TREE_FILES,
        "tree_seconds": seconds,
        "tree_files_per_second": _TREE_FILES / seconds,
        "tree_events_mb": sum(len(_bytes_of(one)) for one in collected.events) / 1e6,
        "tree_peak_memory_mb": peak,
        "tree_memory_before_mb": before,
    }


def _peak_mb() -> float:
    # not getrusage, which also counts what the process was before it became this program
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1e3


def _digest_elsewhere(checkouts: Path, seed: str) -> str:
    command = [sys.executable, __file__, "--checkouts", str(checkouts), "--only-digest"]
    variables = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, check=True, env=variables, stdout=subprocess.PIPE, text=True)
    return done.stdout


def _digest(clones: dict[str, Path]) -> str:
    """Of all bytes that some commits of each repository give."""
    reader, git = Reader(load_rules()), LocalGit(clones)
    digest = hashlib.sha256()
    for name, clone in clones.items():
        for commit in _some_commits(clone, _COMMITS_READ_TWICE):
            for event in _publish(_push(name, commit), git, reader):
                digest.update(_bytes_of(event))
    git.close()
    return digest.hexdigest()


def _bytes_of(event: Event) -> bytes:
    return canonical_json(event.payload())


def _seconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def _tell(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()
