"""A Source that asks GitHub: a push takes a comparison, two trees and the files that it touched."""

import time
from base64 import b64decode
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from pydantic import ValidationError

from devnexus.errors import Unavailable
from devnexus.events.event import describe
from devnexus.git_names import is_no_commit
from devnexus.github import GitHubApp, GitHubRepository, renamed_to
from devnexus.github_refusals import Refused
from devnexus.knowledge.stores.bounded_cache import BoundedCache
from devnexus.repository import Repository
from extractor.change import Change, Tree
from extractor.github.archives import Archive, Archives
from extractor.github.changed_files import changed_files
from extractor.github.commits import (
    WireCommit,
    bodies,
    commit_at,
    committed_at,
    count_of_commits,
    head_of,
    newest_commits,
    told,
)
from extractor.github.comparison import Comparison, compare
from extractor.github.listing import Listing, read_listing
from extractor.github.wire import Wire
from extractor.reading import MAX_FILE_BYTES

_SINGLY = 50
"""Up to so many files are asked for one by one, more as an archive of all."""

_LISTINGS_BYTES = 64_000_000
_ENTRY_BYTES = 300
"""About what a file of a listing takes in memory."""

_SMALL_BYTES = 1_000_000
_NOT_THERE_SECONDS = (1.0, 2.0, 4.0)
"""Between looks for a commit: GitHub's API may lag behind its webhooks."""

T = TypeVar("T")


class _Blob(Wire):
    content: str


class _Described(Wire):
    id: int | None = None
    default_branch: str


