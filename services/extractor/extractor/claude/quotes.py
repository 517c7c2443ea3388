"""Where the words that Claude quotes stand in what it was given, if they do."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from devnexus.layout_key import without_layout
from extractor.claude.fence import visible
from extractor.claude.pieces import Piece

_SHORTEST = 8
"""Characters, layout aside; fewer stand anywhere."""

_REDACTED = "[REDACTED:"


class Quotable:
    """The lines of one piece that Claude was given, as they compare: no layout, nothing invisible."""

    def __init__(self, piece: Piece) -> None:
        self._hunks = [_Hunk(start, lines) for start, lines in piece.hunks()]

    def lines(self, quote: str) -> Iterator[int]:
        """The lines, 1-based and in order, at which `quote` begins; none where it proves nothing.

        All of them take one pass over the piece.
        """
        compared = _comparable(quote)
        if len(compared) < _SHORTEST or _REDACTED in quote:
            return
        for hunk in self._hunks:
            yield from hunk.lines(compared)


class _Hunk:
    def __init__(self, start: int, lines: list[str]) -> None:
        compared = [_comparable(line) for line in lines]
        self._start = start
        self._text = "".join(compared)
        self._ends = list(accumulate(map(len, compared)))

    def lines(self, quote: str) -> Iterator[int]:
        position = self._text.find(quote)
        while position >= 0:
            index = bisect_right(self._ends, position)
            yield self._start + index
            position = self._text.find(quote, self._ends[index])


def _comparable(text: str) -> str:
    return without_layout(visible(text))
