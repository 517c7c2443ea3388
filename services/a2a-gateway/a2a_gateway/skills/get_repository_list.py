"""`get_repository_list`: every repository that is known, with a few words on each."""

from pydantic import BaseModel

from a2a_gateway.reading import Reading
from a2a_gateway.skill import Answer, Input, Skill
from devnexus.timestamps import Timestamp

_KEYWORDS_SHOWN = 5


class GetRepositoryList(Input):
    """How much to say of each."""

    include_metadata: bool = True
    """false: names only."""


class RepositorySummary(BaseModel):
    """A repository in a few words."""

    name: str
    pattern_count: int
    last_updated: Timestamp
    """When the last push or snapshot that was read happened."""
    problem_domain: str
    keywords: list[str]
    """At most 5."""


class RepositoryList(Answer):
    """The repositories by name."""

    repositories: list[RepositorySummary] | list[str]
    total_count: int
    total_repositories: int
    """The same number, under the name that the web frontend reads."""


def get_repository_list(asked: GetRepositoryList, knowledge: Reading) -> RepositoryList:
    """List what is known."""
    pages = knowledge.repositories
    return RepositoryList(
        repositories=[
            RepositorySummary(
                name=knowledge.name(page),
                pattern_count=len(page.standing_patterns),
                last_updated=page.latest_patterns.analyzed_at,
                problem_domain=page.latest_patterns.problem_domain,
                keywords=list(page.latest_patterns.keywords[:_KEYWORDS_SHOWN]),
            )
            for page in pages
        ]
        if asked.include_metadata
        else [knowledge.name(page) for page in pages],
        total_count=len(pages),
        total_repositories=len(pages),
    )


SKILL = Skill(
    id="get_repository_list",
    name="Get Repository List",
    description="List the known repositories, with when each was pushed to last and what it is about.",
    tags=("repositories", "list", "metadata"),
    input=GetRepositoryList,
    run=get_repository_list,
    example=GetRepositoryList(),
)
