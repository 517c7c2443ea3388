"""`find_similar_repositories`: the repositories most like one, and why."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from a2a_gateway.answer import Answer, Part, Question
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import ReadingSkill
from devnexus.alike import sentences
from devnexus.alike.index import MOST_ALIKE, WORTH_NAMING
from devnexus.alike.reasons import most_alike, named
from devnexus.events.similarity_computed import Alike, Overlap, Place, SharedComponent, SharedTerm
from devnexus.knowledge.projection import Projection

_SENTENCES = 3


class FindSimilarRepositories(Question):
    """Like which repository, and how many."""

    repository: str
    """`<owner>/<name>`, whatever its case."""
    limit: Annotated[int, Field(ge=1, le=50)] = MOST_ALIKE
    """At most so many are named."""
    min_score: Annotated[float, Field(ge=0, le=1)] = WORTH_NAMING
    """How alike they must be. Whoever is less alike than 0.04 is never named: any two repositories are."""


class Shared(Part):
    """Something that both repositories have."""

    name: str
    weight: float
    """What few repositories have weighs more."""
    here: str | None
    """`<path>:<line>` in the repository asked for."""
    there: str | None


class SharedCode(Part):
    """A class or function that stands in both."""

    name: str
    likeness: float
    """The share of equal lines; 1 only where all are."""
    here: str
    there: str


class SimilarRepository(Part):
    """A repository that is like the one asked for."""

    repository: str
    score: float
    """From 0 to 1: the weight of what both have over the weight of what either has."""
    reasons: list[str]
    """Why, in sentences."""
    shared_patterns: list[Shared]
    shared_packages: list[Shared]
    shared_components: list[SharedCode]
    """The most alike, at most 10."""
    shared_keywords: list[str]
    overlap: Overlap
    """How many of each both have; the ten that weigh most, over all kinds, are listed."""


class SimilarRepositories(Answer):
    """The most alike first, without those that people do not want to hear of."""

    repository: str
    similar: list[SimilarRepository]
    count: int


def find_similar_repositories(asked: FindSimilarRepositories, knowledge: Reading) -> SimilarRepositories:
    """Find who is most like one repository."""
    here = known_repository(asked.repository, knowledge)
    found = [_similar(here, there, knowledge) for there in _most_alike(here, asked.limit, knowledge)]
    similar = [one for one in found if one.score >= asked.min_score]
    return SimilarRepositories(repository=knowledge.name(here), similar=similar, count=len(similar))


def _most_alike(here: Projection, most: int, knowledge: Reading) -> Iterable[Projection]:
    if most <= MOST_ALIKE:
        return knowledge.like(here)[:most]
    with knowledge.index.at(knowledge.view) as index:
        return most_alike(knowledge.view, index, here, most=most)


def _similar(here: Projection, there: Projection, knowledge: Reading) -> SimilarRepository:
    alike = knowledge.explain(here, there)
    return SimilarRepository(
        repository=knowledge.name(there),
        score=alike.score,
        reasons=_reasons(here, alike),
        shared_patterns=[_shared(term) for term in alike.shared if term.kind == "pattern"],
        shared_packages=[_shared(term) for term in alike.shared if term.kind == "dependency"],
        shared_components=[_code(component) for component in alike.components],
        shared_keywords=[term.name for term in alike.shared if term.kind == "keyword"],
        overlap=alike.overlap,
    )


def _reasons(here: Projection, alike: Alike) -> list[str]:
    us, them = named(here), alike.repository
    lines = (sentences.both(us, them, term) for term in alike.shared)
    return [
        sentences.shares(alike),
        *[line for line in lines if line][:_SENTENCES],
        *[sentences.copy(us, them, component) for component in alike.components[:_SENTENCES]],
    ]


def _shared(term: SharedTerm) -> Shared:
    return Shared(name=term.name, weight=term.weight, here=_place(term.here), there=_place(term.there))


def _code(component: SharedComponent) -> SharedCode:
    return SharedCode(
        name=component.name,
        likeness=component.likeness,
        here=sentences.place(component.here),
        there=sentences.place(component.there),
    )


def _place(place: Place | None) -> str | None:
    return sentences.place(place) if place else None


SKILL = ReadingSkill(
    id="find_similar_repositories",
    name="Find Similar Repositories",
    description="Find the repositories most like one, with what they share, the lines that show it,"
    " and the code that stands in both.",
    tags=("similarity", "repositories", "reuse"),
    input=FindSimilarRepositories,
    output=SimilarRepositories,
    run=find_similar_repositories,
    example=FindSimilarRepositories(repository="acme/api"),
)
