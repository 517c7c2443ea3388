"""Repositories on GitHub, asked through its API: nothing is cloned, and no more asked than is bounded."""

import tarfile
import tempfile
import threading
import time
import zlib
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import IO, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from a2a_gateway.files.repository_files import (
    LARGEST_BYTES,
    MOST_COMMITS,
    Commit,
    Commits,
    Contents,
    Listing,
    NoCommit,
    NoFiles,
    may_be_commit,
)
from a2a_gateway.files.tree import Entry, Tree, bounded
from devnexus.errors import ConfigurationError, Unavailable
from devnexus.events.event import describe
from devnexus.github import GitHubRepository, renamed_to
from devnexus.github_refusals import Refused
from devnexus.knowledge.projection import Projection
from devnexus.timestamps import Timestamp, write

Open = Callable[[str], GitHubRepository]
"""Name → the repository, with the credentials of this service."""

_SINGLY = 60
"""Up to so many files are asked for one by one, more as an archive of all."""

_LARGEST_ARCHIVE = 300_000_000
_TREES_KEPT = 4
_PER_PAGE = 100
_ROOT_OF_NOTHING = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

T = TypeVar("T")


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Described(_Wire):
    id: int | None = None
    default_branch: str
    private: bool = False


class _Object(_Wire):
    sha: str


class _Ref(_Wire):
    object: _Object


class _GitCommit(_Wire):
    tree: _Object


class _Row(_Wire):
    path: str
    mode: str
    type: str
    sha: str
    size: int = 0


class _Trees(_Wire):
    tree: tuple[_Row, ...]
    truncated: bool = False


class _Blob(_Wire):
    content: str


class _Committer(_Wire):
    date: Timestamp


class _About(_Wire):
    message: str
    committer: _Committer


class _File(_Wire):
    filename: str
    status: str = ""


class _Commit(_Wire):
    sha: str
    commit: _About
    parents: tuple[_Object, ...] = ()
    files: tuple[_File, ...] = ()


class _Comparison(_Wire):
    total_commits: int
    commits: tuple[_Commit, ...]


