"""Which of the patterns that Claude names the code of the same file bears out."""

from collections.abc import Mapping, Sequence
from typing import Final

from devnexus.events.patterns_extracted import EvidenceRow, FileReading, Kind, Pattern
from extractor.claude.code_words import CodeWords
from extractor.claude.meaning import Meaning
from extractor.claude.pieces import Piece
from extractor.roles import Role

_KINDS: Final[Mapping[Role, frozenset[Kind]]] = {
    Role.SOURCE: frozenset({"import", "code"}),
    Role.CONFIG: frozenset({"config"}),
}
"""The files that can prove a pattern, and the rows of rules that do: what Claude reads in a manifest is no
second witness of a dependency, and a path is no code."""


class Bearing:
    """What one file bears out, as its rules and its words tell."""

    def __init__(self, piece: Piece, code: CodeWords, file: FileReading, meaning: Meaning) -> None:
        self._piece, self._code, self._rows, self._meaning = piece, code, file.rows, meaning

    def bears_out(self, id_: str, line: int) -> bool:
        """Whether this line, 1-based, may be said to show the pattern.

        It is code of the product, and in the same file a rule sees the pattern, too, or an identifier holds
        all words of one of its names; in a file that declares, the very line must be one that the rule sees.
        """
        if self._piece.role not in _KINDS or not self._code.is_code(line):
            return False
        return self._is_seen(id_, line) or any(map(self._code.spell, self._meaning.names(id_)))

    def _is_seen(self, id_: str, line: int) -> bool:
        anywhere = self._piece.role is Role.SOURCE
        return any(
            anywhere or row.start <= line <= row.end for row in self._rows if self._speaks_for(row, id_)
        )

    def _speaks_for(self, row: EvidenceRow, id_: str) -> bool:
        if row.rule != id_ and self._meaning.of(row.rule).id != id_:
            return False
        need = _need(self._meaning.patterns, row.rule) or _need(self._meaning.patterns, id_)
        if row.kind not in _KINDS[self._piece.role] or (need and row.kind not in need):
            return False
        # rules also see what stands in texts
        return any(map(self._code.is_code, range(row.start, row.end + 1)))


def _need(patterns: Sequence[Pattern], id_: str) -> tuple[Kind, ...]:
    return next((pattern.need for pattern in patterns if pattern.id == id_), ())
