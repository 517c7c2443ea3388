"""What the knowledge base needs of whatever keeps it: revisions, reads, compare-and-swap."""

from collections.abc import Collection, Mapping
from typing import Protocol


class Conflict(Exception):
    """Somebody else committed since `expected_head`: read again, decide again, commit again."""


class Damaged(Exception):
    """What is stored cannot be what was written; nothing may be written on top of it."""


class Store(Protocol):
    """A versioned set of files. Every method raises Unavailable when it cannot be sure of its answer,
    and Damaged when what it holds is broken.

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

    def unannounced(self) -> tuple[str, ...]:
        """The revisions that nobody has yet been told of, oldest first."""

    def mark_announced(self, revision: str) -> None:
        """Note that `revision` and all before it were announced. Should that get lost, they are again."""
