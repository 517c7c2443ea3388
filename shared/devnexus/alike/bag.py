"""The bag of terms that a repository is compared by: its patterns, dependencies and keywords."""

from typing import Literal, NamedTuple

from devnexus.events.similarity_computed import Place
from devnexus.knowledge.projection import Evidence, Projection, StandingPattern

Kind = Literal["pattern", "dependency", "keyword"]


_LONGEST_PATH = 500


class Term(NamedTuple):
    """One thing that repositories can have in common."""

    kind: Kind
    key: str
    """A pattern's id, `<ecosystem>:<package>`, or a keyword."""


def bag_of(projection: Projection) -> frozenset[Term]:
    """The terms of a repository."""
    dependencies = (f"{d.ecosystem}:{d.name}" for d in projection.declared_dependencies)
    return frozenset(
        (
            *(Term("pattern", pattern) for pattern in projection.standing_patterns),
            *(Term("dependency", dependency) for dependency in dependencies),
            *(Term("keyword", keyword) for keyword in projection.latest_patterns.keywords),
        )
    )


def places_of(projection: Projection) -> dict[Term, Place]:
    """Where the terms of a repository can be seen; keywords stand nowhere in particular."""
    places = {
        Term("dependency", f"{d.ecosystem}:{d.name}"): place(d.path, d.line, d.line, d.commit)
        for d in projection.declared_dependencies
    }
    for id_, pattern in projection.standing_patterns.items():
        if strongest := strongest_place(pattern):
            places[Term("pattern", id_)] = strongest
    return places


def strongest_place(pattern: StandingPattern) -> Place | None:
    """Where a pattern shows most clearly; code says more than the manifest or the path that goes with it."""
    row = strongest_row(pattern)
    return place(row.path, row.start, row.end, row.commit) if row else None


def strongest_row(pattern: StandingPattern) -> Evidence | None:
    """The row that shows a pattern most clearly."""
    return min(pattern.evidence, key=lambda row: row.remoteness, default=None)


def place(path: str, start: int, end: int, commit: str) -> Place:
    """These lines as an event tells of them."""
    return Place(path=short(path), start=start, end=end, commit=commit)


def short(path: str) -> str:
    """The path as an event tells of it: one of absurd length is cut, so that the event fits."""
    return path if len(path) <= _LONGEST_PATH else f"{path[:_LONGEST_PATH]}…"
