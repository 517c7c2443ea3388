"""The knowledge base in a bare git repository on this machine."""

import fcntl
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devnexus.errors import ConfigurationError
from devnexus.git import GitFailed, ObjectReader, run_git
from devnexus.knowledge.layout import METADATA, METADATA_PATH, README, README_PATH
from devnexus.knowledge.store import Conflict

BRANCH = "refs/heads/main"
_UNFINISHED = "refs/unfinished/commit"
"""Where a commit stands between being made and becoming the head."""

_HONEST_LOCK_SECONDS = 2.0
_AUTHOR = "dev-nexus <dev-nexus@localhost>"
_COMMITS_BETWEEN_CLEANINGS = 200


def create_git_store(path: Path) -> None:
    """Make an empty knowledge base at `path`, whole or not at all; what is there already stays.

    Creating is an act of its own: a service that finds no base must not start an empty one, since a
    volume that failed to mount looks just like that.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        _initialise(unfinished)
        os.rename(unfinished, path)
    except OSError:
        if not path.exists():
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def open_git_store(path: Path) -> "GitStore":
    """The knowledge base at `path`; raise ConfigurationError if there is none."""
    try:
        store = GitStore(path)
        store.head()
    except GitFailed as error:
        raise ConfigurationError(
            f"{path} holds no knowledge base ({error}). Create one: devnexus kb init {path}"
        ) from error
    return store


def _initialise(path: Path) -> None:
    path.mkdir()
    run_git(path, "init", "--bare", "--quiet", "--initial-branch=main", ".")
    # By default git does not sync loose objects and refs to the disk; an acknowledged record must be there.
    run_git(path, "config", "core.fsync", "committed,loose-object,reference")
    run_git(path, "config", "core.fsyncMethod", "batch")
    files = {README_PATH: README.encode(), METADATA_PATH: METADATA}
    run_git(path, "fast-import", "--quiet", stdin=_stream(BRANCH, files, "Create the knowledge base", None))


class GitStore:
    """A Store on the branch main of a bare git repository."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._objects = ObjectReader(path)
        self._commits = 0

    def head(self) -> str:
        """As promised by Store."""
        return run_git(self._path, "rev-parse", "--verify", f"{BRANCH}^{{commit}}").decode().strip()

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        """As promised by Store."""
        if not paths:
            return {}
        # `<revision>:<path>` would call a path missing when a tree cannot be read; ls-tree fails then.
        listing = run_git(self._path, "ls-tree", "-r", "-z", "--full-tree", at, "--", *paths)
        entries = [entry.split("\t", 1) for entry in listing.decode().split("\0") if entry]
        contents = self._objects.read(meta.split()[2] for meta, _ in entries)
        return {path: content for (_, path), content in zip(entries, contents, strict=True)}

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """As promised by Store."""
        listing = run_git(self._path, "diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
        return tuple(sorted(path for path in listing.decode().split("\0") if path))

    def parent(self, revision: str) -> str | None:
        """As promised by Store."""
        parents = run_git(self._path, "rev-list", "--parents", "--max-count=1", revision).decode().split()
        return parents[1] if len(parents) > 1 else None

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        """As promised by Store."""
        with self._alone() as lock:
            stream = _stream(_UNFINISHED, changes, message, expected_head)
            run_git(self._path, "fast-import", "--quiet", "--force", stdin=stream, inherit=[lock])
            revision = run_git(self._path, "rev-parse", "--verify", _UNFINISHED).decode().strip()
            try:
                run_git(self._path, "update-ref", BRANCH, revision, expected_head, inherit=[lock])
            except GitFailed as error:
                if self.head() == expected_head:
                    raise
                raise Conflict(f"{BRANCH} is no longer at {expected_head}") from error
        self._clean_now_and_then()
        return revision

    def revisions_with(self, text: str, path: str) -> tuple[str, ...]:
        """As promised by Store."""
        found = run_git(self._path, "log", "--format=%H", "--reverse", f"-S{text}", BRANCH, "--", path)
        return tuple(found.decode().split())

    def close(self) -> None:
        """End the git process that reads objects."""
        self._objects.close()

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Let one process of this machine commit at a time, and take away what a killed one left locked.

        git refuses a ref whose lock file is there, and a killed git leaves it there for good. Our lock
        is the kernel's and passes to the git we start, so while we hold it no git of ours is running:
        a lock file that is not from this very moment belongs to the dead.
        """
        descriptor = os.open(self._path / "committing", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            for lock in (*self._path.glob("*.lock"), *self._path.joinpath("refs").rglob("*.lock")):
                _remove_if_abandoned(lock)
            yield descriptor
        finally:
            os.close(descriptor)

    def _clean_now_and_then(self) -> None:
        self._commits += 1
        if self._commits % _COMMITS_BETWEEN_CLEANINGS == 0:
            # Detaches by itself; does nothing until there are thousands of loose objects.
            subprocess.run(["git", "-C", self._path, "gc", "--auto", "--quiet"], check=False)


def _remove_if_abandoned(lock: Path) -> None:
    """Remove git's lock file once it is older than any honest one: those live for milliseconds."""
    try:
        while time.time() - lock.stat().st_mtime < _HONEST_LOCK_SECONDS:
            time.sleep(0.05)
        lock.unlink()
    except FileNotFoundError:
        return


def _stream(ref: str, changes: Mapping[str, bytes | None], message: str, parent: str | None) -> bytes:
    """A git-fast-import(1) stream with one commit."""
    text = message.encode()
    parts = [
        f"commit {ref}\ncommitter {_AUTHOR} {int(time.time())} +0000\ndata {len(text)}\n".encode(),
        text + b"\n",
    ]
    if parent:
        parts.append(f"from {parent}\n".encode())
    for path, content in sorted(changes.items()):
        if content is None:
            parts.append(f"D {path}\n".encode())
        else:
            parts.append(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")
    return b"".join(parts)
