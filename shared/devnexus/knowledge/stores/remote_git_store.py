"""The knowledge base in a git repository elsewhere: read from a copy on this machine, written by push."""

import errno
import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TypeVar

from devnexus.errors import ConfigurationError
from devnexus.git import GitFailed
from devnexus.knowledge.store import NO_LIMITS, CommitLimits, Conflict, Damaged, Revision
from devnexus.knowledge.stores.bare_repository import BRANCH, BareRepository, initialise, place
from devnexus.knowledge.stores.cache_folder import cache_folder
from devnexus.knowledge.stores.git_remote import GitRemote
from devnexus.knowledge.stores.git_store import FIRST_FILES, FIRST_MESSAGE, holds_knowledge

_LOOK_AGAIN_SECONDS = 1.0
"""A push whose answer got lost may still be under way when we look for it."""

T = TypeVar("T")


def open_remote_git_store(url: str, environment: Mapping[str, str]) -> "RemoteGitStore":
    """The knowledge base at `url`; raise ConfigurationError, with the remedy, where it cannot be read."""
    store = RemoteGitStore(url, environment)
    try:
        if not holds_knowledge(store, at=store.head()):
            raise ConfigurationError(
                f"main of {url} is no knowledge base, it has no metadata.json with a schema_version: "
                f"give another address, or an empty repository to devnexus kb init"
            )
    except (GitFailed, Damaged) as error:
        store.close()
        raise ConfigurationError(str(error)) from error
    except ConfigurationError:
        store.close()
        raise
    return store


def create_remote_git_store(url: str, environment: Mapping[str, str]) -> None:
    """Make a knowledge base in the empty repository at `url`; one that is there already stays as it is.

    Raises ConfigurationError where something else is there, or the repository itself is not.
    """
    store = RemoteGitStore(url, environment)
    try:
        created = store.begin()
    except GitFailed as error:
        raise ConfigurationError(str(error)) from error
    finally:
        store.close()
    if not created:
        open_remote_git_store(url, environment).close()


class RemoteGitStore:
    """A Store on the branch main of the git repository at `url`.

    Its copy of it lies in a folder that all processes of this user and machine share, and that may be
    deleted at any time.
    """

    limits: CommitLimits = NO_LIMITS

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        folder = cache_folder(environment)
        self._remote = GitRemote(url, environment, folder=folder)
        self._copy = BareRepository(folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.git")

    def head(self) -> str:
        """As promised by Store."""
        self._make_copy_if_missing()
        head = self._remote.head(self._copy.path)
        if head is None:
            raise GitFailed(f"{self._remote.url} has no branch main: devnexus kb init {self._remote.url}")
        if self._copied() == head:
            return head
        return self._fetch(head)

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        """As promised by Store."""
        return self._from_copy(lambda: self._copy.read(paths, at=at), at)

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """As promised by Store."""
        return self._from_copy(lambda: self._copy.changed(old, new), old, new)

    def log(self, at: str, *, path: str | None = None) -> Iterator[Revision]:
        """As promised by Store."""
        self._from_copy(lambda: next(self._copy.log(at)), at)
        return self._copy.log(at, path=path)

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        """As promised by Store."""
        if not self._copy.has(expected_head):
            self._fetch(self.head())
        revision, failure = self._push(changes, message, expected_head)
        if failure:
            self._find_out(revision, expected_head, failure)
        self._copy.clean_now_and_then()
        return revision

    def begin(self) -> bool:
        """Push the first commit if the repository is empty, and say whether it was.

        Raises ConfigurationError where there are branches but no main, GitFailed where it cannot be done.
        """
        self._make_copy_if_missing()
        heads = self._remote.heads(self._copy.path)
        if BRANCH in heads:
            return False
        if heads:
            raise ConfigurationError(
                f"{self._remote.url} has no branch main but others ({', '.join(sorted(heads))}): "
                "give the address of an empty repository"
            )
        _, failure = self._push(FIRST_FILES, FIRST_MESSAGE, None)
        if failure and BRANCH not in self._remote.heads(self._copy.path):  # nor was another faster
            raise failure
        return failure is None

    def pause_seconds(self) -> float:
        """As promised by Store."""
        return 0.0

    def usage(self) -> dict[str, int]:
        """As promised by Store."""
        return {}

    def close(self) -> None:
        """As promised by Store."""
        self._copy.close()
        self._remote.close()

    def _push(
        self, changes: Mapping[str, bytes | None], message: str, expected: str | None
    ) -> tuple[str, GitFailed | None]:
        """The commit that was made and pushed, and what git said if that failed, as far as it knows."""
        with self._alone() as lock:
            known = self._copied()
            if expected and known and known != expected and self._copy.is_before(expected, known):
                raise Conflict(f"{BRANCH} is no longer at {expected}")
            revision = self._copy.make_commit(changes, message=message, parent=expected, lock=lock)
            try:
                self._remote.push(self._copy.path, revision, expected=expected or "")
            except GitFailed as error:
                return revision, error
            with suppress(GitFailed):  # the next who asks for the head fetches it
                self._copy.move_branch(revision, expected=expected or "", lock=lock)
        return revision, None

    def _find_out(self, revision: str, expected_head: str, failure: GitFailed) -> None:
        """Return if the push got through all the same. Raises Conflict, or `failure` if it did not."""
        for pause_seconds in (0.0, _LOOK_AGAIN_SECONDS):
            time.sleep(pause_seconds)
            try:
                head = self.head()
            except GitFailed:
                continue
            if self._copy.is_before(revision, head):
                return
            if head != expected_head:
                raise Conflict(f"{BRANCH} is no longer at {expected_head}") from failure
            if "rejected]" in failure.said:
                break
        raise failure

    def _from_copy(self, answer: Callable[[], T], *revisions: str) -> T:
        """The answer from the copy, which is brought up to date if it lacks one of these revisions."""
        try:
            return answer()
        except (GitFailed, Damaged) as error:
            if all(self._copy.has(revision) for revision in revisions):
                hint = f"{error} ({self._copy.path} is a copy: deleting it makes a new one)"
                raise type(error)(hint) from error
        self.head()
        return answer()

    def _copied(self) -> str | None:
        try:
            return self._copy.head()
        except GitFailed:
            return None

    def _fetch(self, head: str) -> str:
        with self._alone() as lock:
            if self._copied() != head:  # no other process fetched it while we waited
                self._remote.fetch(self._copy.path, lock=lock)
            fetched = self._copy.head()
        self._copy.clean_now_and_then()
        return fetched

    @contextmanager
    def _alone(self) -> Iterator[int]:
        self._make_copy_if_missing()
        try:
            with self._copy.alone() as lock:
                yield lock
        except OSError as error:
            raise GitFailed(f"the copy of {self._remote.url} cannot be used: {error}") from error

    def _make_copy_if_missing(self) -> None:
        if self._copy.path.joinpath("HEAD").exists():
            return
        try:
            place(self._copy.path, initialise)
        except OSError as error:
            if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:  # another was faster
                raise GitFailed(f"no copy of {self._remote.url} can be made: {error}") from error
