"""`get_repository_list`: every repository that is known, with a few words on each."""

from typing import Annotated

from pydantic import Field

from a2a_gateway.answer import Answer, Part
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.paging import Paged, Pagination, page_of
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.projection import Projection
from devnexus.timestamps import Timestamp

_KEYWORDS_SHOWN = 5


class GetRepositoryList(Paged):
    """How much to say of each."""

    include_metadata: bool = True
    """false: names only."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000


class RepositorySummary(Part):
    """A repository in a few words."""

    name: str
    pattern_count: int
    last_updated: Timestamp
    """When the last push or snapshot that was read happened; before there is any, when it became known."""
    problem_domain: str
    keywords: list[str]
    """At most 5."""
    archived: bool = False
    """Whether nobody works on it any more; only who may see all is shown such ones."""


class RepositoryList(Answer):
    """The repositories by name."""

    repositories: list[RepositorySummary] | list[str]
    total_count: int
    total_repositories: int
    """The same number, under the name that the web frontend reads."""
    pagination: Pagination


def get_repository_list(asked: GetRepositoryList, knowledge: Reading) -> RepositoryList:
    """List what is known."""
    page = page_of(knowledge.repositories, asked, lambda repository: _summary(repository, knowledge))
    return RepositoryList(
        repositories=page.items if asked.include_metadata else [one.name for one in page.items],
        total_count=page.total,
        total_repositories=page.total,
        pagination=page.pagination,
    )


def _summary(repository: Projection, knowledge: Reading) -> RepositorySummary:
    latest = repository.latest_patterns
    return RepositorySummary(
        name=knowledge.name(repository),
        pattern_count=len(repository.standing_patterns),
        last_updated=latest.analyzed_at,
        problem_domain=latest.problem_domain,
        keywords=list(latest.keywords[:_KEYWORDS_SHOWN]),
        archived=repository.archived,
    )


SKILL = ReadingSkill(
    id="get_repository_list",
    name="Get Repository List",
    description="List the known repositories, with when each was pushed to last and what it is about.",
    tags=("repositories", "list", "metadata"),
    input=GetRepositoryList,
    output=RepositoryList,
    run=get_repository_list,
    example=GetRepositoryList(),
)
