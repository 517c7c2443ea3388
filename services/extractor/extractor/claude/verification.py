"""Holding what Claude says against the code: what the code does not prove changes nothing that is known.

Whoever may push can write a comment that tells Claude what to say. So nothing that comments, texts, documents
or file names say counts here, nor a word of Claude's own; what is left are claims that the same person could
as well have made the rules see.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from devnexus.events.patterns_extracted import Claim, Decision, FileReading, Suggestion
from devnexus.layout_key import line_key
from devnexus.printable import printable
from extractor.claude.code_words import CodeWords
from extractor.claude.meaning import Meaning
from extractor.claude.pieces import Piece
from extractor.claude.proven_decisions import Decided, words_quoted
from extractor.claude.proven_patterns import Bearing
from extractor.claude.quotes import Quotable
from extractor.claude.said import Said, SaidComponent, SaidDecision, SaidPattern
from extractor.evidence import quote_of
from extractor.roles import Role

_MOST_OF_A_KIND = 5
"""Claims of one pattern, and suggestions of one kind, that are kept of one file."""

_QUOTE_CHARACTERS = 300
_PRODUCT = frozenset({Role.SOURCE, Role.CONFIG})
_NAME = re.compile(r"[^\W_][\w /+.&'()-]{0,59}")
"""A name, and neither an address, nor markup, nor a sentence to obey."""

_IDENTIFIER = re.compile(r"[^\W\d][\w.]{0,99}")


@dataclass(frozen=True)
class Proven:
    """What of the words about one piece counts, and how many did not."""

    claims: tuple[Claim, ...] = ()
    """In order of line and pattern."""
    decisions: tuple[Decision, ...] = ()
    """Those that the change bears out, and those that the rules found on the same line: see `agreement`."""
    suggestions: tuple[Suggestion, ...] = ()
    made: int = 0
    """All that was said, also what was said twice or is left out as one too many."""
    unverified: int = 0
    unproven: int = 0


def verify(
    said: Said,
    piece: Piece,
    *,
    meaning: Meaning,
    file: FileReading,
    come_or_gone: frozenset[str],
    ruled: Sequence[Decision] = (),
) -> Proven:
    """What of the words about `piece` the code proves; `file` is what the rules see in it, `ruled` what they
    found that the push decided.
    """
    reading = _Verification(piece, meaning, file, come_or_gone, [*file.decisions, *ruled])
    for pattern in said.patterns:
        reading.pattern(pattern)
    for decision in said.decisions:
        reading.decision(decision)
    for component in said.components:
        reading.component(component)
    return reading.proven()


class _Verification:
    def __init__(
        self,
        piece: Piece,
        meaning: Meaning,
        file: FileReading,
        come_or_gone: frozenset[str],
        ruled: Sequence[Decision],
    ) -> None:
        self._piece, self._meaning, self._file = piece, meaning, file
        self._ruled = {one.line: one for one in ruled if one.path == piece.path and one.line}
        self._quotable, self._code = Quotable(piece), CodeWords(piece)
        self._bearing = Bearing(piece, self._code, file, meaning)
        self._decided = Decided(piece, self._code, file, come_or_gone)
        self._counts: Counter[str] = Counter()
        self._claims: dict[tuple[int, str], Claim] = {}
        self._decisions: dict[int, Decision] = {}
        self._suggestions: dict[tuple[str, str], Suggestion] = {}

    def proven(self) -> Proven:
        """All that was held against the code so far."""
        return Proven(
            claims=tuple(_few_of_each(claim for _, claim in sorted(self._claims.items()))),
            decisions=tuple(decision for _, decision in sorted(self._decisions.items())),
            suggestions=tuple(_few_suggestions(self._suggestions.values())),
            made=self._counts["made"],
            unverified=self._counts["unverified"],
            unproven=self._counts["unproven"],
        )

    def pattern(self, said: SaidPattern) -> None:
        """A claim where the code bears it out; a suggestion where its name means no pattern for sure."""
        line, meant = self._line(said.quote), self._meaning.of(said.name)
        if line is None:
            return
        if meant.id is None:
            name = said.name.strip()
            spelled = _NAME.fullmatch(name) and self._is_source_at(line) and self._code.hold(name)
            self._suggest("pattern", name if spelled else None, line, meant.maybe)
        elif self._bearing.bears_out(meant.id, line):
            quote, key = quote_of(self._piece.lines, line, line), line_key(self._piece.lines[line - 1])
            self._claims[line, meant.id] = Claim(pattern=meant.id, line=line, quote=quote, key=key)
        else:
            self._counts["unproven"] += 1

    def decision(self, said: SaidDecision) -> None:
        """A decision where the change bears it out or the rules found it, else a suggestion."""
        line = self._line(said.quote)
        if line is None:
            return
        if (ruled := self._ruled.get(line)) and self._piece.role not in _PRODUCT:
            return  # such as the title of a record of decisions: it is known, and prose makes nothing surer
        if found := ruled or self._decided.at(line):
            self._decisions[line] = found.model_copy(update={"source": "claude"})
        else:
            self._suggest("decision", words_quoted(self._shown(line)), line)

    def component(self, said: SaidComponent) -> None:
        """A suggestion, where the rules do not know it and its definition is code."""
        line = self._line(said.quote)
        if line is None or any(one.name == said.name for one in self._file.components):
            return
        is_defined = _IDENTIFIER.fullmatch(said.name) and said.name in self._code.line(line)
        self._suggest("component", said.name if is_defined and self._is_source_at(line) else None, line)

    def _line(self, quote: str) -> int | None:
        """Where `quote` stands, in code if it can; None, and counted, if it stands nowhere."""
        self._counts["made"] += 1
        lines = list(self._quotable.lines(quote))
        if not lines:
            self._counts["unverified"] += 1
            return None
        return next(filter(self._code.is_code, lines), lines[0])

    def _is_source_at(self, line: int) -> bool:
        return self._piece.role is Role.SOURCE and self._code.is_code(line)

    def _suggest(self, kind: str, name: str | None, line: int, meant: str | None = None) -> None:
        if not name:
            self._counts["unproven"] += 1
            return
        told = {"kind": kind, "name": name, "meant": meant, "path": self._piece.path, "line": line}
        suggestion = Suggestion.model_validate({**told, "quote": self._shown(line)})
        self._suggestions.setdefault((kind, name.casefold()), suggestion)

    def _shown(self, line: int) -> str:
        """The line as people may see it; secrets were taken out of the whole text before."""
        return printable(self._piece.lines[line - 1].strip()[:_QUOTE_CHARACTERS])[:_QUOTE_CHARACTERS]


def _few_of_each(claims: Iterable[Claim]) -> Iterable[Claim]:
    kept: Counter[str] = Counter()
    for claim in claims:
        kept[claim.pattern] += 1
        if kept[claim.pattern] <= _MOST_OF_A_KIND:
            yield claim


def _few_suggestions(suggestions: Iterable[Suggestion]) -> Iterable[Suggestion]:
    kept: Counter[str] = Counter()
    for suggestion in sorted(suggestions, key=lambda one: (one.kind, one.line, one.name)):
        kept[suggestion.kind] += 1
        if kept[suggestion.kind] <= _MOST_OF_A_KIND:
            yield suggestion
