"""Which of the decisions that Claude names the change itself bears out, and which the rules saw as well."""

from collections.abc import Iterator, Sequence

from devnexus.events.patterns_extracted import Decision, DependencyChange, FileReading
from devnexus.knowledge.confidence import CLAUDE_ALONE
from devnexus.redact import redact
from extractor.claude.code_words import CodeWords
from extractor.claude.pieces import Piece
from extractor.imports import SYSTEMS, imports_of, prefixes, without_versions
from extractor.messages import words_of
from extractor.roles import Role
from extractor.sightings import Matchable

_TITLE_CHARACTERS = 200
_TELLING = 3
"""Characters of a word that can tell one package from others; `go` and `js` cannot."""


def proven_decision(
    line: int, *, piece: Piece, code: CodeWords, file: FileReading, come_or_gone: frozenset[str]
) -> Decision | None:
    """What this line, 1-based, decides: it asks for a package that came, or imports what came or went.

    What it is called are names in the code alone: what a model, a comment or a text says of it could be said
    of anything.
    """
    if came := _dependency_at(line, file):
        return _choice(f"{_package(came)} {came.after}", line, file)
    if piece.role is Role.SOURCE and code.is_code(line):
        imported = _imported_at(line, piece)
        return next((_choice(one, line, file) for one in imported if _is_among(one, come_or_gone)), None)
    return None


def agreement(ruled: Sequence[Decision], claimed: Sequence[Decision]) -> tuple[Decision, ...]:
    """What the rules found, surer where Claude names the same line, and then what only Claude found."""
    at = {(one.path, one.line) for one in claimed if one.line}
    known = {(one.path, one.line) for one in ruled if one.line}
    raised = (_surer(one) if (one.path, one.line) in at else one for one in ruled)
    return (*raised, *(one for one in claimed if (one.path, one.line) not in known))


def words_quoted(text: str) -> str:
    """`text` as a title: in one line, without secrets, bounded."""
    clean = redact(" ".join(text.split()).encode("utf-8", "replace").decode()).text
    return clean[:_TITLE_CHARACTERS].strip()


def _dependency_at(line: int, file: FileReading) -> DependencyChange | None:
    """The package that the push brought, and that this line asks for."""
    return next((one for one in file.dependency_changes if one.change == "added" and one.line == line), None)


def _imported_at(line: int, piece: Piece) -> Iterator[str]:
    """The modules that this line imports, and the packages that they lie in."""
    system, matchable = SYSTEMS.get(piece.language or ""), Matchable(piece.path, piece.text)
    for found in imports_of(system, matchable.text) if system else ():
        if matchable.lines(found.start, found.end)[0] == line:
            yield from reversed(prefixes(system or "", without_versions(system or "", found.module)))


def _is_among(module: str, come_or_gone: frozenset[str]) -> bool:
    words = words_of(module)
    return words <= come_or_gone and any(len(word) >= _TELLING for word in words)


def _choice(words: str, line: int, file: FileReading) -> Decision:
    title = words_quoted(words)
    return Decision(
        kind="choice",
        title=title,
        confidence=CLAUDE_ALONE,
        path=file.path,
        line=line,
        quote=title,
        source="claude",
    )


def _surer(ruled: Decision) -> Decision:
    confidence = round(1 - (1 - ruled.confidence) * (1 - CLAUDE_ALONE), 3)
    return ruled.model_copy(update={"confidence": confidence, "source": "both"})


def _package(change: DependencyChange) -> str:
    return change.purl.partition("/")[2].replace("%40", "@")
