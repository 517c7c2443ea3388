"""Repositories as clones below a folder: `<folder>/<owner>/<name>` or `<owner>/<name>.git`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from a2a_gateway.files.repository_files import (
    MOST_COMMITS,
    Commit,
    Commits,
    Contents,
    Listing,
    NoCommit,
    NoFiles,
    may_be_commit,
)
from a2a_gateway.files.tree import Entry, Tree, bounded, text_of
from devnexus.git import GitFailed, run_git
from devnexus.knowledge.projection import Projection
from devnexus.timestamps import from_seconds

_SECONDS = 60.0
_TREES_KEPT = 4
_SUBJECT_CHARACTERS = 300
_LOG = (
    *("log", "-z", "--no-merges", "--no-renames", "--diff-filter=d", "--name-only"),
    *("--no-color", "--no-ext-diff", "--no-textconv", "--format=%x01%H%x00%ct%x00%s"),
)
_COMMIT = re.compile(rb"(?:^|\0)\x01([0-9a-f]{40,64})\0([0-9]+)\0")


class LocalFiles:
    """RepositoryFiles on clones. git runs none of their hooks, filters or drivers."""

    def __init__(self, clones: Path) -> None:
        self._clones = clones
        self._tree = lru_cache(_TREES_KEPT)(_read_tree)

    def has(self, repository: Projection) -> bool:
        """Whether there is a clone of it."""
        return self._find(repository) is not None

    def head(self, repository: Projection) -> str:
        """As promised by RepositoryFiles."""
        clone = self._clone(repository)
        for name in (f"refs/heads/{repository.default_branch}", "HEAD"):
            if found := _commit_id(clone, name):
                return found
        raise NoFiles(f"{repository.repository_name} has no commits yet: push one")

    def listing(self, repository: Projection, sha: str) -> Listing:
        """As promised by RepositoryFiles."""
        return self._tree(self._clone(repository), sha).listing

    def read(self, repository: Projection, sha: str, paths: Sequence[str]) -> Contents:
        """As promised by RepositoryFiles."""
        clone = self._clone(repository)
        return self._tree(clone, sha).read(paths, lambda ids: _blobs(clone, ids))

    def commits(self, repository: Projection, sha: str, *, since: datetime, until: str | None) -> Commits:
        """As promised by RepositoryFiles."""
        clone = self._clone(repository)
        limits = [f"--max-count={MOST_COMMITS + 1}"]
        if until is None:
            span = [f"--since={since.timestamp():.0f}", sha]
        else:
            first = _commit_id(clone, until) if may_be_commit(until) else None
            if first is None:
                raise NoCommit(until)
            span = [sha, f"^{first}"]
        found = [*_commits(run_git(clone, *_LOG, *limits, *span, "--", timeout_seconds=_SECONDS))]
        return Commits(tuple(found[:MOST_COMMITS]), len(found) <= MOST_COMMITS)

    def _clone(self, repository: Projection) -> Path:
        found = self._find(repository)
        if found is None:
            raise NoFiles(
                f"there is no clone of {repository.repository_name} in REPOSITORIES_DIR:"
                " make one there, as <owner>/<name>"
            )
        return found

    def _find(self, repository: Projection) -> Path | None:
        name = repository.repository_name
        places = (self._clones / name, self._clones / f"{name}.git")
        return next((path for path in places if path.is_dir()), None)


def _commit_id(clone: Path, name: str) -> str | None:
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    try:
        return run_git(clone, *asked, timeout_seconds=_SECONDS).decode().strip()
    except GitFailed as error:
        if error.status != 1:
            raise
        return None


def _read_tree(clone: Path, sha: str) -> Tree:
    listed = run_git(clone, "ls-tree", "-r", "-z", "-l", "--full-tree", sha, timeout_seconds=_SECONDS)
    return bounded(_entries(listed))


def _entries(listed: bytes) -> Iterator[tuple[str, Entry]]:
    for row in listed.split(b"\0")[:-1]:
        about, _, path = row.partition(b"\t")
        mode, _, object_id, size = about.split()
        yield text_of(path), Entry(int(mode, 8), object_id.decode(), int(size) if size.isdigit() else 0)


def _blobs(clone: Path, object_ids: Sequence[str]) -> Mapping[str, bytes]:
    if not object_ids:
        return {}
    asked = "".join(f"{id_}\n" for id_ in object_ids).encode()
    printed = run_git(clone, "cat-file", "--batch", stdin=asked, timeout_seconds=_SECONDS)
    return dict(_batch(printed))


def _batch(printed: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(printed):
        end = printed.index(b"\n", at)
        header = printed[at:end].split()
        at = end + 1
        if len(header) == 3:
            size = int(header[2])
            yield header[0].decode(), printed[at : at + size]
            at += size + 1


def _commits(printed: bytes) -> Iterator[Commit]:
    found = [*_COMMIT.finditer(printed)]
    ends = [one.start() for one in found[1:]] + [len(printed)]
    for one, end in zip(found, ends, strict=True):
        subject, _, paths = printed[one.end() : end].partition(b"\0\n")
        yield Commit(
            sha=one[1].decode(),
            at=from_seconds(one[2].decode()),
            message=subject.decode(errors="replace")[:_SUBJECT_CHARACTERS],
            paths=tuple(text_of(path) for path in paths.split(b"\0") if path),
        )
