"""One file of a change or a tree, as it stands at `after`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SourceFile:
    """A path with its whole text, and the lines that the change added to it."""

    path: str
    status: Literal["added", "modified", "removed"]
    text: str
    """The whole file at `after`; empty when it was removed or not read."""

    added: tuple[range, ...] = ()
    """1-based ranges of lines that the change added, which do not overlap; empty in a snapshot."""
