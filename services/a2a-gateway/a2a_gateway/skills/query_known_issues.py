"""`query_known_issues`: what went wrong in production, in any repository, and what came of it."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field

from a2a_gateway.answer import Answer
from a2a_gateway.knowledge.issue_record import IssueRecord, issue_record
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.paging import Paged, Pagination, page_of
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.known_issues import FIELDS, Trouble

_REPOSITORIES_SHOWN = 1000


class QueryKnownIssues(Paged):
    """What to look for: an issue is found where all that is given is true of it."""

    issue_type: Literal["error", "performance", "crash", "timeout", "memory", "security", "other"] | None = (
        None
    )
    pattern: Annotated[
        str, Field(max_length=200, validation_alias=AliasChoices("pattern", "pattern_name"))
    ] = ""
    """Name, alias or id of a pattern, whatever its case; also one that only reports name."""
    service_type: (
        Literal["cloud_run", "cloud_functions", "cloud_build", "gce", "gke", "app_engine", "other"] | None
    ) = None
    severity: Literal["critical", "high", "medium", "low"] | None = None
    status: Literal["open", "investigating", "fixed", "false_positive"] | None = None
    repository: str = ""
    """Look at this repository only: `<owner>/<name>`."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 10


class KnownIssuesFound(Answer):
    """The issues, the newest first. Of each repository the last 200 are known, open ones before closed."""

    count: int
    """How many issues match, whether they are told or not."""
    returned: int
    issues: list[IssueRecord]
    repositories_affected: list[str]
    """Those with any of the matching issues, by name, at most 1000."""
    query: dict[str, Any]
    """What was looked for, without `limit`."""
    pagination: Pagination


def query_known_issues(query: QueryKnownIssues, knowledge: Reading) -> KnownIssuesFound:
    """Find issues from production."""
    found = _found(query, knowledge)
    page = page_of(found, query, lambda trouble: issue_record(trouble, knowledge))
    affected = {trouble.repository.repository_id for trouble in found}
    looked_for = query.model_dump(exclude={"limit", "offset", "as_of"})
    return KnownIssuesFound(
        count=page.total,
        returned=len(page.items),
        issues=page.items,
        repositories_affected=sorted(knowledge.names[id_] for id_ in affected)[:_REPOSITORIES_SHOWN],
        query={name: value or None for name, value in looked_for.items()},
        pagination=page.pagination,
    )


def _found(query: QueryKnownIssues, knowledge: Reading) -> list[Trouble]:
    wanted = {name: value for name in FIELDS if (value := getattr(query, name))}
    named = knowledge.issues.named(query.pattern) if query.pattern else None
    found = knowledge.issues.matching(wanted, named)
    if not query.repository:
        return list(found)
    page = known_repository(query.repository, knowledge)
    return [trouble for trouble in found if trouble.repository.repository_id == page.repository_id]


SKILL = ReadingSkill(
    id="query_known_issues",
    name="Query Known Issues",
    description="Find issues that were reported from production, by type, pattern, service, severity and"
    " status, with their causes and fixes.",
    tags=("issues", "search", "runtime", "history"),
    input=QueryKnownIssues,
    output=KnownIssuesFound,
    run=query_known_issues,
    example=QueryKnownIssues(issue_type="timeout", pattern="Retry backoff"),
)
