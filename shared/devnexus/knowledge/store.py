"""What the knowledge base needs of whatever keeps it: revisions, reads, compare-and-swap."""

from collections.abc import Collection, Mapping
from typing import Protocol


class Conflict(Exception):
    """Somebody else committed since `expected_head`: read again, decide again, commit again."""


class Store(Protocol):
    """A versioned set of files. Every method raises Unavailable when it cannot be sure of its answer.

    A failed read is never an empty one: a path that is absent from an answer does not exist.
    """

    def head(self) -> str:
        """The current revision."""

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        """Path → content for those of `paths` that exist at revision `at`.

        A path that ends in a slash stands for every file below it.
        """

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """The paths whose content differs between two revisions, sorted."""

    def parent(self, revision: str) -> str | None:
        """The revision that `revision` was committed on, None for the first."""

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        """Commit `changes` (None deletes) on top of `expected_head` and return the new revision.

        Raises Conflict if the head is another one by now; then nothing has changed.
        """

    def revisions_with(self, text: str, path: str) -> tuple[str, ...]:
        """The revisions that added or removed an occurrence of `text` in the file at `path`, oldest first."""
