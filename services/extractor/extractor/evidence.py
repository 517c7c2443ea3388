"""The door that every claim about a file passes: its quote must really stand there.

Lines are what stands between line feeds, a carriage return included: `str.splitlines` would also
break at U+2028 and form feeds, and then line numbers would differ from git's.
"""

import hashlib
from collections.abc import Iterable, Sequence

from devnexus.events.patterns_extracted import EvidenceRow


def lines_of(text: str) -> list[str]:
    """The lines of `text` as git counts them, byte for byte; none for an empty text."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def quote_of(lines: Sequence[str], start: int, end: int) -> str:
    """The first 16 hex digits of the SHA-256 of lines `start` to `end`, 1-based, both included."""
    quoted = "\n".join(lines[start - 1 : end]).encode("utf-8", "replace")
    return hashlib.sha256(quoted).hexdigest()[:16]


def verify(rows: Iterable[EvidenceRow], text: str) -> tuple[tuple[EvidenceRow, ...], int]:
    """The rows whose quote really is the hash of their lines in `text`, and the number of the others."""
    claimed, lines = tuple(rows), lines_of(text)
    kept = tuple(row for row in claimed if _stands(row, lines))
    return kept, len(claimed) - len(kept)


def _stands(row: EvidenceRow, lines: Sequence[str]) -> bool:
    inside = row.start <= row.end <= len(lines)
    return inside and row.quote == quote_of(lines, row.start, row.end)
