"""The knowledge base in a bare git repository on this machine."""

import errno
import fcntl
import logging
import os
import shutil
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devnexus.errors import ConfigurationError
from devnexus.git import GitFailed, Missing, ObjectReader, run_git
from devnexus.knowledge.layout import METADATA, METADATA_PATH, README, README_PATH
from devnexus.knowledge.store import Conflict, Damaged

BRANCH = "refs/heads/main"
_UNFINISHED = "refs/unfinished/commit"
"""Where a commit stands between being made and becoming the head."""

_ANNOUNCED = "refs/announced"
"""The last revision that the others were told of."""

_HONEST_LOCK_SECONDS = 2.0
_AUTHOR = "dev-nexus <dev-nexus@localhost>"
_COMMITS_BETWEEN_CLEANINGS = 200

_log = logging.getLogger(__name__)


def create_git_store(path: Path) -> None:
    """Make an empty knowledge base at `path`; one that is there already stays as it is.

    Creating is an act of its own: a service that finds no base must not start an empty one, since a
    volume that failed to mount looks just like that. Raises ConfigurationError where `path` holds
    something else.
    """
    if path.is_dir() and any(path.iterdir()):
        open_git_store(path).close()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        _initialise(unfinished)
        os.rename(unfinished, path)  # whole or not at all: replaces nothing but an empty folder
    except OSError as error:
        if error.errno == errno.EBUSY:  # a volume is mounted right there, empty
            _initialise(path)
        else:
            open_git_store(path).close()  # another was faster
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def open_git_store(path: Path) -> "GitStore":
    """The knowledge base at `path`; raise ConfigurationError if there is none."""
    store = GitStore(path)
    try:
        store.head()
    except (GitFailed, OSError) as error:
        raise ConfigurationError(
            f"{path} holds no knowledge base ({error}). Create one: devnexus kb init {path}"
        ) from error
    return store


def _initialise(path: Path) -> None:
    path.mkdir(exist_ok=True)
    run_git(path, "init", "--bare", "--quiet", "--initial-branch=main", ".")
    # By default git does not sync loose objects and refs to the disk; an acknowledged record must be there.
    run_git(path, "config", "core.fsync", "committed,loose-object,reference")
    run_git(path, "config", "core.fsyncMethod", "batch")
    files = {README_PATH: README.encode(), METADATA_PATH: METADATA}
    run_git(path, "fast-import", "--quiet", stdin=_stream(BRANCH, files, "Create the knowledge base", None))
    run_git(path, "update-ref", _ANNOUNCED, BRANCH)


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
        entries = [entry.split("\t", 1) for entry in _text(listing).split("\0") if entry]
        try:
            contents = self._objects.read([meta.split()[2] for meta, _ in entries])
        except Missing as error:
            raise Damaged(f"the tree names an object that is not there: {error}") from error
        return {path: content for (_, path), content in zip(entries, contents, strict=True)}

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """As promised by Store."""
        listing = run_git(self._path, "diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
        return tuple(sorted(path for path in _text(listing).split("\0") if path))

    def parent(self, revision: str) -> str | None:
        """As promised by Store."""
        parents = run_git(self._path, "rev-list", "--parents", "--max-count=1", revision).decode().split()
        return parents[1] if len(parents) > 1 else None

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        """As promised by Store."""
        try:
            with self._alone() as lock:
                revision = self._swap(
                    _stream(_UNFINISHED, changes, message, expected_head), expected_head, lock
                )
        except OSError as error:
            raise GitFailed(f"cannot commit to {self._path}: {error}") from error
        self._clean_now_and_then()
        return revision

    def unannounced(self) -> tuple[str, ...]:
        """As promised by Store."""
        found = run_git(self._path, "rev-list", "--reverse", "--first-parent", BRANCH, f"^{_ANNOUNCED}")
        return tuple(found.decode().split())

    def mark_announced(self, revision: str) -> None:
        """As promised by Store."""
        try:
            with self._alone() as lock:
                run_git(self._path, "update-ref", _ANNOUNCED, revision, inherit=[lock])
        except OSError as error:
            raise GitFailed(f"cannot note an announcement in {self._path}: {error}") from error

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

    def _swap(self, stream: bytes, expected_head: str, lock: int) -> str:
        run_git(self._path, "fast-import", "--quiet", "--force", stdin=stream, inherit=[lock])
        revision = run_git(self._path, "rev-parse", "--verify", _UNFINISHED).decode().strip()
        try:
            run_git(self._path, "update-ref", BRANCH, revision, expected_head, inherit=[lock])
        except GitFailed as error:
            if self.head() == expected_head:
                raise
            raise Conflict(f"{BRANCH} is no longer at {expected_head}") from error
        return revision

    def _clean_now_and_then(self) -> None:
        self._commits += 1
        if self._commits % _COMMITS_BETWEEN_CLEANINGS:
            return
        try:
            # Detaches by itself; does nothing until there are thousands of loose objects.
            run_git(self._path, "gc", "--auto", "--quiet")
        except GitFailed as error:
            _log.warning("the knowledge base could not be packed: %s", error)


def _text(listing: bytes) -> str:
    """Paths as text that leads back to the same bytes: somebody may commit one that is not UTF-8."""
    return listing.decode("utf-8", "surrogateescape")


def _remove_if_abandoned(lock: Path) -> None:
    """Remove git's lock file if it outlives any honest one: those live for milliseconds."""
    until = time.monotonic() + _HONEST_LOCK_SECONDS
    try:
        while time.time() - lock.stat().st_mtime < _HONEST_LOCK_SECONDS and time.monotonic() < until:
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
