"""`query_patterns`: the repositories that have something to do with these keywords, or use these patterns."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from a2a_gateway.answer import Answer, CannotAnswer, Part
from a2a_gateway.knowledge.lookups import Found, Lookups
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.page_words import words
from a2a_gateway.knowledge.places import SHOWN, in_order_of_interest
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.knowledge.shown_deployment import shown_deployment
from a2a_gateway.paging import Paged, Pagination, page_of
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.projection import Projection
from devnexus.people.tokens import tokens
from devnexus.schema_v2 import DeploymentInfo

_COMPONENTS_SHOWN = 10

_MOST_WORDS = 200
_QUICK_WORDS = 20
_QUICK_MATCHES = 20


class QueryPatterns(Paged):
    """What to look for; keywords win over patterns, as callers of old expect, and both over a text."""

    keywords: Annotated[list[str], Field(max_length=_MOST_WORDS)] = []
    """Words that say what a repository is about; compared whole, whatever their case."""
    patterns: Annotated[list[str], Field(max_length=_MOST_WORDS)] = []
    """Names, aliases or ids of patterns, however they are spelled."""
    search: Annotated[str, Field(max_length=1000)] = ""
    """What it has to do with, in words of your own: found in names, keywords, problem domains, patterns and
    introductions, best first."""
    min_matches: Annotated[int, Field(ge=1)] = 1
    """How many of the keywords, patterns or words a repository must have."""
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
    """Schema v2's section, as far as 50 kB hold it, with the newest lessons."""


class TextMatch(KeywordMatch):
    """A repository that has to do with a text; `matched_keywords` are the words of the text that it has."""

    score: float
    """How well it fits, beside others of the same answer (BM25F)."""


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


Match = PatternMatch | TextMatch | KeywordMatch

Ranking = tuple[Sequence[Found], Callable[[Found], Match]]
"""What was found, best first, and how to tell of one."""


class Matches(Answer):
    """The repositories with most matches first."""

    matches: list[Match]
    """Those with as many matches by how rare what they match is; of a search, the best fitting first."""
    total_matches: int
    """How many repositories match, whether they are named or not."""
    search_criteria: dict[str, Any]
    pagination: Pagination


def query_patterns(query: QueryPatterns, knowledge: Reading) -> Matches:
    """Find repositories by what they are about or by what they do."""
    found, describe = _ranking(query, knowledge, _lookups(query, knowledge))
    page = page_of(found, query, describe)
    return Matches(
        matches=page.items,
        total_matches=page.total,
        pagination=page.pagination,
        search_criteria=query.model_dump(),
    )


def _ranking(query: QueryPatterns, knowledge: Reading, lookups: Lookups) -> Ranking:
    if query.keywords:
        return _by_keywords(query, knowledge, lookups)
    if query.patterns:
        return _by_patterns(query, knowledge, lookups)
    if query.search.strip():
        return _by_text(query, knowledge, lookups)
    raise CannotAnswer("Give keywords, patterns or a search to look for", matches=[], total_matches=0)


def _lookups(query: QueryPatterns, knowledge: Reading) -> Lookups:
    if not query.repository:
        return knowledge.lookups
    only = known_repository(query.repository, knowledge)
    return Lookups().after({only.repository_id: only})


def _by_keywords(query: QueryPatterns, knowledge: Reading, lookups: Lookups) -> Ranking:
    wanted = {keyword.strip().lower() for keyword in query.keywords}

    def describe(one: Found) -> KeywordMatch:
        has = dict.fromkeys(word.lower() for word in one.page.latest_patterns.keywords)
        matched = [word for word in has if word in wanted]
        return KeywordMatch(**_about(one, knowledge), matched_keywords=matched)

    return lookups.by_keywords(wanted, at_least=query.min_matches), describe


def _by_text(query: QueryPatterns, knowledge: Reading, lookups: Lookups) -> Ranking:
    stems = {word: tokens(word) for word in query.search.split()}

    def describe(one: Found) -> TextMatch:
        has = knowledge.once_of(one.page, words).keys()
        matched = [word for word, some in stems.items() if some and some <= has]
        return TextMatch(**_about(one, knowledge), matched_keywords=matched, score=round(one.score, 3))

    return lookups.by_text(query.search, at_least=query.min_matches), describe


def _about(one: Found, knowledge: Reading) -> dict[str, Any]:
    latest = one.page.latest_patterns
    return {
        "repository": knowledge.name(one.page),
        "match_count": one.count,
        "all_keywords": [keyword.lower() for keyword in latest.keywords],
        "patterns": list(latest.patterns),
        "problem_domain": latest.problem_domain,
        "deployment_info": knowledge.once_of(one.page, shown_deployment),
    }


def _by_patterns(query: QueryPatterns, knowledge: Reading, lookups: Lookups) -> Ranking:
    wanted = {id_ for word in query.patterns for id_ in knowledge.patterns_meant(word)}

    def describe(one: Found) -> PatternMatch:
        page = one.page
        hits = [id_ for id_ in page.standing_patterns if id_ in wanted]
        evidence = knowledge.once_of(page, _evidence)
        return PatternMatch(
            repository=knowledge.name(page),
            match_count=one.count,
            matched_patterns=[page.standing_patterns[id_].name for id_ in hits],
            all_patterns=list(page.latest_patterns.patterns),
            problem_domain=page.latest_patterns.problem_domain,
            reusable_components=knowledge.once_of(page, _reusable),
            evidence=[evidence[id_] for id_ in hits],
        )

    return lookups.by_patterns(wanted, at_least=query.min_matches), describe


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


def _evidence(repository: Projection) -> dict[str, PatternEvidence]:
    found: dict[str, PatternEvidence] = {}
    for id_, pattern in repository.standing_patterns.items():
        rows = in_order_of_interest(pattern)[:SHOWN]
        found[id_] = PatternEvidence(
            id=id_,
            pattern=pattern.name,
            confidence=pattern.confidence,
            places=[f"{row.path}:{row.start}" for row in rows],
            unverified=not rows,
        )
    return found


def _is_quick(query: QueryPatterns, _: Reading) -> bool:
    words = [*query.keywords, *query.patterns, *query.search.split()]
    return len(words) <= _QUICK_WORDS and query.limit <= _QUICK_MATCHES


SKILL = ReadingSkill(
    id="query_patterns",
    name="Query Similar Patterns",
    description="Find the repositories that use given patterns, with the lines that show it,"
    " or that are about given keywords or a text.",
    tags=("search", "patterns", "similarity"),
    input=QueryPatterns,
    output=Matches,
    run=query_patterns,
    is_quick=_is_quick,
    example=QueryPatterns(patterns=["Retry with backoff"]),
)
