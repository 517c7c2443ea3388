"""Repositories as local clones below one folder: `<folder>/<owner>/<name>` or `….git`."""

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from devnexus.errors import Unavailable
from devnexus.events.patterns_extracted import Commit
from devnexus.git import GitFailed, ObjectReader, run_git
from devnexus.git_names import is_no_commit
from devnexus.repository import Repository
from devnexus.timestamps import as_utc
from extractor.change import Change, Tree
from extractor.git_output import parse_diff, parse_root_tree, parse_tree

_COMMITS_TOLD = 20
_MESSAGE_CHARACTERS = 200
_COMMIT_FORMAT = "--format=%H%x00%an%x00%cI%x00%s%x01"
_OPEN_READERS = 16


class LocalGit:
    """A Source on the clones below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._readers: dict[Path, ObjectReader] = {}

    def change(self, repository: Repository, *, before: str, after: str) -> Change:
        """As promised by Source."""
        clone = self._clone(repository)
        self._require(clone, after)
        known = not is_no_commit(before) and _has_commit(clone, before)
        span = f"{before}..{after}" if known else after
        commits = tuple(commit for commit, _ in _log(clone, span))
        if not known:
            return Change(False, commits, _count(clone, after), ())
        gone, count = map(
            int, run_git(clone, "rev-list", "--count", "--left-right", f"{before}...{after}").split()
        )
        if gone:
            return Change(False, commits, count, ())
        diff = ("diff-tree", "-r", "-z", "--raw", "-p", "-U0", "-M", "--no-abbrev", "--no-color")
        output = run_git(clone, *diff, "--no-ext-diff", "--no-textconv", before, after, timeout_seconds=300)
        return Change(True, commits, count, tuple(parse_diff(output)))

    def tree(self, repository: Repository, *, sha: str | None) -> Tree:
        """As promised by Source."""
        clone = self._clone(repository)
        wanted = sha or f"refs/heads/{repository.default_branch}"
        self._require(clone, wanted)
        commit, committed_at = next(_log(clone, wanted))
        listing = run_git(clone, "ls-tree", "-r", "-z", "--full-tree", commit.sha, timeout_seconds=300)
        return Tree(commit.sha, committed_at, commit, tuple(parse_tree(listing)))

    def contents(
        self, repository: Repository, object_ids: Sequence[str], *, max_bytes: int
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

    def _clone(self, repository: Repository) -> Path:
        for path in (self._folder / repository.name, self._folder / f"{repository.name}.git"):
            if path.is_dir():
                return path
        raise Unavailable(f"there is no clone of {repository.name} below {self._folder}")

    def _require(self, clone: Path, commit: str) -> None:
        if not _has_commit(clone, commit):
            raise Unavailable(f"{commit} is not in {clone} (yet)")

    def _reader(self, clone: Path) -> ObjectReader:
        with self._lock:
            reader = self._readers.pop(clone, None) or ObjectReader(clone)
            self._readers[clone] = reader  # the last used stands last
            if len(self._readers) > _OPEN_READERS:
                self._readers.pop(next(iter(self._readers))).close()
            return reader


def _has_commit(clone: Path, commit: str) -> bool:
    # cat-file -e cannot tell a missing object from an unreadable repository, so ask for something
    # that must be there first.
    run_git(clone, "rev-parse", "--git-dir")
    try:
        run_git(clone, "cat-file", "-e", f"{commit}^{{commit}}")
    except GitFailed:
        return False
    return True


def _count(clone: Path, span: str) -> int:
    return int(run_git(clone, "rev-list", "--count", span))


def _log(clone: Path, span: str) -> Iterator[tuple[Commit, datetime]]:
    listing = run_git(clone, "log", f"--max-count={_COMMITS_TOLD}", _COMMIT_FORMAT, span, "--")
    for entry in listing.decode(errors="replace").split("\x01\n"):
        if entry:
            sha, author, committed_at, message = entry.split("\0", 3)
            yield (
                Commit(sha=sha, author=author, message=message[:_MESSAGE_CHARACTERS]),
                as_utc(datetime.fromisoformat(committed_at)),
            )
