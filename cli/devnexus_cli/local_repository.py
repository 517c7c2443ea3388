"""A repository on this machine, as the rest of the system knows repositories: by id, with pushes."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from devnexus.git import GitFailed, run_git
from devnexus.git_names import NO_COMMIT
from devnexus.timestamps import from_seconds

HOST = "local"
_HOSTED = re.compile(r"(?!file:)(?:[a-z+]+://|[^/:]+:)", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_SCHEME_AND_USER = re.compile(r"^[a-z+]+://([^/@]*@)?|^[^/@:]+@", re.IGNORECASE)


class NotUsable(Exception):
    """A path that pushes cannot be taken from; the text says why and what would help."""


@dataclass(frozen=True)
class LocalPush:
    """One step of the first-parent history of a branch."""

    before: str
    after: str
    pushed_at: datetime
    author: str
    message: str
    before_at: datetime | None = None
    """When `before` was pushed, in the same reckoning."""
    is_forced: bool = False
    """Whether `after` was not built on `before`."""


@dataclass(frozen=True)
class LocalRepository:
    """A clone, its stable number, its label, and its checked-out branch."""

    path: Path
    number: int
    name: str
    branch: str

    @property
    def id(self) -> str:
        """The repository id that webhooks made from this clone lead to."""
        return f"{HOST}/{self.number}"


def open_local(path: Path) -> LocalRepository:
    """The repository at `path` (`~` expanded); raise NotUsable if there is none with a commit."""
    try:
        path = path.expanduser().resolve()
    except RuntimeError as error:
        raise NotUsable(f"{path}: {error}") from error
    if path.is_file():
        raise NotUsable(f"{path}: this is a file; give the folder of the clone")
    if not path.is_dir():
        raise NotUsable(f"{path}: there is no such folder")
    try:
        run_git(path, "rev-parse", "--git-dir")
    except GitFailed as error:
        raise NotUsable(f"{path}: not a git repository ({error})") from error
    try:
        roots = run_git(path, "rev-list", "--max-parents=0", "HEAD").decode().split()
    except GitFailed as error:
        raise NotUsable(f"{path}: there is no commit yet") from error
    if _is_partial(path):
        raise NotUsable(
            f"{path}: a partial clone lacks what has to be read; make it whole: git fetch --refetch"
        )
    remote = _remote(path)
    return LocalRepository(
        path=path,
        number=number_of(_normalised(remote) if remote else f"{min(roots)} {path.name}"),
        name=_name(remote, path),
        branch=_branch(path),
    )


def with_own_names(clones: Sequence[LocalRepository]) -> list[LocalRepository]:
    """`clones`, no two of one name: a knowledge base can hold only one file of a name."""
    taken: set[str] = set()
    named: list[LocalRepository] = []
    for clone in clones:
        name = clone.name if clone.name.lower() not in taken else f"{clone.name}-{clone.number % 10_000:04}"
        taken.add(name.lower())
        named.append(LocalRepository(clone.path, clone.number, name, clone.branch))
    return named


def newest_pushes(repository: LocalRepository, count: int) -> list[LocalPush]:
    """The last `count` first-parent commits as one push each, oldest first.

    The time of a push is its commit's date, but never before that of any commit it is built on: clocks
    differ, and a branch only ever moves forward in time. So it is the same in every later run.
    """
    shape = "--format=%H%x00%P%x00%ct%x00%an%x00%s%x01"
    listing = run_git(repository.path, "log", "--first-parent", "--reverse", shape, "HEAD", "--")
    pushes: list[LocalPush] = []
    moment: datetime | None = None
    for entry in listing.decode(errors="replace").split("\x01\n"):
        if entry:
            sha, parents, seconds, author, message = entry.split("\0", 4)
            before_at, own = moment, from_seconds(seconds)
            moment = max(moment, own) if moment else own
            before = parents.split(" ")[0] or NO_COMMIT
            pushes.append(LocalPush(before, sha, moment, author, message, before_at))
    return pushes[-count:]


def _branch(path: Path) -> str:
    try:
        return run_git(path, "symbolic-ref", "HEAD").decode().strip().removeprefix("refs/heads/")
    except GitFailed:
        return "main"  # a detached HEAD, as build servers leave it


def _is_partial(path: Path) -> bool:
    try:
        run_git(path, "config", "--get", "extensions.partialClone")
    except GitFailed:
        return False
    return True


def _remote(path: Path) -> str | None:
    try:
        remote = run_git(path, "remote", "get-url", "origin").decode(errors="replace").strip()
    except GitFailed:
        return None
    # A folder on this machine says nothing of an owner, and a relative one not even which folder.
    return remote if _HOSTED.match(remote) else None


def _normalised(remote: str) -> str:
    """`host/owner/name` in lower case, however the remote is spelled."""
    bare = _SCHEME_AND_USER.sub("", remote.strip()).replace(":", "/").rstrip("/")
    return bare.removesuffix(".git").lower()


def number_of(identity: str) -> int:
    """48 bits of a hash: as small as GitHub's numbers have to be for JavaScript."""
    return int(hashlib.sha256(identity.encode()).hexdigest()[:12], 16)


def _name(remote: str | None, folder: Path) -> str:
    parts = _SCHEME_AND_USER.sub("", remote or "").replace(":", "/").rstrip("/").removesuffix(".git")
    labels = [_label(part) for part in parts.split("/") if _label(part)]
    if len(labels) >= 2:
        return "/".join(labels[-2:])
    return f"local/{_label(folder.name.removesuffix('.git')) or 'repository'}"


def _label(text: str) -> str:
    return _UNSAFE.sub("-", text).strip("-.")
