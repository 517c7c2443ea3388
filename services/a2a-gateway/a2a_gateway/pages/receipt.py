"""The page of one push or snapshot: what was looked at, what was seen, and what was not looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.knowledge.receipts import DIGITS, day_named, record_of_push
from a2a_gateway.knowledge.seen import (
    Seen,
    SeenLines,
    asked_for,
    came_from,
    coverage_of,
    manifests_in,
    removed_in,
    seen_in,
)
from a2a_gateway.pages.claude_part import ClaudePart, claude_part
from a2a_gateway.pages.links import Link, commit_link, lines_link, repository_link
from a2a_gateway.pages.lists import LeftOut, left_out, pattern_in
from devnexus.events.patterns_extracted import Manifest, PatternsExtracted, Redaction
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.seen_by import seen_by

_COMMITS_SHOWN = 20
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
    """Lines that show a pattern, whether this push brought one of them, and whether Claude says so."""

    lines: Link
    note: str


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
    coverage: str
    """How much of it was read, in a sentence."""
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
    claude: ClaudePart


def receipt_page(reading: Reading, projection: Projection, day: str, digits: str) -> ReceiptPage | None:
    """The receipt under that day and those digits, None where there is none.

    Raises Unavailable where the day's history cannot be read.
    """
    at = day_named(day)
    record = record_of_push(projection, digits, reading, day=at) if at and len(digits) == DIGITS else None
    return _page(reading, projection, record) if record else None


def _page(reading: Reading, projection: Projection, record: PatternsExtracted) -> ReceiptPage:
    url = record.repository.url
    removed, before = removed_in(record), came_from(record)
    commits = [
        CommitLine(commit_link(url, commit.sha), commit.author, commit.message)
        for commit in record.commits[:_COMMITS_SHOWN]
    ]
    return ReceiptPage(
        repository=repository_link(reading.name(projection)),
        record=record,
        after=commit_link(url, record.after),
        before=commit_link(url, before) if before else None,
        coverage=coverage_of(record),
        commits=commits,
        more_commits=max(record.commit_count, len(record.commits)) - len(commits),
        patterns=[_pattern(reading, record, seen) for seen in seen_in(record)],
        manifests=[_manifest(*one) for one in manifests_in(record)],
        components=sum(len(file.components) for file in record.files),
        removed=removed[:_PATHS_SHOWN],
        more_removed=len(removed[_PATHS_SHOWN:]),
        not_read=left_out(record.receipt.not_read, _PATHS_SHOWN),
        clipped=left_out(record.receipt.clipped, _PATHS_SHOWN),
        redacted=record.receipt.redacted,
        claude=claude_part(reading, record, most_paths=_PATHS_SHOWN),
    )


def _pattern(reading: Reading, record: PatternsExtracted, seen: Seen) -> SeenPattern:
    url = record.repository.url
    return SeenPattern(
        pattern=pattern_in(reading, seen.id, seen.name),
        introduced=seen.introduced,
        places=[SeenPlace(lines_link(url, one.place), _note(one)) for one in seen.places],
        more=seen.more,
    )


def _note(lines: SeenLines) -> str:
    said = ["new"] if lines.introduced else []
    return ", ".join([*said, *filter(None, [seen_by(lines.source)])])


def _manifest(path: str, manifest: Manifest) -> ManifestLine:
    return ManifestLine(
        path=path,
        ecosystem=manifest.ecosystem,
        count=len(manifest.dependencies),
        names=[asked_for(one) for one in manifest.dependencies[:_PACKAGES_SHOWN]],
    )
