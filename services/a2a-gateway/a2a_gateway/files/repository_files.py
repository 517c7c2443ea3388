"""The port to the files of repositories: what a skill may read of one, wherever it is kept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from devnexus.knowledge.projection import Projection

MOST_PATHS = 20_000
"""Of one commit; those nearest to its root."""

LARGEST_BYTES = 1_000_000
MOST_BYTES = 20_000_000
"""Of all files that are read at once."""

MOST_COMMITS = 100


@dataclass(frozen=True)
class Listing:
    """What there is in one commit."""

    files: frozenset[str]
    """Paths, symbolic links among them. What is no UTF-8 in one is escaped as surrogates."""
    elsewhere: frozenset[str]
    """Paths below which is what this repository does not hold: submodules, and symbolic links."""
    is_whole: bool
    """false where there are more than MOST_PATHS."""


@dataclass(frozen=True)
class Contents:
    """What stands in files."""

    files: Mapping[str, bytes]
    """By path, for those that are there; a symbolic link to a file of this commit is read as that file."""
    left_out: Mapping[str, str]
    """Path → why it was not read: it is larger than LARGEST_BYTES, or no room was left in MOST_BYTES."""


@dataclass(frozen=True)
class Commit:
    """One commit of the default branch."""

    sha: str
    at: datetime
    """When it was committed, in UTC."""
    message: str
    """Its first line."""
    paths: tuple[str, ...]
    """The files that it changed, without those that it only deleted."""


@dataclass(frozen=True)
class Commits:
    """The newest commits first, without merges; `is_whole` is false where there are more than were read."""

    commits: tuple[Commit, ...]
    is_whole: bool


class NoFiles(Exception):
    """The files of this repository cannot be had here, for this reason, which names a remedy."""


class NoCommit(Exception):
    """The repository has no commit of that id, or several."""


def may_be_commit(text: str) -> bool:
    """Whether it looks like a commit's id, abbreviated or not, and not like anything else git would take."""
    return _ID.fullmatch(text) is not None


_ID = re.compile(r"[0-9a-f]{4,64}")


class RepositoryFiles(Protocol):
    """Reads the default branch of repositories that are known. Every method raises Unavailable where the
    host does not answer, and NoFiles where this repository is not to be had here: never an empty answer."""

    def head(self, repository: Projection) -> str:
        """The commit that its default branch is at."""

    def listing(self, repository: Projection, sha: str) -> Listing:
        """What there is in that commit."""

    def read(self, repository: Projection, sha: str, paths: Sequence[str]) -> Contents:
        """What stands in these files of that commit; the first ones get the room that there is."""

    def commits(self, repository: Projection, sha: str, *, since: datetime, until: str | None) -> Commits:
        """The commits up to `sha` since that time, or since the commit `until`, which is not among them.

        `until` may be abbreviated. Raises NoCommit where there is no such commit.
        """
