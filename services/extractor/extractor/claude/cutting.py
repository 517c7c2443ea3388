"""Pieces small enough for one call: a file that is too large is cut where its author left a gap."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extractor.claude.pieces import Piece

TOKENS_PER_CALL = 30_000
"""Of pieces; the brief comes on top, and is cached."""

IN_PART = "too large to be read whole"

_TOKENS_PER_PIECE = 40
"""For the fence, number and name around a file."""

_TOKENS_PER_HUNK = 10
_DEFINITION = re.compile(r"[A-Za-z@#/\[]")
"""At the very beginning of a line: something that stands by itself begins there."""


def tokens_of(text: str) -> int:
    """About how many tokens `text` takes, rather too many: two for five bytes of UTF-8.

    Claude's tokenizer cannot be had offline. The rule of thumb is three to four bytes a token, and the newer
    models make about 30 % more tokens of the same text: 2.3 to 3 bytes. An estimate is enough, as what a
    model reads at once is many times a call: https://platform.claude.com/docs/en/build-with-claude/token-counting
    """
    return (len(text.encode("utf-8", "replace")) * 2 + 4) // 5


def cut(piece: Piece, *, tokens: int = TOKENS_PER_CALL) -> tuple[tuple[Piece, ...], bool]:
    """`piece` in parts of at most `tokens`, and whether that is all of it.

    What is missing is lines that are too long for one call by themselves. The cuts depend on nothing but
    the file, so that a part is known again.
    """
    sizes = _sizes(piece)
    if _TOKENS_PER_PIECE + _TOKENS_PER_HUNK * len(piece.added) + sum(sizes.values()) <= tokens:
        return (piece,), True
    spans = list(_spans(piece, sizes, tokens - _TOKENS_PER_PIECE))
    parts: list[list[range]] = []
    room = 0
    for span in spans:
        needed = _TOKENS_PER_HUNK + sum(sizes[number] for number in span)
        if not parts or needed > room:
            parts.append([])
            room = tokens - _TOKENS_PER_PIECE
        parts[-1].append(span)
        room -= needed
    is_whole = sum(map(len, spans)) == len(sizes)
    return tuple(replace(piece, added=tuple(part)) for part in parts), is_whole


def size_of(piece: Piece) -> int:
    """About how many tokens the piece takes in a call."""
    hunks = list(piece.hunks())
    return _TOKENS_PER_PIECE + sum(
        _TOKENS_PER_HUNK + sum(_tokens_of_line(line) for line in lines) for _, lines in hunks
    )


def _tokens_of_line(line: str) -> int:
    return tokens_of(f"{line}\n")


def _sizes(piece: Piece) -> dict[int, int]:
    """Line → its tokens, for the lines that are to be read."""
    return {
        number: _tokens_of_line(line)
        for start, lines in piece.hunks()
        for number, line in enumerate(lines, start)
    }


def _spans(piece: Piece, sizes: dict[int, int], tokens: int) -> Iterator[range]:
    """The hunks, those that are too large in several."""
    most = tokens - _TOKENS_PER_HUNK
    for start, lines in piece.hunks():
        begin, end = start, start + len(lines)
        while begin < end:
            if sizes[begin] > most:
                begin += 1
                continue
            stop = _farthest(begin, end, sizes, most)
            if stop < end and sizes[stop] <= most:
                stop = _gap(piece.lines, begin, stop)
            yield range(begin, stop)
            begin = stop


def _farthest(begin: int, end: int, sizes: dict[int, int], most: int) -> int:
    """The first line after `begin` that does not fit with those before it."""
    taken = 0
    for number in range(begin, end):
        taken += sizes[number]
        if taken > most:
            return number
    return end


def _gap(lines: Sequence[str], begin: int, stop: int) -> int:
    """Where to go on instead of at `stop`: at something that stands by itself, else after an empty line.

    Only the last half is looked at, so that every part is worth a call.
    """
    numbers = range(stop, begin + (stop - begin) // 2, -1)
    for number in numbers:
        if _DEFINITION.match(lines[number - 1]) and not lines[number - 2].strip():
            return number
    return next((number for number in numbers if not lines[number - 2].strip()), stop)
