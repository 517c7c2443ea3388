"""Which of the decisions that Claude names the change itself bears out, and which the rules saw as well."""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

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
_REQUIREMENT = re.compile(r"[\w.,*<>=~^!|+-]{1,40}")
_TELLING = 3
"""Characters of a word that can tell one package from others; `go` and `js` cannot."""


class Decided:
    """What the lines of one file decide: they ask for a package that came, or import what came or went.

    What it is called are names in the code alone: what a model, a comment or a text says of it could be said
    of anything.
    """

    def __init__(
        self, piece: Piece, code: CodeWords, file: FileReading, come_or_gone: frozenset[str]
    ) -> None:
        self._piece, self._code, self._file, self._come_or_gone = piece, code, file, come_or_gone

    def at(self, line: int) -> Decision | None:
        """What this line, 1-based, decides."""
        if came := self._came.get(line):
            return _choice(came, line, self._file)
        if self._piece.role is not Role.SOURCE or not self._code.is_code(line):
            return None
        imported = (one for one in self._imported.get(line, ()) if _is_among(one, self._come_or_gone))
        return next((_choice(one, line, self._file) for one in imported), None)

    @cached_property
    def _came(self) -> dict[int, str]:
        """Line → the package that the push brought, and that it asks for."""
        return {
            one.line: _package(one)
            for one in self._file.dependency_changes
            if one.change == "added" and one.line
        }

    @cached_property
    def _imported(self) -> dict[int, list[str]]:
        """Line → the modules that it imports, each after the packages that it lies in."""
        system, found = SYSTEMS.get(self._piece.language or ""), defaultdict[int, list[str]](list)
        matchable = Matchable(self._piece.path, self._piece.text)
        for one in imports_of(system, matchable.text) if system else ():
            line, _ = matchable.lines(one.start, one.end)
            found[line] += reversed(prefixes(system or "", without_versions(system or "", one.module)))
        return found


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
    """Its name, with what is asked for where that is a requirement and no prose."""
    requirement = change.after.replace(", ", ",")
    shown = requirement if _REQUIREMENT.fullmatch(requirement) else ""
    return f"{change.purl.partition('/')[2].replace('%40', '@')} {shown}".strip()
