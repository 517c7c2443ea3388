"""`query_patterns`: the repositories that have something to do with these keywords, or use these patterns."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from a2a_gateway.answer import Answer, CannotAnswer, Part, UnknownRepository
from a2a_gateway.paging import Paged, Pagination, page_of
from a2a_gateway.places import SHOWN, in_order_of_interest
from a2a_gateway.reading import Reading
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import DeploymentInfo

_COMPONENTS_SHOWN = 10

Hits = Callable[[Projection], list[str]]
"""What of that which is looked for a repository has."""


class QueryPatterns(Paged):
    """What to look for; keywords win where both are given, as callers of old expect."""

    keywords: list[str] = []
    """Words that say what a repository is about; compared whole, whatever their case."""
    patterns: list[str] = []
    """Names, aliases or ids of patterns, however they are spelled."""
    min_matches: Annotated[int, Field(ge=1)] = 1
    """How many of the keywords or patterns a repository must have."""
    repository: str = ""
    """Look at this repository only: `<owner>/<name>`."""
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    """At most so many repositories are named; all are counted."""


class KeywordMatch(Part):
    """A repository that has some of the keywords."""

    repository: str
    match_count: int
    matched_keywords: list[str]
    all_keywords: list[str]
    patterns: list[str]
    problem_domain: str
    deployment_info: DeploymentInfo


class PatternEvidence(Part):
    """Where a repository shows a pattern."""

    id: str
    pattern: str
    confidence: float
    places: list[str]
    """`<path>:<line>`, the clearest first, at most 3."""
    unverified: bool = False
    """Whether there is nothing but the word of a person, and no place to look at."""


class ReusableComponent(Part):
    """Schema v2's record of that name."""

    name: str
    description: str
    language: str
    files: list[str]


class PatternMatch(Part):
    """A repository that uses some of the patterns."""

    repository: str
    match_count: int
    matched_patterns: list[str]
    all_patterns: list[str]
    problem_domain: str
    reusable_components: list[ReusableComponent]
    """Its largest documented ones, at most 10."""
    evidence: list[PatternEvidence]


class Matches(Answer):
    """The repositories with most matches first."""

    matches: list[KeywordMatch | PatternMatch]
    total_matches: int
    """How many repositories match, whether they are named or not."""
    search_criteria: dict[str, Any]
    pagination: Pagination


def query_patterns(query: QueryPatterns, knowledge: Reading) -> Matches:
    """Find repositories by what they are about or by what they do."""
    if not query.keywords and not query.patterns:
        raise CannotAnswer("Give keywords or patterns to look for", matches=[], total_matches=0)
    hits_in, describe = (
        (_keywords(query), _keyword_match)
        if query.keywords
        else (_patterns(query, knowledge), _pattern_match)
    )
    found = [
        (repository, hits)
        for repository in _among(query, knowledge)
        if len(hits := hits_in(repository)) >= query.min_matches
    ]
    found.sort(key=lambda match: -len(match[1]))
    page = page_of(found, query, lambda match: describe(*match, knowledge))
    return Matches(
        matches=page.items,
        total_matches=page.total,
        pagination=page.pagination,
        search_criteria=query.model_dump(),
    )


def _among(query: QueryPatterns, knowledge: Reading) -> Sequence[Projection]:
    if not query.repository:
        return knowledge.repositories
    found = knowledge.named(query.repository)
    if found is None:
        raise UnknownRepository(query.repository)
    return (found,)


def _keywords(query: QueryPatterns) -> Hits:
    wanted = {keyword.strip().lower() for keyword in query.keywords}
    return lambda repository: [word for word in repository.latest_patterns.keywords if word.lower() in wanted]


def _patterns(query: QueryPatterns, knowledge: Reading) -> Hits:
    wanted = {id_ for word in query.patterns for id_ in knowledge.patterns_meant(word)}
    return lambda repository: [id_ for id_ in repository.standing_patterns if id_ in wanted]


def _keyword_match(repository: Projection, hits: Sequence[str], knowledge: Reading) -> KeywordMatch:
    latest = repository.latest_patterns
    return KeywordMatch(
        repository=knowledge.name(repository),
        match_count=len(hits),
        matched_keywords=[hit.lower() for hit in hits],
        all_keywords=[keyword.lower() for keyword in latest.keywords],
        patterns=list(latest.patterns),
        problem_domain=latest.problem_domain,
        deployment_info=repository.deployment,
    )


def _pattern_match(repository: Projection, hits: Sequence[str], knowledge: Reading) -> PatternMatch:
    return PatternMatch(
        repository=knowledge.name(repository),
        match_count=len(hits),
        matched_patterns=[repository.standing_patterns[id_].name for id_ in hits],
        all_patterns=list(repository.latest_patterns.patterns),
        problem_domain=repository.latest_patterns.problem_domain,
        reusable_components=_reusable(repository),
        evidence=[_evidence(id_, repository) for id_ in hits],
    )


def _reusable(repository: Projection) -> list[ReusableComponent]:
    documented = [component for component in repository.components if component.description]
    documented.sort(key=lambda component: (-component.lines_of_code, component.component_id))
    return [
        ReusableComponent(
            name=component.name,
            description=component.description or "",
            language=component.language,
            files=list(component.files),
        )
        for component in documented[:_COMPONENTS_SHOWN]
    ]


def _evidence(id_: str, repository: Projection) -> PatternEvidence:
    pattern = repository.standing_patterns[id_]
    rows = in_order_of_interest(pattern)[:SHOWN]
    return PatternEvidence(
        id=id_,
        pattern=pattern.name,
        confidence=pattern.confidence,
        places=[f"{row.path}:{row.start}" for row in rows],
        unverified=not rows,
    )


SKILL = ReadingSkill(
    id="query_patterns",
    name="Query Similar Patterns",
    description="Find the repositories that use given patterns, with the lines that show it,"
    " or that are about given keywords.",
    tags=("search", "patterns", "similarity"),
    input=QueryPatterns,
    output=Matches,
    run=query_patterns,
    example=QueryPatterns(patterns=["Retry with backoff"]),
)
