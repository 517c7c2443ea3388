"""What Claude is asked about: of each file the lines that a change added, or all of them in a tree."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from devnexus.layout_key import layout_digest
from extractor.evidence import lines_of
from extractor.roles import Role


@dataclass(frozen=True)
class Piece:
    """One file of a change or a tree, as far as Claude is to read it."""

    path: str
    status: Literal["added", "modified"]
    object_id: str
    """The blob at `after`."""
    language: str | None
    role: Role
    text: str
    """The whole file at `after`, without secrets."""
    added: tuple[range, ...]
    """1-based ranges of the lines that are to be read."""
    rules: tuple[str, ...] = ()
    """Ids of the rules that see something in it."""

    @cached_property
    def lines(self) -> list[str]:
        """All lines of the file."""
        return lines_of(self.text)

    def hunks(self) -> Iterator[tuple[int, list[str]]]:
        """The lines to be read as (number of the first, lines), in order; none that the file lacks."""
        for span in self.added:
            lines = self.lines[span.start - 1 : span.stop - 1]
            if lines:
                yield span.start, lines

    @cached_property
    def digest(self) -> str:
        """The same wherever the same lines are added, however laid out and whatever the file is called."""
        return f"piece:{layout_digest(line for _, lines in self.hunks() for line in lines)}"
