"""What is better avoided: patterns that are marked so, and likely secrets in the tree."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from devnexus.alike.bag import strongest_place
from devnexus.events.patterns_extracted import PatternsExtracted, Redaction
from devnexus.git import GitFailed, run_git
from devnexus.knowledge.projection import Projection, StandingPattern
from devnexus.redact import redact
from devnexus_cli.first_look.remark import WORTH_TELLING, Remark, Spot
from devnexus_cli.local_repository import LocalRepository
from extractor.regex import compile_regex
from extractor.roles import Role, role_of

_MOST_FILES = 30
"""Files of one repository that are read again to tell the line of a secret."""

_MOST_PLACES = 10
"""Places of one kind in one file that are judged."""

_LINES_ABOVE = 3
_ONLY_A_STAND_IN = re.compile(
    r"dev|test|local|example|sample|dummy|fake|mock|insecure|guest|demo|fixture|compose|/unit/|/integration/|/specs?/",
    re.IGNORECASE,
)
_RUN_ONCE = re.compile(r"(?:^|/)(?:migrations?|alembic|revisions|seeds?)/", re.IGNORECASE)
_WORTH_OF_WHAT_RAN_ONCE = 0.3
"""Nobody goes back to a migration: it is told only to who asks for everything."""

_NO_SECRET_ITSELF = compile_regex(
    r"(?i)^[ \t]*(?:#|//|--|;|\*|<!--).*\[REDACTED:|hash[\"']?\]?[ \t]*(?::=|=>|[:=]).*\[REDACTED:"
)
"""Commented out, so nearly always an example, or a hash, which does not tell what it was made of."""

_REAL_HOST = re.compile(r"\[REDACTED:url-credentials\]@[A-Za-z0-9-]{1,63}\.[A-Za-z0-9-]{1,63}")
_GUESSED = frozenset({"generic-assignment", "url-credentials", "curl-credentials", "bearer-token", "jwt"})
"""Kinds that no vendor's format tells: they are told unasked only where nothing near speaks against it."""


def anti_patterns(projection: Projection, anti: frozenset[str]) -> Iterator[Remark]:
    """One remark for each standing pattern whose id is in `anti`, at its strongest place."""
    for id_, pattern in projection.standing_patterns.items():
        place = strongest_place(pattern) if id_ in anti else None
        if place:
            name = projection.repository_name
            files = len({row.path for row in pattern.evidence} | pattern.further_evidence.keys())
            also = f" and {files - 1} more files" if files > 2 else " and one more file" if files == 2 else ""
            yield Remark(
                kind="risk",
                worth=_worth(pattern) if not _RUN_ONCE.search(place.path) else _WORTH_OF_WHAT_RAN_ONCE,
                text=f"{name}: {pattern.name} ({place.path}:{place.start}{also})",
                repository=name,
                here=Spot(repository=name, path=place.path, start=place.start, end=place.end),
            )


def secrets(clone: LocalRepository, record: PatternsExtracted) -> Iterator[Remark]:
    """One remark for each file of the product with a likely secret: kind and line, never the value."""
    found = [one for one in record.receipt.redacted if one.path and _is_product(one.path)]
    for redaction in found[:_MOST_FILES]:
        places = (
            (_worth_of_secret(redaction.kind, f"{redaction.path}\n{shown}"), line)
            for line, shown in islice(_places(clone, record.after, redaction), _MOST_PLACES)
        )
        worth, line = max(places, key=lambda place: place[0], default=(0.0, 0))
        if line:
            yield _secret(clone.name, redaction, line, worth)


def _secret(name: str, redaction: Redaction, line: int, worth: float) -> Remark:
    path = redaction.path or ""
    what = "a likely secret" if worth >= WORTH_TELLING else "a secret or a stand-in for one"
    return Remark(
        kind="secret",
        worth=worth,
        text=f"{name}: {what} in the tree, {redaction.kind} ({path}:{line})",
        repository=name,
        here=Spot(repository=name, path=path, start=line, end=line),
    )


def _worth(pattern: StandingPattern) -> float:
    return round(pattern.confidence * (0.85 if pattern.category == "security" else 0.65), 3)


def _worth_of_secret(kind: str, shown: str) -> float:
    if _ONLY_A_STAND_IN.search(shown) or kind == "jwt":
        return 0.2
    if kind in _GUESSED and _NO_SECRET_ITSELF.found_in(shown):
        return 0.2
    if kind == "url-credentials":
        return 0.7 if _REAL_HOST.search(shown) else 0.2
    return 0.6 if kind in _GUESSED else 0.95


def _places(clone: LocalRepository, commit: str, redaction: Redaction) -> Iterator[tuple[int, str]]:
    """The lines where such a secret stood, each with what can be shown of it and of what it stands in."""
    try:
        content = run_git(clone.path, "cat-file", "blob", f"{commit}:{redaction.path}")
    except GitFailed:
        return  # the path itself was not fit to be shown
    before = content.decode("utf-8", "replace").split("\n")
    after = redact("\n".join(before)).text.split("\n")
    mark = f"[REDACTED:{redaction.kind}]"
    for number, (was, shown) in enumerate(zip(before, after, strict=True), start=1):
        if mark in shown and was != shown:
            yield number, _surroundings(after, number - 1)


def _surroundings(lines: Sequence[str], at: int) -> str:
    """The line, those just above it, and the nearest one above that is indented less, such as its class."""
    depth = _depth(lines[at])
    enclosing = (line for line in reversed(lines[:at]) if line.strip() and _depth(line) < depth)
    return "\n".join([*lines[max(0, at - _LINES_ABOVE) : at + 1], next(enclosing, "")])


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_product(path: str) -> bool:
    return role_of(path) in {Role.SOURCE, Role.CONFIG, Role.CI}
