"""What one push or snapshot showed: patterns with their lines, and what its manifests ask for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import Dependency, FileReading, Manifest
from devnexus.events.similarity_computed import Place
from devnexus.git_names import is_no_commit

_PLACES_SHOWN = 6


@dataclass(frozen=True)
class SeenLines:
    """Lines that show a pattern, and whether this push brought one of them."""

    place: Place
    introduced: bool
    source: str = "rules"
    """Who says so: `rules`, `claude` or `both`."""


@dataclass(frozen=True)
class Seen:
    """A pattern that showed in the files that were read."""

    id: str
    name: str
    introduced: bool
    places: Sequence[SeenLines]
    """Those that it brought first, at most 6."""
    more: int
    source: str
    """Who sees it in these files: `rules`, `claude` or `both`."""


_Lines = dict[tuple[str, int, int], SeenLines]


def seen_in(record: PatternsExtracted) -> list[Seen]:
    """Every pattern with a row or a claim, those with new lines first."""
    names = {pattern.id: pattern.name for pattern in record.patterns}
    lines: dict[str, _Lines] = defaultdict(dict)
    cut: dict[str, int] = defaultdict(int)
    for file in record.files:
        for row in sorted(file.rows, key=lambda row: row.start):
            place = Place(path=file.path, start=row.start, end=row.end, commit=record.after)
            lines[row.rule].setdefault((file.path, row.start, row.end), SeenLines(place, row.introduced))
        _add_claims(lines, file, record)
        for rule, count in file.cut.items():
            cut[rule] += count
    found = [_seen(rule, names.get(rule, rule), [*some.values()], cut[rule]) for rule, some in lines.items()]
    return sorted(found, key=lambda seen: (not seen.introduced, seen.id))


def _add_claims(lines: dict[str, _Lines], file: FileReading, record: PatternsExtracted) -> None:
    """What Claude says of one file; of a push it read the added lines alone."""
    is_new = record.coverage == "change"
    for claim in file.claims or ():
        place = Place(path=file.path, start=claim.line, end=claim.line, commit=record.after)
        source = "both" if (file.path, claim.line, claim.line) in lines[claim.pattern] else "claude"
        lines[claim.pattern][file.path, claim.line, claim.line] = SeenLines(place, is_new, source)


def _seen(rule: str, name: str, lines: Sequence[SeenLines], cut: int) -> Seen:
    places = sorted(lines, key=lambda one: not one.introduced)
    more = len(places[_PLACES_SHOWN:]) + cut
    sources = {one.source for one in lines}
    source = sources.pop() if len(sources) == 1 else "both"
    return Seen(rule, name, places[0].introduced, places[:_PLACES_SHOWN], more, source)


def manifests_in(record: PatternsExtracted) -> list[tuple[str, Manifest]]:
    """Each manifest that was read, with its path."""
    return [(file.path, file.manifest) for file in record.files if file.manifest]


def removed_in(record: PatternsExtracted) -> list[str]:
    """The files that it deleted."""
    return [file.path for file in record.files if file.status == "removed"]


def asked_for(dependency: Dependency) -> str:
    """A dependency as its manifest writes it, about: `httpx >=0.27`."""
    return f"{dependency.name} {dependency.requirement}".strip()


def came_from(record: PatternsExtracted) -> str | None:
    """The commit that it started from; None where nothing came before."""
    return None if record.before is None or is_no_commit(record.before) else record.before


def coverage_of(record: PatternsExtracted) -> str:
    """How much of it was read, in a sentence."""
    receipt = record.receipt
    if record.coverage == "tree":
        return f"The whole tree was read; {_files(receipt.read)} of {receipt.files}."
    if record.coverage == "commits":
        why = (
            "they do not continue from what was there before"
            if came_from(record)
            else "nothing came before them"
        )
        return f"Only its commits are told here: {why}, so all files were read instead, as a snapshot."
    were = "was" if receipt.read == 1 else "were"
    touched = "touched file" if receipt.files == 1 else "touched files"
    return f"Of {receipt.files:,} {touched}, {receipt.read} {were} read whole."


def _files(count: int) -> str:
    return f"{count:,} file" if count == 1 else f"{count:,} files"
