"""What the code of one file is made of: which of its lines are code, and what its identifiers are called.

Comments and texts are no code. A name of a pattern stands in code where one single identifier holds all of
its words: anywhere in a file, words such as `event` and `store` come together by chance, and whoever makes
Claude say so could have the pattern reported of it (measured: benchmarks/provable_names.py).
"""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache

from devnexus.people.names import means_it_among
from devnexus.people.tokens import tokens
from extractor.claude.pieces import Piece
from extractor.comments import code_alone, without_comments
from extractor.evidence import lines_of

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PARTS = re.compile(r"_+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST = 100
"""Characters of an identifier; longer ones are data."""

_MOST = 20_000
"""Different identifiers of one file that are looked at, in the order in which they first stand there."""

_IS_CODE = re.compile(r"[^\W\d_]")


class CodeWords:
    """What is code in one file; in a language that nobody can tell apart from its texts, no word is."""

    def __init__(self, piece: Piece) -> None:
        self._path, self._text = piece.path, piece.text

    def is_code(self, line: int) -> bool:
        """Whether anything but comments and texts stands in this line, 1-based."""
        return line in self._lines_of_code

    def line(self, line: int) -> str:
        """What of this line is code; empty in a language that is not known well enough."""
        return self._code[line - 1] if line <= len(self._code) else ""

    def spell(self, name: str) -> bool:
        """Whether an identifier holds all words of `name`, which means its pattern also among others."""
        words = tokens(name)
        return any(means_it_among(words, identifier) for identifier in self.identifiers)

    def hold(self, name: str) -> bool:
        """Whether an identifier holds all words of `name`, whatever that means."""
        words = tokens(name)
        return bool(words) and any(words <= identifier for identifier in self.identifiers)

    @cached_property
    def _code(self) -> list[str]:
        code = code_alone(self._path, self._text)
        return [] if code is None else lines_of(code)

    @cached_property
    def _lines_of_code(self) -> frozenset[int]:
        lines = self._code or lines_of(without_comments(self._path, self._text))
        return frozenset(number for number, line in enumerate(lines, start=1) if _IS_CODE.search(line))

    @cached_property
    def identifiers(self) -> frozenset[frozenset[str]]:
        """The words of each identifier."""
        return frozenset(map(words_of_identifier, _first(_MOST, self._code)))


@lru_cache(maxsize=50_000)
def words_of_identifier(identifier: str) -> frozenset[str]:
    """The stems of its words, and of each two written as one: `GraphQLSchema` speaks of GraphQL."""
    parts = [part for part in _PARTS.sub(" ", identifier).lower().split() if part]
    pairs = (one + other for one, other in zip(parts, parts[1:], strict=False))
    return tokens(" ".join([*parts, *pairs]))


def _first(most: int, lines: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for line in lines:
        found.update((word, None) for word in _IDENTIFIER.findall(line) if len(word) <= _LONGEST)
        if len(found) >= most:
            break
    return list(found)[:most]
