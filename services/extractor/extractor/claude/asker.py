"""How a question is put to Claude: at once, with others later, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from extractor.claude.calls import Call, Known
from extractor.claude.pieces import Piece
from extractor.claude.request import Request


@dataclass(frozen=True)
class NotNow:
    """There is no answer (yet); the rules answer alone."""

    because: str
    """In words for people: it stands in the receipt."""
    comes_later: bool = True
    """Whether the push is to be listed for another look."""


class Asker(Protocol):
    """Puts questions; whatever was paid for is kept before it returns."""

    def ask(self, call: Call, request: Request, pieces: Sequence[Piece]) -> Mapping[str, Known] | NotNow:
        """Digest of each piece → what is known of it now.

        Raises Unavailable where another process is asking this very question: its answer will be there soon.
        """
