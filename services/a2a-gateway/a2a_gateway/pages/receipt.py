"""The page of one push or snapshot: what was looked at, what was seen, and what was not looked at."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from a2a_gateway.pages.links import (
    Link,
    commit_link,
    day_of,
    lines_link,
    receipt_digits,
    repository_link,
)
from a2a_gateway.pages.lists import LeftOut, left_out, pattern_in
from a2a_gateway.reading import Reading
from devnexus.events.patterns_extracted import Dependency, PatternsExtracted, Redaction
from devnexus.events.similarity_computed import Place
from devnexus.knowledge.projection import Projection

_COMMITS_SHOWN = 20
_PLACES_SHOWN = 6
_PACKAGES_SHOWN = 60
_PATHS_SHOWN = 10


@dataclass(frozen=True)
class CommitLine:
    """One of the commits."""

    commit: Link
    author: str
    message: str


@dataclass(frozen=True)
class SeenPlace:
    """Lines that show a pattern, and whether this push brought one of them."""

    lines: Link
    introduced: bool


@dataclass(frozen=True)
class SeenPattern:
    """A pattern that showed in the files that were read."""

    pattern: Link
    introduced: bool
    places: Sequence[SeenPlace]
    more: int


@dataclass(frozen=True)
class ManifestLine:
    """What a manifest declares."""

    path: str
    ecosystem: str
    count: int
    names: Sequence[str]


@dataclass(frozen=True)
class ReceiptPage:
    """What the page of a receipt shows."""

    repository: Link
    record: PatternsExtracted
    after: Link
    before: Link | None
    commits: Sequence[CommitLine]
    more_commits: int
    patterns: Sequence[SeenPattern]
    manifests: Sequence[ManifestLine]
    components: int
    removed: Sequence[str]
    more_removed: int
    not_read: Sequence[LeftOut]
    clipped: Sequence[LeftOut]
    redacted: Sequence[Redaction]


def receipt_page(reading: Reading, projection: Projection, day: str, digits: str) -> ReceiptPage | None:
    """The receipt under that day and those digits, None where there is none.

    Raises Unavailable or Damaged where the day's history cannot be read.
    """
    at = _day(day)
    records = reading.analyses(projection.repository_id, at) if at else []
    for record in records:
        if receipt_digits(record.record_id) == digits:
            return _page(reading, projection, record)
    return None


def _day(text: str) -> datetime | None:
    try:
        at = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if day_of(at) == text else None


def _page(reading: Reading, projection: Projection, record: PatternsExtracted) -> ReceiptPage:
    url = record.repository.url
    removed = [file.path for file in record.files if file.status == "removed"]
    commits = [
        CommitLine(commit_link(url, commit.sha), commit.author, commit.message)
        for commit in record.commits[:_COMMITS_SHOWN]
    ]
    return ReceiptPage(
        repository=repository_link(reading.name(projection)),
        record=record,
        after=commit_link(url, record.after),
        before=commit_link(url, record.before) if record.before and record.before.strip("0") else None,
        commits=commits,
        more_commits=max(record.commit_count, len(record.commits)) - len(commits),
        patterns=_patterns(reading, record),
        manifests=_manifests(record),
        components=sum(len(file.components) for file in record.files),
        removed=removed[:_PATHS_SHOWN],
        more_removed=len(removed[_PATHS_SHOWN:]),
        not_read=left_out(record.receipt.not_read, _PATHS_SHOWN),
        clipped=left_out(record.receipt.clipped, _PATHS_SHOWN),
        redacted=record.receipt.redacted,
    )


def _patterns(reading: Reading, record: PatternsExtracted) -> list[SeenPattern]:
    """Every pattern with a row, those with new lines first."""
    names = {pattern.id: pattern.name for pattern in record.patterns}
    seen: dict[str, dict[Link, SeenPlace]] = defaultdict(dict)
    cut: dict[str, int] = defaultdict(int)
    for file in record.files:
        for row in sorted(file.rows, key=lambda row: row.start):
            place = Place(path=file.path, start=row.start, end=row.end, commit=record.after)
            link = lines_link(record.repository.url, place)
            seen[row.rule].setdefault(link, SeenPlace(link, row.introduced))
        for rule, count in file.cut.items():
            cut[rule] += count
    found = []
    for rule, by_link in sorted(seen.items()):
        places = sorted(by_link.values(), key=lambda place: not place.introduced)
        more = len(places[_PLACES_SHOWN:]) + cut[rule]
        link = pattern_in(reading, rule, names.get(rule, rule))
        found.append(SeenPattern(link, places[0].introduced, places[:_PLACES_SHOWN], more))
    return sorted(found, key=lambda pattern: not pattern.introduced)


def _manifests(record: PatternsExtracted) -> list[ManifestLine]:
    return [
        ManifestLine(
            path=file.path,
            ecosystem=file.manifest.ecosystem,
            count=len(file.manifest.dependencies),
            names=[_asked_for(one) for one in file.manifest.dependencies[:_PACKAGES_SHOWN]],
        )
        for file in record.files
        if file.manifest
    ]


def _asked_for(dependency: Dependency) -> str:
    return f"{dependency.name} {dependency.requirement}".strip()
