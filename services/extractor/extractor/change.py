"""What a source of repositories tells of a push or a tree, before anybody has read a file of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from devnexus.events.patterns_extracted import Commit
from devnexus.repository import Repository

FILE_TYPE = 0o170000
"""The bits of git's mode that tell files, links and submodules apart."""

REGULAR_FILE = 0o100000


@dataclass(frozen=True)
class ChangedFile:
    """One path that differs, or that stands in a tree."""

    path: str
    status: Literal["added", "modified", "removed"]
    object_id: str
    """The blob at `after`; all zeros when the file was removed."""
    mode: int
    """git's file mode at `after`."""
    added: tuple[range, ...] = ()
    """1-based ranges of added lines; in a tree there are none."""
    before_id: str | None = None
    """The blob that this one replaced, also under another name; None where there was none."""
    moved_from: str | None = None
    """That other name."""


@dataclass(frozen=True)
class Change:
    """What lies between two commits."""

    is_descendant: bool
    """Whether `after` was built on `before`; if not, `files` says nothing of what the push did."""
    commits: tuple[Commit, ...]
    commit_count: int
    files: tuple[ChangedFile, ...]
    bodies: Mapping[str, str] = field(default_factory=dict)
    """Commit → what its message says below the first line, where it says something."""


@dataclass(frozen=True)
class Tree:
    """A whole tree, as files that are all there."""

    sha: str
    committed_at: datetime
    commit: Commit
    files: tuple[ChangedFile, ...]
    default_branch: str | None = None
    """What the repository calls it, where the source was asked."""


class Source(Protocol):
    """Where repositories can be read. Every method raises Unavailable when it cannot be sure."""

    def change(self, repository: Repository, *, before: str, after: str) -> Change:
        """What was pushed; raise Unavailable while `after` is not there."""

    def tree(self, repository: Repository, *, sha: str | None) -> Tree | None:
        """The tree at `sha`, or at the head of the default branch; None where there is no commit yet."""

    def contents(
        self, repository: Repository, object_ids: Sequence[str], *, at: str, max_bytes: int
    ) -> list[bytes | None]:
        """The content of these blobs, None for those larger than `max_bytes`.

        Most of them stand in the tree of the commit `at`.
        """

    def root_files(self, repository: Repository, *, sha: str, names: Sequence[str]) -> dict[str, bytes]:
        """Name → content for those of `names` that stand in the root folder at `sha`."""