class GitHubDiffs:
    """A Source on the repositories that an App is installed on. Nothing is cloned."""

    def __init__(self, app: GitHubApp, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._app = app
        self._sleep = sleep
        self._names: dict[str, str] = {}
        """Repository id → today's name, where an event told another one."""
        self._listings = BoundedCache[Listing](
            _LISTINGS_BYTES, size=lambda listing: _ENTRY_BYTES * (len(listing.entries) + 1)
        )
        self._trees = BoundedCache[str](_SMALL_BYTES, size=lambda _: 200)
        """Commit → its tree."""
        self._large = BoundedCache[int](_SMALL_BYTES, size=lambda _: 200)
        """Blob → its size, of those that are too large to be read: they are not even asked for."""
        self._archives = Archives()

    def change(self, repository: Repository, *, before: str, after: str) -> Change:
        """As promised by Source."""
        return self._asking(
            repository, partial(self._change, repository=repository, before=before, after=after)
        )

    def tree(self, repository: Repository, *, sha: str | None) -> Tree | None:
        """As promised by Source."""
        return self._asking(repository, partial(self._tree, repository=repository, sha=sha))

    def contents(
        self, repository: Repository, object_ids: Sequence[str], *, at: str, max_bytes: int
    ) -> list[bytes | None]:
        """As promised by Source."""
        return self._asking(
            repository, partial(self._contents, object_ids=object_ids, at=at, max_bytes=max_bytes)
        )

    def root_files(self, repository: Repository, *, sha: str, names: Sequence[str]) -> dict[str, bytes]:
        """As promised by Source."""
        return self._asking(repository, partial(self._root_files, sha=sha, names=names))

    def close(self) -> None:
        """Give back disk and connections."""
        self._archives.close()
        self._app.close()

    def _asking(self, repository: Repository, read: Callable[[GitHubRepository], T]) -> T:
        """What `read` gives, also when the repository is called otherwise by now."""
        github = self._app.repository(self._names.get(repository.id, repository.name))
        try:
            try:
                return read(github)
            except Refused as error:
                name = renamed_to(github, error)
                if name is None:
                    raise
                self._names[repository.id] = name
                return read(self._app.repository(name))
        except Refused:
            self._app.forget(github.name)  # the installation may be another one by the next delivery
            raise
        except ValidationError as error:
            raise Unavailable(
                f"GitHub answered otherwise than documented about {github.name}: {describe(error)}"
            ) from error

    def _change(self, github: GitHubRepository, *, repository: Repository, before: str, after: str) -> Change:
        comparison = None if is_no_commit(before) else self._compared(github, before, after)
        if comparison is None:
            self._wait_for(github, after)
            return Change(False, told(newest_commits(github, after)), count_of_commits(github, after), ())
        commits = told(comparison.newest)
        if not comparison.is_descendant:
            return Change(False, commits, comparison.count, ())
        self._trees.put(after, comparison.trees[1])
        old, new = (self._listing(github, tree) for tree in comparison.trees)
        contents = partial(self._contents, github, at=after, max_bytes=MAX_FILE_BYTES)
        files = changed_files(old, new, comparison.rows, contents)
        return Change(True, commits, comparison.count, files, bodies(comparison.newest))

    def _compared(self, github: GitHubRepository, before: str, after: str) -> Comparison | None:
        """None where `before` is not there any more; raise Unavailable while `after` is not there yet."""
        try:
            return compare(github, before, after)
        except Refused as error:
            if error.status != 404:
                raise
        self._wait_for(github, after)
        try:
            return compare(github, before, after)
        except Refused as error:
            if error.status != 404:
                raise
            return None

    def _wait_for(self, github: GitHubRepository, sha: str) -> WireCommit:
        for seconds in (*_NOT_THERE_SECONDS, None):
            try:
                commit = commit_at(github, sha)
            except Refused as error:
                if error.status not in {404, 422}:
                    raise
                if seconds is None:
                    raise Unavailable(f"{sha} is not in {github.name} on GitHub (yet)") from error
                self._sleep(seconds)
            else:
                self._trees.put(commit.sha, commit.commit.tree.sha)
                return commit
        raise AssertionError("the last look has raised")

    def _tree(self, github: GitHubRepository, *, repository: Repository, sha: str | None) -> Tree | None:
        branch = None if sha else self._default_branch(github, repository)
        wanted = head_of(github, branch) if branch else sha
        if wanted is None:
            return None
        commit = self._wait_for(github, wanted)
        (one,) = told([commit])
        files = self._listing(github, commit.commit.tree.sha).files()
        return Tree(commit.sha, committed_at(commit), one, tuple(files), branch)

    def _default_branch(self, github: GitHubRepository, repository: Repository) -> str:
        there = _Described.model_validate(github.get("").body)
        if repository.id.rpartition("/")[2].isdigit() and not repository.id.endswith(f"/{there.id}"):
            raise Unavailable(f"{github.name} on GitHub is another repository by now than {repository.id}")
        return there.default_branch

    def _contents(
        self, github: GitHubRepository, object_ids: Sequence[str], *, at: str, max_bytes: int
    ) -> list[bytes | None]:
        wanted = [one for one in object_ids if (self._large.get(one) or 0) <= max_bytes]
        archive = self._archives.of(github, at, is_worth_it=len(wanted) > _SINGLY)
        found = {one: _content(github, one, archive) for one in wanted}
        contents = (found.get(one) for one in object_ids)
        return [None if content is None or len(content) > max_bytes else content for content in contents]

    def _root_files(self, github: GitHubRepository, *, sha: str, names: Sequence[str]) -> dict[str, bytes]:
        tree = self._trees.get(sha) or self._wait_for(github, sha).commit.tree.sha
        listed = self._listing(github, tree).entries
        wanted = [name for name in names if name in listed and listed[name].is_file]
        ids = [listed[name].object_id for name in wanted]
        found = self._contents(github, ids, at=sha, max_bytes=MAX_FILE_BYTES)
        return {name: content for name, content in zip(wanted, found, strict=True) if content is not None}

    def _listing(self, github: GitHubRepository, tree: str) -> Listing:
        known = self._listings.get(tree)
        if known is None:
            known = read_listing(github, tree)
            self._listings.put(tree, known)
            for entry in known.entries.values():
                if entry.size is not None and entry.size > MAX_FILE_BYTES:
                    self._large.put(entry.object_id, entry.size)
        return known


def _content(github: GitHubRepository, object_id: str, archive: Archive | None) -> bytes:
    content = archive.read(object_id) if archive else None
    if content is None:
        content = b64decode(_Blob.model_validate(github.get(f"/git/blobs/{object_id}").body).content)
    return content
