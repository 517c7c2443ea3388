"""A bare git repository with one branch, as files with a past: what every git store is built on."""

import fcntl
import logging
import os
import shutil
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from devnexus.git import GitFailed, Missing, ObjectReader, run_git
from devnexus.knowledge.store import Damaged, Revision
from devnexus.timestamps import from_seconds

BRANCH = "refs/heads/main"
_UNFINISHED = "refs/unfinished/commit"
"""Where a commit stands between being made and becoming the head."""

_HONEST_LOCK_SECONDS = 2.0
_AUTHOR = "dev-nexus <dev-nexus@localhost>"
_WRITES_BETWEEN_CLEANINGS = 50
_LOG_PAGE = 64
_PATHS_AT_ONCE = 2000
_LITERALLY = ":(top,literal)"
"""Before a path: what follows is one, and no pattern."""

_log = logging.getLogger(__name__)


def initialise(path: Path) -> None:
    """Make a repository without any commit at `path`; raise GitFailed or OSError where that cannot be."""
    path.mkdir(exist_ok=True)
    run_git(path, "init", "--bare", "--quiet", "--initial-branch=main", ".")
    # By default git does not sync loose objects and refs to the disk; an acknowledged record must be there.
    run_git(path, "config", "core.fsync", "committed,loose-object,reference")
    run_git(path, "config", "core.fsyncMethod", "batch")


def place(path: Path, make: Callable[[Path], None]) -> None:
    """Let the folder that `make` makes appear at `path`, whole or not at all.

    Raises OSError where something other than an empty folder is there already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        make(unfinished)
        os.rename(unfinished, path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


class BareRepository:
    """Reads, and makes commits, in the bare repository at `path`, for many threads and processes at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._objects = ObjectReader(path)
        self._writes = 0

    def head(self) -> str:
        """The revision of the branch; raise GitFailed if there is none."""
        return self._objects.resolve(f"{BRANCH}^{{commit}}")

    def has(self, revision: str) -> bool:
        """Whether there is such a commit."""
        try:
            run_git(self.path, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        except GitFailed:
            return False
        return True

    def is_before(self, old: str, new: str) -> bool:
        """Whether `new` is `old` or was made on top of it; raise GitFailed if one of them is not there."""
        base = run_git(self.path, "rev-list", "--max-count=1", old, f"^{new}")
        return not base.strip()

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        """As promised by Store."""
        if not paths:
            return {}
        # `<revision>:<path>` would call a path missing when a tree cannot be read; ls-tree fails then.
        listing = "".join(
            _text(run_git(self.path, "ls-tree", "-r", "-z", at, "--", *(_LITERALLY + path for path in some)))
            for some in _in_lots(list(paths))
        )
        entries = [entry.split("\t", 1) for entry in dict.fromkeys(listing.split("\0")) if entry]
        wanted, folders = frozenset(paths), tuple(path for path in paths if path.endswith("/"))
        # The name of a folder, without a slash, is the name of no file.
        files = [(meta, path) for meta, path in entries if path in wanted or path.startswith(folders)]
        try:
            contents = self._objects.read([meta.split()[2] for meta, _ in files])
        except Missing as error:
            raise Damaged(f"the tree names an object that is not there: {error}") from error
        return {path: content for (_, path), content in zip(files, contents, strict=True)}

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """As promised by Store."""
        listing = run_git(self.path, "diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
        return tuple(sorted(path for path in _text(listing).split("\0") if path))

    def log(self, at: str, *, path: str | None = None) -> Iterator[Revision]:
        """As promised by Store."""
        only = [] if path is None else ["--", _LITERALLY + path]
        page = [f"--max-count={_LOG_PAGE}", "--first-parent"]
        start: str | None = at
        while start:
            ids = run_git(self.path, "rev-list", *page, start, *only).decode().split()
            start = None
            for revision in ids:
                entry = _revision(revision, self._objects.read([revision])[0])
                start = entry.parent
                yield entry

    def make_commit(
        self, changes: Mapping[str, bytes | None], *, message: str, parent: str | None, lock: int
    ) -> str:
        """Store a commit that is not on the branch yet and return its id; only by who is `alone`."""
        stream = _stream(_UNFINISHED, changes, message, parent)
        run_git(self.path, "fast-import", "--quiet", "--force", stdin=stream, inherit=[lock])
        return self._objects.resolve(_UNFINISHED)

    def move_branch(self, revision: str, *, expected: str, lock: int) -> None:
        """Let the branch point to `revision`; raise GitFailed unless it was at `expected`, empty for none."""
        run_git(self.path, "update-ref", BRANCH, revision, expected, inherit=[lock])

    @contextmanager
    def alone(self) -> Iterator[int]:
        """Let one process of this machine write at a time, and take away what a killed one left locked.

        git refuses a ref whose lock file is there, and a killed git leaves it there for good. Our lock
        is the kernel's and passes to the git we start, so while we hold it no git of ours is writing:
        a lock file that is not from this very moment belongs to the dead.
        """
        descriptor = os.open(self.path / "committing", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            for lock in (*self.path.glob("*.lock"), *self.path.joinpath("refs").rglob("*.lock")):
                _remove_if_abandoned(lock)
            yield descriptor
        finally:
            os.close(descriptor)

    def clean_now_and_then(self) -> None:
        """Pack what many writes left in pieces; to be called after each of them."""
        self._writes += 1
        if self._writes % _WRITES_BETWEEN_CLEANINGS:
            return
        try:
            # Each commit is a small pack: this puts together those that are not much smaller than their sum.
            run_git(self.path, "repack", "--geometric=2", "-d", "--quiet")
        except GitFailed as error:
            _log.warning("the knowledge base could not be packed: %s", error)

    def close(self) -> None:
        """End the git process that reads objects."""
        self._objects.close()


def _in_lots(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    """No more at a time than a command line holds."""
    for start in range(0, len(paths), _PATHS_AT_ONCE):
        yield paths[start : start + _PATHS_AT_ONCE]


def _text(listing: bytes) -> str:
    """Paths as text that leads back to the same bytes: somebody may commit one that is not UTF-8."""
    return listing.decode("utf-8", "surrogateescape")


def _revision(name: str, commit: bytes) -> Revision:
    """The commit object `commit`; see gitformat-signature(5) for the lines between that we skip."""
    header, _, message = commit.partition(b"\n\n")
    lines = header.split(b"\n")
    parents = [line[7:].decode() for line in lines if line.startswith(b"parent ")]
    try:
        committer = next(line for line in lines if line.startswith(b"committer "))
        at = from_seconds(committer.split()[-2].decode())
    except (StopIteration, IndexError, ValueError) as error:
        raise Damaged(f"commit {name} does not say when it was made") from error
    return Revision(name, parents[0] if parents else None, at, message.decode(errors="replace"))


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
            parts.append(b"D %s\n" % _quoted(path))
        else:
            parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (_quoted(path), len(content), content))
    return b"".join(parts)


def _quoted(path: str) -> bytes:
    name = path.encode("utf-8", "surrogateescape")
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
