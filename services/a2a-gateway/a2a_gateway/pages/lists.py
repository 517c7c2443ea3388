"""Rows that several pages show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from a2a_gateway.knowledge.places import SHOWN, in_order_of_interest
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.knowledge.receipts import receipt_url
from a2a_gateway.pages.links import Link, lines_link, pattern_link, repository_link
from devnexus.events.patterns_extracted import NotRead
from devnexus.knowledge.confidence import strength
from devnexus.knowledge.projection import Projection, StandingPattern
from devnexus.knowledge.seen_by import seen_by

UNVERIFIED = "unverified"
"""How sure one is of what nobody can show, such as the word of a person."""

_FURTHER_SHOWN = 12


@dataclass(frozen=True)
class Happened:
    """A push or snapshot in one line."""

    at: datetime
    repository: Link
    is_push: bool
    author: str | None
    commits: int
    message: str | None
    commit: str
    receipt: str


@dataclass(frozen=True)
class Shown:
    """How surely a pattern stands in a repository, and where."""

    strength: str
    confidence: str
    since: datetime | None
    """None where nothing was seen."""
    seen_by: str
    """Who sees it, in words, where that is more than the rules; else empty."""
    places: Sequence[Link]
    further: Sequence[Link]
    beyond: int
    """How many places there are besides those in `places`."""
    unlisted: int
    """How many of them are not in `further` either."""


@dataclass(frozen=True)
class LeftOut:
    """Files that were not read, or not whole."""

    reason: str
    count: int
    paths: Sequence[str]
    unlisted: int


def happened(reading: Reading, projections: Iterable[Projection], most: int) -> list[Happened]:
    """The last pushes and snapshots of these repositories, newest first."""
    found = [(record, projection) for projection in projections for record in projection.recent]
    found.sort(key=lambda pair: (pair[0].at, pair[0].record_id), reverse=True)
    return [
        Happened(
            at=record.at,
            repository=repository_link(reading.name(projection)),
            is_push=record.subject == "push",
            author=record.author,
            commits=record.commits,
            message=record.message,
            commit=record.after[:7],
            receipt=receipt_url(reading.name(projection), record),
        )
        for record, projection in found[:most]
    ]


def shown(projection: Projection, pattern: StandingPattern) -> Shown:
    """Where a pattern shows in a repository."""
    rows = in_order_of_interest(pattern)
    links = [lines_link(projection.repository_url, row) for row in rows]
    unlisted = max(0, len(rows) - SHOWN - _FURTHER_SHOWN) + sum(pattern.further_evidence.values())
    further = links[SHOWN : SHOWN + _FURTHER_SHOWN]
    return Shown(
        strength=strength(pattern.confidence) if rows else UNVERIFIED,
        confidence=f"{pattern.confidence:.2f}" if rows else "",
        since=pattern.first_seen.at if rows else None,
        seen_by=seen_by(pattern.source),
        places=links[:SHOWN],
        further=further,
        beyond=len(further) + unlisted,
        unlisted=unlisted,
    )


def left_out(groups: Iterable[NotRead], most_paths: int) -> list[LeftOut]:
    """What was not read, with the first few paths of each reason."""
    return [
        LeftOut(
            reason=group.reason,
            count=group.count,
            paths=group.paths[:most_paths],
            unlisted=group.count - len(group.paths[:most_paths]),
        )
        for group in groups
    ]


def pattern_in(reading: Reading, id_: str, name: str) -> Link:
    """A pattern's name, leading to its page where it stands anywhere."""
    return pattern_link(id_, name) if id_ in reading.having else Link(name)
