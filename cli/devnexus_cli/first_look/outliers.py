"""What nearly all of the repositories of one kind do, and one does not."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from devnexus.alike import sentences
from devnexus.alike.missing import missing_patterns, of_its_kind
from devnexus.events.similarity_computed import Missing
from devnexus.knowledge.projection import Projection
from devnexus.repository import RepositoryId
from devnexus_cli.first_look.remark import Remark, Spot

_PRACTICES: Mapping[str, float] = {
    "ci-cd": 0.75,
    "retry-backoff": 0.75,
    "health-check": 0.7,
    "graceful-shutdown": 0.65,
    "structured-logging": 0.65,
    "metrics": 0.6,
    "schema-validation": 0.45,
    "tracing": 0.55,
}
"""Pattern → what its lack is worth. A service without these lacks something; others are matters of design."""

_OF_EVERYBODY = frozenset({"ci-cd"})
"""Seen alike in every language, and worth having for a library too; the others are what services need."""

_SERVES = frozenset({"graphql", "grpc", "rest-api", "task-queue", "websocket"})


def outliers(
    projections: Sequence[Projection], hints: Mapping[RepositoryId, Collection[str]]
) -> Iterator[Remark]:
    """One remark for each practice that a repository lacks and three quarters of its kind have.

    None where `hints`, the patterns with any evidence at all in a repository, speak against it.
    """
    for here in projections:
        for lacking in missing_patterns(here, projections):
            if lacking.pattern in hints.get(here.repository_id, ()):
                continue
            if lacking.pattern in _PRACTICES and _is_a_lack(lacking, here, projections):
                yield _remark(here, lacking)


def _is_a_lack(lacking: Missing, here: Projection, projections: Sequence[Projection]) -> bool:
    """Whether it needs the pattern, and the rules see that in its language: else they lack, not it."""
    if lacking.pattern in _OF_EVERYBODY:
        return True
    return not _SERVES.isdisjoint(here.standing_patterns) and any(
        lacking.pattern in other.standing_patterns
        for other in of_its_kind(here, projections)
        if other.primary_language == here.primary_language
    )


def _remark(here: Projection, lacking: Missing) -> Remark:
    name, place = here.repository_name, lacking.place
    return Remark(
        kind="outlier",
        worth=_PRACTICES[lacking.pattern],
        text=(
            f"{name} shows no {lacking.name}; {lacking.have} of the {lacking.of} repositories of its kind "
            f"have (for example {lacking.example.name} {sentences.place(place)})"
        ),
        repository=name,
        sister=Spot(repository=lacking.example.name, path=place.path, start=place.start, end=place.end),
    )
