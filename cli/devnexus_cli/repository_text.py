"""What is known of one repository in lines for people: the same words in every command."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from devnexus.events import PatternsExtracted
from devnexus.knowledge.confidence import strength
from devnexus.knowledge.projection import Projection, StandingPattern

_PLACES_SHOWN = 3
_PATHS_SHOWN = 2


def what_it_is(projection: Projection) -> str:
    """What its README or manifest says, and what it is written in."""
    files = sum(projection.languages.values())
    written_in = f"{projection.primary_language}, {files} files of code" if files else "no code that we know"
    said = projection.description
    return f"{said.rstrip('.')} · {written_in}" if said else written_in


def strongest_first(projection: Projection) -> list[StandingPattern]:
    """Its patterns, the surest first."""
    return sorted(projection.standing_patterns.values(), key=lambda p: (-p.confidence, p.name))


def sure(confidence: float) -> str:
    """Two decimals, never `1.00`: evidence is not proof."""
    return f"{math.floor(confidence * 100) / 100:.2f}"


def pattern_line(pattern: StandingPattern, width: int) -> str:
    """A pattern, how sure it is, and where it shows."""
    first_in_file = {row.path: row.start for row in reversed(pattern.evidence)}
    files = list(dict.fromkeys(row.path for row in pattern.evidence))[:_PLACES_SHOWN]
    places = ", ".join(f"{path}:{first_in_file[path]}" for path in files)
    more = len(pattern.evidence) + sum(pattern.further_evidence.values()) - len(files)
    also = f" and {more:,} more" if more else ""
    how_sure = f"{strength(pattern.confidence):<6} {sure(pattern.confidence)}"
    return f"  {pattern.name:<{width}}  {how_sure}  {places}{also}"


def secrets_of(records: Sequence[PatternsExtracted]) -> dict[tuple[str, str | None], int]:
    """Kind and path → how many secrets were taken out there: the most that one reading found."""
    found: dict[tuple[str, str | None], int] = defaultdict(int)
    for record in records:
        for redaction in record.receipt.redacted:
            key = (redaction.kind, redaction.path)
            found[key] = max(found[key], redaction.count)
    return found


def redacted(secrets: Mapping[tuple[str, str | None], int]) -> Iterator[str]:
    """Per kind, how many stood where."""
    for kind in sorted({kind for kind, _ in secrets}):
        paths = sorted(path or "what was said of a commit" for found, path in secrets if found == kind)
        count = sum(number for (found, _), number in secrets.items() if found == kind)
        yield f"{count} × {kind} ({_some(paths, len(paths))})"


def left_out(records: Sequence[PatternsExtracted]) -> list[str]:
    """Per reason, how many files no record read, and the first of them."""
    named: dict[str, set[str]] = defaultdict(set)
    most: dict[str, int] = defaultdict(int)
    for record in records:
        for group in (*record.receipt.not_read, *record.receipt.clipped):
            named[group.reason].update(group.paths)
            most[group.reason] = max(most[group.reason], group.count)  # a receipt names only some
    lines = []
    for reason, paths in sorted(named.items()):
        count = max(most[reason], len(paths))
        lines.append(f"{count} × {reason} ({_some(sorted(paths), count)})")
    return lines


def _some(paths: Sequence[str], count: int) -> str:
    shown = paths[:_PATHS_SHOWN]
    return f"{', '.join(shown)}{', …' if count > len(shown) else ''}"
