"""What the knowledge base needs of whatever keeps it: revisions, reads, compare-and-swap."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Conflict(Exception):
    """Somebody else committed since `expected_head`: read again, decide again, commit again."""


class Damaged(Exception):
    """What is stored cannot be what was written; nothing may be written on top of it."""


@dataclass(frozen=True)
class Revision:
    """One commit of the knowledge base."""

    id: str
    parent: str | None
    """The revision it was committed on, None for the first."""
    at: datetime
    """When it was committed, in UTC."""
    message: str


@dataclass(frozen=True)
class CommitLimits:
    """How much one commit may hold where it is kept; None: no limit that matters."""

    files: int | None = None
    bytes: int | None = None


NO_LIMITS = CommitLimits()


class Files(Protocol):
    """A versioned set of files, to be read. Every method raises Unavailable when it cannot be sure of its
    answer, and Damaged when what it holds is broken.

    A failed read is never an empty one: a path that is absent from an answer does not exist.
    """

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        """Path → content for those of `paths` that exist at revision `at`.

        A path that ends in a slash stands for every file below it.
        """

    def log(self, at: str, *, path: str | None = None) -> Iterator[Revision]:
        """Revision `at` and those before it, newest first, along first parents, fetched on demand.

        With `path` only those that changed this file.
        """


class Store(Files, Protocol):
    """A versioned set of files that also grows, and that fails as Files does."""

    @property
    def limits(self) -> CommitLimits:
        """What one commit may hold; more is committed in several."""

    def head(self) -> str:
        """The current revision."""

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """The paths whose content differs between two revisions, sorted."""

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        """Commit `changes` (None deletes) on top of `expected_head` and return the new revision.

        Raises Conflict if the head is another one by now; then nothing has changed. Where the answer got
        lost it is found out whether the commit became the head, so that Unavailable means: not yet.
        """

    def pause_seconds(self) -> float:
        """How long to wait before the next commit, so that what the host allows per hour lasts."""

    def usage(self) -> dict[str, int]:
        """What of the host's allowances was used, as fields for a line of the log."""

    def close(self) -> None:
        """Give back processes and connections."""
