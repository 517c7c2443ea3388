"""Pieces packed into a few calls: whole hunks, the most relevant first, and what does not fit is named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from extractor.claude.cutting import IN_PART, TOKENS_PER_CALL, cut, size_of
from extractor.claude.pieces import Piece

CALLS_PER_PUSH = 4
CALLS_PER_SNAPSHOT = 8

MOST_PIECES = 60
"""In one call: the answer has to speak of each of them."""

_MOST_CHARACTERS = 4_000_000
"""Of the files behind the pieces of one call, which are in memory whole."""

_LEAST_TOKENS = 500
"""A call with less room is full: only scraps would fit."""

TOO_MUCH = "does not fit into the calls that one push or snapshot may take"


@dataclass(frozen=True)
class Packed:
    """What is asked, and what is not."""

    packs: tuple[tuple[Piece, ...], ...]
    """The pieces of each call."""
    left_out: Mapping[str, str]
    """Path → why it, or a part of it, is in none of them; those that were not even taken are not named."""


def pack(
    pieces: Iterable[Piece], *, tokens_per_call: int = TOKENS_PER_CALL, most_calls: int = CALLS_PER_PUSH
) -> Packed:
    """`pieces`, the most relevant first, each in the first call that has room for it.

    Takes no more of them than it needs to fill the calls. Where some of the calls were made already, so that
    their pieces are known and do not come again, and `most_calls` is less by as many, the others are exactly
    what they were: after a crash the same questions are asked.
    """
    calls = [_Call(tokens_per_call) for _ in range(most_calls)]
    left_out: dict[str, str] = {}
    for piece in pieces if calls else ():
        parts, is_whole = cut(piece, tokens=tokens_per_call)
        if not is_whole:
            left_out[piece.path] = IN_PART
        placed = [_place(part, calls) for part in parts]
        if not all(placed):
            left_out[piece.path] = IN_PART if any(placed) else TOO_MUCH
        if all(call.is_full for call in calls):
            break
    return Packed(tuple(tuple(call.pieces) for call in calls if call.pieces), left_out)


@dataclass
class _Call:
    room: int
    pieces: list[Piece] = field(default_factory=list)
    characters: int = 0

    @property
    def is_full(self) -> bool:
        """For good, whatever comes: so what other calls hold makes no difference to this one."""
        return self.room < _LEAST_TOKENS or len(self.pieces) == MOST_PIECES

    def take(self, piece: Piece, size: int) -> bool:
        """Whether there was room."""
        characters = self.characters + len(piece.text)
        if self.is_full or size > self.room or (self.pieces and characters > _MOST_CHARACTERS):
            return False
        self.pieces.append(piece)
        self.room -= size
        self.characters = characters
        return True


def _place(piece: Piece, calls: Iterable[_Call]) -> bool:
    size = size_of(piece)
    return any(call.take(piece, size) for call in calls)
