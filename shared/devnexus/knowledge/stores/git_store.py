"""The knowledge base in a bare git repository on this machine."""

import errno
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from devnexus.errors import ConfigurationError
from devnexus.git import GitFailed
from devnexus.knowledge.layout import METADATA, METADATA_PATH, README, README_PATH
from devnexus.knowledge.store import NO_LIMITS, CommitLimits, Conflict, Damaged, Revision, Store
from devnexus.knowledge.stores.bare_repository import BRANCH, BareRepository, initialise, place

FIRST_FILES: Mapping[str, bytes] = {README_PATH: README.encode(), METADATA_PATH: METADATA}
FIRST_MESSAGE = "Create the knowledge base"


def create_git_store(path: Path) -> None:
    """Make an empty knowledge base at `path`; one that is there already stays as it is.

    Creating is an act of its own: a service that finds no base must not start an empty one, since a
    volume that failed to mount looks just like that. Raises ConfigurationError where `path` holds
    something else.
    """
    if path.is_dir() and any(path.iterdir()):
        try:
            open_git_store(path).close()
        except ConfigurationError as error:
            raise ConfigurationError(
                f"{path} is not empty and holds no knowledge base: give another path"
            ) from error
        return
    try:
        place(path, _create)
    except OSError as error:
        if error.errno == errno.EBUSY:  # a volume is mounted right there, empty
            _create(path)
        else:
            open_git_store(path).close()  # another was faster


def open_git_store(path: Path) -> "GitStore":
    """The knowledge base at `path`; raise ConfigurationError if there is none."""
    if not path.is_dir():
        raise ConfigurationError(f"there is no folder {path}. Create a base: devnexus kb init {path}")
    store = GitStore(path)
    try:
        known = holds_knowledge(store, at=store.head())
    except (GitFailed, Damaged, OSError) as error:
        store.close()
        raise ConfigurationError(
            f"{path} holds no knowledge base ({error}). Create one: devnexus kb init {path}"
        ) from error
    if not known:
        store.close()
        raise ConfigurationError(
            f"{path} holds no knowledge base but another repository, or one whose {METADATA_PATH} somebody "
            f"broke or removed: git -C {path} log -p main -- {METADATA_PATH}. "
            "Give another path, or get that file back"
        )
    return store


def holds_knowledge(store: Store, *, at: str) -> bool:
    """Whether revision `at` is one of a knowledge base, and not of some other repository."""
    try:
        metadata = json.loads(store.read([METADATA_PATH], at=at).get(METADATA_PATH, b""))
    except ValueError:
        return False
    return isinstance(metadata, dict) and "schema_version" in metadata


def _create(path: Path) -> None:
    initialise(path)
    repository = BareRepository(path)
    with repository.alone() as lock:
        first = repository.make_commit(FIRST_FILES, message=FIRST_MESSAGE, parent=None, lock=lock)
        repository.move_branch(first, expected="", lock=lock)


class GitStore:
    """A Store on the branch main of a bare git repository."""

    limits: CommitLimits = NO_LIMITS

    def __init__(self, path: Path) -> None:
        self._path = path
        self._repository = BareRepository(path)

    def head(self) -> str:
        """As promised by Store."""
        return self._repository.head()

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        """As promised by Store."""
        return self._repository.read(paths, at=at)

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """As promised by Store."""
        return self._repository.changed(old, new)

    def log(self, at: str, *, path: str | None = None) -> Iterator[Revision]:
        """As promised by Store."""
        return self._repository.log(at, path=path)

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        """As promised by Store."""
        repository = self._repository
        if (self._path / ".git").exists():  # its index would undo this commit with the next one made there
            raise ConfigurationError(
                f"{self._path} is a working copy and is only read: give the bare repository that it is of"
            )
        try:
            with repository.alone() as lock:
                self._require(expected_head)
                revision = repository.make_commit(changes, message=message, parent=expected_head, lock=lock)
                self._swap(revision, expected_head, lock)
        except OSError as error:
            raise GitFailed(f"cannot commit to {self._path}: {error}") from error
        repository.clean_now_and_then()
        return revision

    def pause_seconds(self) -> float:
        """As promised by Store."""
        return 0.0

    def usage(self) -> dict[str, int]:
        """As promised by Store."""
        return {}

    def close(self) -> None:
        """As promised by Store."""
        self._repository.close()

    def _require(self, expected_head: str) -> None:
        if self.head() != expected_head:
            raise Conflict(f"{BRANCH} is no longer at {expected_head}")

    def _swap(self, revision: str, expected_head: str, lock: int) -> None:
        try:
            self._repository.move_branch(revision, expected=expected_head, lock=lock)
        except GitFailed:
            self._require(expected_head)  # somebody pushed, who knows nothing of our lock
            raise