class GitHubFiles:
    """RepositoryFiles on GitHub."""

    def __init__(
        self,
        open_: Open,
        *,
        forget: Callable[[str], None] = lambda name: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`forget` is told of a name that was refused: the credentials may be others by the next time."""
        self._open = open_
        self._forget = forget
        self._clock = clock
        self._lock = threading.Lock()
        self._trees: OrderedDict[tuple[str, str], Tree] = OrderedDict()
        self._rests_until: dict[str, float] = {}
        """Owner → when GitHub may be asked again about their repositories."""

    def head(self, repository: Projection) -> str:
        """As promised by RepositoryFiles."""
        return self._asking(repository, partial(_head, repository=repository))

    def listing(self, repository: Projection, sha: str) -> Listing:
        """As promised by RepositoryFiles."""
        return self._asking(repository, lambda github: self._tree(github, sha).listing)

    def read(self, repository: Projection, sha: str, paths: Sequence[str]) -> Contents:
        """As promised by RepositoryFiles."""

        def read(github: GitHubRepository) -> Contents:
            tree = self._tree(github, sha)
            return tree.read(paths, partial(_blobs, github, tree, sha))

        return self._asking(repository, read)

    def commits(self, repository: Projection, sha: str, *, since: datetime, until: str | None) -> Commits:
        """As promised by RepositoryFiles."""

        def read(github: GitHubRepository) -> Commits:
            rows, is_whole = _listed(github, sha, since) if until is None else _compared(github, until, sha)
            plain = [row for row in rows if len(row.parents) < 2]
            commits = tuple(_commit(github, row) for row in plain[:MOST_COMMITS])
            return Commits(commits, is_whole and len(plain) <= MOST_COMMITS)

        return self._asking(repository, read)

    def _asking(self, repository: Projection, read: Callable[[GitHubRepository], T]) -> T:
        """What `read` gives, also when the repository is called otherwise by now."""
        owner = repository.repository_name.partition("/")[0].lower()
        self._refuse_early(owner)
        try:
            github = self._open(repository.repository_name)
            try:
                return read(github)
            except Refused as error:
                name = renamed_to(github, error)
                if name is None:
                    raise
                return read(self._open(name))
        except (Refused, ConfigurationError) as error:
            self._forget(repository.repository_name)
            raise NoFiles(str(error)) from error
        except Unavailable as error:
            self._rest(owner, error.retry_after_seconds)
            raise
        except ValidationError as error:
            name = repository.repository_name
            raise Unavailable(
                f"GitHub answered otherwise than documented: {name}: {describe(error)}"
            ) from error

    def _refuse_early(self, owner: str) -> None:
        left = self._rests_until.get(owner, 0.0) - self._clock()
        if left > 0:
            raise Unavailable(f"GitHub asks to wait {left:.0f} s", retry_after_seconds=left)

    def _rest(self, owner: str, seconds: float | None) -> None:
        if seconds is not None:
            self._rests_until[owner] = self._clock() + min(max(seconds, 0.0), 3600.0)

    def _tree(self, github: GitHubRepository, sha: str) -> Tree:
        key = (github.name.lower(), sha)
        with self._lock:
            known = self._trees.get(key)
        if known is None:
            known = _read_tree(github, sha)
            with self._lock:
                self._trees[key] = known
                while len(self._trees) > _TREES_KEPT:
                    self._trees.popitem(last=False)
        return known


def _head(github: GitHubRepository, *, repository: Projection) -> str:
    name = repository.repository_name
    there = _Described.model_validate(github.get("").body)
    number = repository.repository_id.rpartition("/")[2]
    if number.isdigit() and there.id is not None and number != str(there.id):
        raise NoFiles(f"{name} on GitHub is another repository by now: nothing of it is known yet")
    if there.private and repository.visibility == "public":
        raise NoFiles(f"{name} is private by now, and known as public until its next push")
    try:
        return _Ref.model_validate(github.get(f"/git/ref/heads/{there.default_branch}").body).object.sha
    except Refused as error:
        if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
            raise NoFiles(f"{name} has no commits yet: push one") from error
        raise


def _read_tree(github: GitHubRepository, sha: str) -> Tree:
    tree = _GitCommit.model_validate(github.get(f"/git/commits/{sha}").body).tree.sha
    if tree == _ROOT_OF_NOTHING:  # GitHub does not give this one
        return Tree({}, True)
    whole = _Trees.model_validate(github.get(f"/git/trees/{tree}", {"recursive": 1}).body)
    rows = whole.tree
    if whole.truncated:  # it is cut somewhere in the alphabet: what is at the root counts most
        rows += _Trees.model_validate(github.get(f"/git/trees/{tree}").body).tree
    entries = {row.path: Entry(int(row.mode, 8), row.sha, row.size) for row in rows if row.type != "tree"}
    return bounded(entries.items(), is_whole=not whole.truncated)


def _blobs(github: GitHubRepository, tree: Tree, sha: str, object_ids: Sequence[str]) -> Mapping[str, bytes]:
    if len(object_ids) <= _SINGLY:
        return {id_: _blob(github, id_) for id_ in object_ids}
    with tempfile.TemporaryFile(prefix="devnexus-archive-") as packed:
        github.download_archive(sha, packed, max_bytes=_LARGEST_ARCHIVE)
        packed.seek(0)
        ids = set(object_ids)
        wanted = {path: one.object_id for path, one in tree.entries.items() if one.object_id in ids}
        try:
            return dict(_unpacked(packed, wanted))
        except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
            raise Unavailable(f"GitHub's archive cannot be read: {error}") from error


def _blob(github: GitHubRepository, object_id: str) -> bytes:
    return b64decode(_Blob.model_validate(github.get(f"/git/blobs/{object_id}").body).content)


def _unpacked(packed: IO[bytes], wanted: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Blob id → content, for these paths. Nothing is unpacked to disk, so that no name can do harm."""
    with tarfile.open(fileobj=packed, mode="r|gz") as archive:
        for member in archive:
            id_ = wanted.get(member.name.partition("/")[2])  # below a folder that is called like the commit
            if id_ and member.isfile() and member.size <= LARGEST_BYTES:
                file = archive.extractfile(member)
                yield id_, file.read() if file else b""


def _listed(github: GitHubRepository, sha: str, since: datetime) -> tuple[Sequence[_Commit], bool]:
    """The commits since a time, newest first, and whether these are all."""
    asked: dict[str, str | int] = {"sha": sha, "since": write(since), "per_page": _PER_PAGE}
    answer = github.get("/commits", asked)
    rows = [_Commit.model_validate(row) for row in answer.body]
    return rows, 'rel="next"' not in answer.headers.get("link", "")


def _compared(github: GitHubRepository, base: str, sha: str) -> tuple[Sequence[_Commit], bool]:
    """The commits since another one, newest first, and whether these are all."""
    if not may_be_commit(base):
        raise NoCommit(base)
    asked: dict[str, str | int] = {"per_page": _PER_PAGE}
    try:
        first = _Comparison.model_validate(github.get(f"/compare/{base}...{sha}", asked).body)
    except Refused as error:
        if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}:
            raise NoCommit(base) from error
        raise
    if first.total_commits <= _PER_PAGE:
        return first.commits[::-1], True
    # oldest first: the newest stand on the last page
    last = -(-first.total_commits // _PER_PAGE)
    rows = _Comparison.model_validate(
        github.get(f"/compare/{base}...{sha}", {**asked, "page": last}).body
    ).commits
    return rows[::-1], False


def _commit(github: GitHubRepository, row: _Commit) -> Commit:
    files = _Commit.model_validate(github.get(f"/commits/{row.sha}", {"per_page": _PER_PAGE}).body).files
    return Commit(
        sha=row.sha,
        at=row.commit.committer.date,
        message=row.commit.message.partition("\n")[0],
        paths=tuple(file.filename for file in files if file.status != "removed"),
    )
