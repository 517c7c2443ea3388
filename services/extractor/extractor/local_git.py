"""Repositories as local clones: below a folder, as `<folder>/<owner>/<name>` or `….git`, or each anywhere."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from devnexus.errors import Unavailable
from devnexus.events.patterns_extracted import Commit
from devnexus.git import ObjectReader, run_git
from devnexus.git_names import is_no_commit
from devnexus.repository import Repository
from devnexus.timestamps import from_seconds
from extractor.change import Change, Tree
from extractor.git_output import parse_diff, parse_root_tree, parse_tree

_COMMITS_TOLD = 20
_SUBJECT_CHARACTERS = 10_000
_BODY_CHARACTERS = 5_000
_COMMIT_FORMAT = "--format=%m%x00%H%x00%an%x00%ct%x00%s%x00%b%x01"
_DIFF = (
    *("diff-tree", "-r", "-z", "--raw", "-p", "-U0", "-M", "--no-abbrev"),
    *("--no-color", "--no-ext-diff", "--no-textconv"),
)
_OPEN_READERS = 16


class LocalGit:
    """A Source on the clones below one folder, or on those that are named."""

    def __init__(self, clones: Path | Mapping[str, Path]) -> None:
        """`clones` is the folder, or says where the repository of a name is."""
        self._clones = clones
        self._lock = threading.Lock()
        self._readers: dict[Path, ObjectReader] = {}

    def change(self, repository: Repository, *, before: str, after: str) -> Change:
        """As promised by Source."""
        clone = self._clone(repository)
        reader = self._reader(clone)
        _require(reader, clone, after)
        if is_no_commit(before) or not reader.has(f"{before}^{{commit}}"):
            listed = [entry.commit for entry in _log(clone, after, limit=_COMMITS_TOLD)]
            count = int(run_git(clone, "rev-list", "--count", after))
            return Change(False, tuple(listed), count, ())
        entries = list(_log(clone, f"{before}...{after}"))
        new = [entry.commit for entry in entries if entry.side == ">"]
        commits, count = tuple(new[:_COMMITS_TOLD]), len(new)
        if len(new) < len(entries):
            return Change(False, commits, count, ())
        bodies = {entry.commit.sha: entry.body for entry in entries[:_COMMITS_TOLD] if entry.body}
        output = run_git(clone, *_DIFF, before, after, timeout_seconds=300)
        return Change(True, commits, count, tuple(parse_diff(output)), bodies)

    def tree(self, repository: Repository, *, sha: str | None) -> Tree:
        """As promised by Source."""
        clone = self._clone(repository)
        wanted = sha or f"refs/heads/{repository.default_branch}"
        _require(self._reader(clone), clone, wanted)
        newest = next(_log(clone, wanted, limit=1))
        listing = run_git(clone, "ls-tree", "-r", "-z", "--full-tree", newest.commit.sha, timeout_seconds=300)
        return Tree(newest.commit.sha, newest.committed_at, newest.commit, tuple(parse_tree(listing)))

    def contents(
        self, repository: Repository, object_ids: Sequence[str], *, at: str, max_bytes: int
    ) -> list[bytes | None]:
        """As promised by Source."""
        reader = self._reader(self._clone(repository))
        return [reader.read_up_to(object_id, max_bytes) for object_id in object_ids]

    def root_files(self, repository: Repository, *, sha: str, names: Sequence[str]) -> dict[str, bytes]:
        """As promised by Source."""
        reader = self._reader(self._clone(repository))
        (listing,) = reader.read([f"{sha}^{{tree}}"])
        entries = parse_root_tree(listing, digest_bytes=len(sha) // 2)
        wanted = {name: entries[name] for name in names if name in entries}
        return dict(zip(wanted, reader.read(wanted.values()), strict=True))

    def close(self) -> None:
        """End the git processes; a later read starts others."""
        with self._lock:
            while self._readers:
                self._readers.popitem()[1].close()

    def _clone(self, repository: Repository) -> Path:
        for path in self._places(repository.name):
            if path.is_dir():
                return path
        below = f" below {self._clones}" if isinstance(self._clones, Path) else ""
        raise Unavailable(f"there is no clone of {repository.name}{below}")

    def _places(self, name: str) -> tuple[Path, ...]:
        if isinstance(self._clones, Path):
            return self._clones / name, self._clones / f"{name}.git"
        return (self._clones[name],) if name in self._clones else ()

    def _reader(self, clone: Path) -> ObjectReader:
        with self._lock:
            reader = self._readers.pop(clone, None) or ObjectReader(clone)
            self._readers[clone] = reader  # the last used stands last
            if len(self._readers) > _OPEN_READERS:
                self._readers.pop(next(iter(self._readers))).close()
            return reader


def _require(reader: ObjectReader, clone: Path, commit: str) -> None:
    if not reader.has(f"{commit}^{{commit}}"):
        raise Unavailable(f"{commit} is not in {clone} (yet)")


@dataclass(frozen=True)
class _Logged:
    side: str
    """`<` or `>` of a range A...B."""
    commit: Commit
    committed_at: datetime
    body: str


def _log(clone: Path, span: str, *, limit: int | None = None) -> Iterator[_Logged]:
    most = [] if limit is None else [f"--max-count={limit}"]
    listing = run_git(clone, "log", "--left-right", *most, _COMMIT_FORMAT, span, "--")
    for entry in listing.decode(errors="replace").split("\x01\n"):
        if entry:
            side, sha, author, seconds, message, body = entry.split("\0", 5)
            commit = Commit(sha=sha, author=author, message=message[:_SUBJECT_CHARACTERS])
            yield _Logged(side, commit, from_seconds(seconds), body.strip()[:_BODY_CHARACTERS])
