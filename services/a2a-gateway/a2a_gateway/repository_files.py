"""The port to the files of repositories: what a skill may read of one, wherever it is kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from devnexus.knowledge.projection import Projection


@dataclass(frozen=True)
class Commit:
    """One commit of the default branch."""

    sha: str
    at: datetime
    """When it was committed, in UTC."""
    message: str
    paths: tuple[str, ...]
    """The files that it changed, without those that it only deleted."""


@dataclass(frozen=True)
class Commits:
    """The newest commits first; `is_whole` is false where there are more than were read."""

    commits: tuple[Commit, ...]
    is_whole: bool


class NoFiles(Exception):
    """The files of this repository cannot be had here, for this reason, which names a remedy."""


class RepositoryFiles(Protocol):
    """Reads the default branch of repositories that are known. Every method raises Unavailable where the
    host does not answer, and NoFiles where this repository is not to be had here: never an empty answer."""

    def head(self, repository: Projection) -> str:
        """The commit that its default branch is at."""

    def paths(self, repository: Projection, sha: str) -> Sequence[str]:
        """Every file of that commit, sorted."""

    def read(self, repository: Projection, sha: str, paths: Collection[str]) -> dict[str, bytes]:
        """Path → content, for those that are there; a file above 1 MB is cut."""

    def commits(self, repository: Projection, sha: str, *, since: datetime, until: str | None) -> Commits:
        """The commits up to `sha` since that time, or since the commit `until`, which is not among them."""
