"""`get_cross_repo_patterns`: the patterns that several repositories use."""

from typing import Annotated

from pydantic import AliasChoices, Field

from a2a_gateway.answer import Answer, Part
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.paging import Paged, Pagination, page_of
from a2a_gateway.skill import ReadingSkill

_QUICK = 1000
"""So many patterns are looked through in about a millisecond."""


class GetCrossRepoPatterns(Paged):
    """Which patterns to list."""

    min_repos: Annotated[int, Field(ge=1, validation_alias=AliasChoices("min_repos", "min_occurrences"))] = 2
    """How many repositories must use a pattern."""
    pattern_type: str = ""
    """Part of the pattern's name, id, category or an alias, whatever its case."""


class CrossRepoPattern(Part):
    """A pattern and who uses it."""

    pattern: str
    repositories: list[str]
    repo_count: int
    id: str
    category: str


class CrossRepoPatterns(Answer):
    """The patterns that most repositories use first."""

    cross_repo_patterns: list[CrossRepoPattern]
    total_patterns: int
    min_repos: int
    pagination: Pagination


def get_cross_repo_patterns(asked: GetCrossRepoPatterns, knowledge: Reading) -> CrossRepoPatterns:
    """List what repositories have in common."""
    part = asked.pattern_type.strip().lower()
    found = [
        pattern
        for pattern, words in knowledge.once(_all_patterns)
        if pattern.repo_count >= asked.min_repos and (not part or any(part in word for word in words))
    ]
    page = page_of(found, asked, lambda pattern: pattern)
    return CrossRepoPatterns(
        cross_repo_patterns=page.items,
        total_patterns=page.total,
        min_repos=asked.min_repos,
        pagination=page.pagination,
    )


def _all_patterns(knowledge: Reading) -> list[tuple[CrossRepoPattern, list[str]]]:
    """Every pattern and what it may be called, in lower case; those that most use first."""
    found = [
        CrossRepoPattern(
            pattern=pages[0].standing_patterns[id_].name,
            repositories=[knowledge.name(page) for page in pages],
            repo_count=len(pages),
            id=id_,
            category=pages[0].standing_patterns[id_].category,
        )
        for id_, pages in knowledge.having.items()
    ]
    found.sort(key=lambda pattern: (-pattern.repo_count, pattern.pattern, pattern.id))
    return [(pattern, _words(pattern, knowledge)) for pattern in found]


def _words(pattern: CrossRepoPattern, knowledge: Reading) -> list[str]:
    naming = knowledge.view.people.vocabulary.naming(pattern.id)
    texts = (pattern.pattern, pattern.id, *naming.aliases, *naming.merge, pattern.category)
    return [text.lower() for text in texts]


SKILL = ReadingSkill(
    id="get_cross_repo_patterns",
    name="Get Cross-Repository Patterns",
    description="List the patterns that several repositories use, and which ones those are.",
    tags=("patterns", "cross-repo", "analysis"),
    input=GetCrossRepoPatterns,
    output=CrossRepoPatterns,
    run=get_cross_repo_patterns,
    is_quick=lambda asked, knowledge: len(knowledge.having) <= _QUICK,
    example=GetCrossRepoPatterns(min_repos=1),
)
