"""The knowledge base in a GitHub repository, through the Git Data API."""

import logging
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from devnexus.errors import Unavailable
from devnexus.github import GitHubRepository
from devnexus.github_refusals import Refused
from devnexus.knowledge.store import CommitLimits, Conflict, Revision
from devnexus.knowledge.stores.content_budget import ContentBudget
from devnexus.knowledge.stores.git_objects import Tree
from devnexus.knowledge.stores.github_reading import GitHubReading, as_documented
from devnexus.knowledge.stores.github_writing import GitHubWriting

BRANCH = "heads/main"

_LIMITS = CommitLimits(files=100, bytes=1_000_000)

_LOOK_BACK = 20

_log = logging.getLogger(__name__)


class GitHubStore:
    """A Store on the branch main of a GitHub repository.

    The branch moves by a fast-forward from `expected_head` only, which makes it a compare-and-swap. The one
    exception: where somebody moves the branch back while a commit is on its way, this commit brings back
    what they took away, since it stands on it. Nothing is lost by that, and they can move it back again.
    """

    def __init__(self, repository: GitHubRepository) -> None:
        self._repository = repository
        self._reading = GitHubReading(repository)
        self._budget = ContentBudget(time.monotonic)
        self._writing = GitHubWriting(repository, self._reading, self._budget)
        self._head: tuple[str, str] | None = None
        self._head_lock = threading.Lock()

    @property
    def limits(self) -> CommitLimits:
        """As promised by Store."""
        return _LIMITS

    def head(self) -> str:
        """As promised by Store. Costs nothing of GitHub's allowance while it is the same."""
        with self._head_lock:
            known = self._head
        answer = self._repository.get(f"/git/ref/{BRANCH}", unless=known[0] if known else None)
        if answer.status == 304 and known:
            return known[1]
        head = _ref_target(answer.body)
        with self._head_lock:
            self._head = (answer.headers["etag"], head) if "etag" in answer.headers else None
        return head

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        """As promised by Store."""
        if not paths:
            return {}
        files = self._reading.files(self._reading.commit(at).tree, paths)
        return self._reading.contents(files, at=at)

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """As promised by Store."""
        before, after = self._reading.commit(old), self._reading.commit(new)
        return tuple(sorted(set(self._reading.differences(before.tree, after.tree))))

    def log(self, at: str, *, path: str | None = None) -> Iterator[Revision]:
        """As promised by Store; with `path`, a change that a merge brought in shows as its own commits."""
        expected: str | None = at
        waiting: dict[str, Revision] = {}
        for revision in self._listed(at, path):
            if path is not None:
                yield revision
                continue
            waiting[revision.id] = revision  # what merges brought in stands between the first parents
            while expected in waiting:
                found = waiting.pop(expected)
                yield found
                expected = found.parent
            if expected is None:
                return

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        """As promised by Store."""
        if self.head() != expected_head:  # before anything of the hourly allowance is spent
            raise Conflict(f"{BRANCH} is no longer at {expected_head}")
        base = self._reading.commit(expected_head).tree
        root, folders = self._writing.create_folders(base, changes)
        commit = self._writing.create_commit(root, message=message, parent=expected_head)
        self._move_branch(commit.id, expected_head)
        self._reading.remember(
            commit, folders, [content for content in changes.values() if content is not None]
        )
        return commit.id

    def pause_seconds(self) -> float:
        """As promised by Store."""
        return self._budget.pause_seconds()

    def usage(self) -> dict[str, int]:
        """As promised by Store."""
        return self._budget.usage()

    def close(self) -> None:
        """As promised by Store."""
        self._repository.close()

    def put_first_file(self, path: str, content: bytes, *, message: str) -> None:
        """Give an empty repository its first commit: the Git Data API refuses to work without one."""
        self._writing.put_file(path, content, message=message)

    def root(self, at: str) -> Tree:
        """What stands at the top of revision `at`."""
        return self._reading.tree(self._reading.commit(at).tree)

    def _move_branch(self, commit: str, expected_head: str) -> None:
        try:
            # PyGithub's own GitRef.edit would ask for /git/ref/, in the singular.
            moved = self._writing.send("PATCH", f"/git/refs/{BRANCH}", {"sha": commit, "force": False})
            if _ref_target(moved) != commit:
                raise Unavailable(f"GitHub moved {BRANCH} elsewhere than to {commit}")
        except Unavailable as error:
            if self._became_head(commit, expected_head, error):
                return
            if isinstance(error, Refused) and _says_conflict(error):
                raise Conflict(f"{BRANCH} is no longer at {expected_head}") from error
            raise

    def _became_head(self, commit: str, expected_head: str, error: Unavailable) -> bool:
        """Whether the branch moved in spite of the error; raise Conflict if it moved elsewhere."""
        certain = isinstance(error, Refused) or error.retry_after_seconds is not None
        looks = self._repository.patience.between_looks
        for wait in looks[:1] if certain else looks:
            time.sleep(wait)
            try:
                head = _ref_target(self._repository.get(f"/git/ref/{BRANCH}").body)
                if self._stands_on(head, commit, expected_head):
                    _log.info("the commit %s had arrived although its answer did not", commit)
                    return True
            except Unavailable as unanswered:
                _log.warning("cannot yet see whether %s became the head: %s", commit, unanswered)
                continue
            if head != expected_head:
                raise Conflict(f"{BRANCH} is no longer at {expected_head}") from error
        return False

    def _stands_on(self, head: str, commit: str, expected_head: str) -> bool:
        one: str | None = head
        for _ in range(_LOOK_BACK):
            if one == commit:
                return True
            if one is None or one == expected_head:
                return False
            one = next(iter(self._reading.commit(one).parents), None)
        return False

    def _listed(self, at: str, path: str | None) -> Iterator[Revision]:
        page = 1
        while True:
            parameters: dict[str, str | int] = {"sha": at, "per_page": 100, "page": page}
            body = self._repository.get("/commits", {**parameters, **({"path": path} if path else {})}).body
            with as_documented():
                revisions = [_revision(one) for one in body]
            yield from revisions
            if len(revisions) < 100:
                return
            page += 1


def _says_conflict(error: Refused) -> bool:
    """Whether the branch moved, even where a replica of GitHub's does not show it yet."""
    return error.status == 409 or (error.status == 422 and "fast" in error.message.lower())


def _ref_target(body: Any) -> str:  # noqa: ANN401 - parsed JSON
    with as_documented():
        if body["ref"] != f"refs/{BRANCH}" or body["object"]["type"] != "commit":
            raise ValueError(f"this is {body['ref']}")
        return str(body["object"]["sha"])


def _revision(one: Any) -> Revision:  # noqa: ANN401 - parsed JSON
    return Revision(
        id=one["sha"],
        parent=next((parent["sha"] for parent in one["parents"]), None),
        at=datetime.fromisoformat(one["commit"]["committer"]["date"]).astimezone(UTC),
        message=one["commit"]["message"].rstrip("\n"),
    )
