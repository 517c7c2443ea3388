"""The page of two repositories: how alike they are, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.links import Link, lines_link, pattern_link, repository_link
from devnexus.events.similarity_computed import Overlap, Place, SharedComponent, SharedTerm
from devnexus.knowledge.projection import Projection


@dataclass(frozen=True)
class TermLine:
    """Something that both have."""

    kind: str
    name: Link
    weight: str
    places: Sequence[Link | None]
    """In the first and in the second repository; None where it stands in no particular line."""


@dataclass(frozen=True)
class CopyLine:
    """A component that stands in both."""

    name: str
    is_same: bool
    likeness: str
    places: Sequence[Link]
    changed_last: str | None
    """Which repository changed its copy after the other, where they differ."""
    other_known: bool
    """Whether the other was known already then, so that it has not changed since."""
    changed_at: datetime | None


@dataclass(frozen=True)
class PairPage:
    """What the page of two repositories shows."""

    names: Sequence[Link]
    score: str
    overlap: Overlap
    terms: Sequence[TermLine]
    more_terms: int
    copies: Sequence[CopyLine]
    alone: Sequence[tuple[Link, Sequence[Link]]]
    """Each repository with the patterns that only it has, if there are any."""


def pair_page(reading: Reading, one: Projection, other: Projection) -> PairPage:
    """Two repositories side by side, the same whichever is named first."""
    here, there = sorted((one, other), key=reading.name)
    alike = reading.explain(here, there)
    total = alike.overlap.keywords + alike.overlap.patterns + alike.overlap.dependencies
    alone = [(here, _only_in(here, there)), (there, _only_in(there, here))]
    return PairPage(
        names=[repository_link(reading.name(here)), repository_link(reading.name(there))],
        score=f"{alike.score:.2f}",
        overlap=alike.overlap,
        terms=[_term(term, here, there) for term in alike.shared],
        more_terms=total - len(alike.shared),
        copies=[_copy(copy, here, there, reading) for copy in alike.components],
        alone=[(repository_link(reading.name(who)), what) for who, what in alone if what],
    )


def _term(term: SharedTerm, here: Projection, there: Projection) -> TermLine:
    is_pattern = term.kind == "pattern"
    return TermLine(
        kind=term.kind,
        name=pattern_link(term.term, term.name) if is_pattern else Link(term.name),
        weight=f"{term.weight:.2f}",
        places=[_place(here, term.here), _place(there, term.there)],
    )


def _copy(copy: SharedComponent, here: Projection, there: Projection, reading: Reading) -> CopyLine:
    later = {"here": here, "there": there}.get(copy.changed_last or "")
    return CopyLine(
        name=copy.name,
        is_same=copy.likeness == 1,
        likeness=f"{copy.likeness:.0%}",
        places=[
            lines_link(here.repository_url, copy.here),
            lines_link(there.repository_url, copy.there),
        ],
        changed_last=reading.name(later) if later else None,
        other_known=copy.other_known,
        changed_at=copy.changed_at,
    )


def _place(projection: Projection, place: Place | None) -> Link | None:
    return lines_link(projection.repository_url, place) if place else None


def _only_in(here: Projection, there: Projection) -> list[Link]:
    ids = sorted(here.standing_patterns.keys() - there.standing_patterns.keys())
    return [pattern_link(id_, here.standing_patterns[id_].name) for id_ in ids]
