"""`get_recent_actions`: what happened lately, in one repository or in all of them."""

from collections.abc import Sequence
from typing import Annotated, get_args

from pydantic import Field

from a2a_gateway.answer import Answer, Part
from a2a_gateway.fitting import cut
from a2a_gateway.knowledge.actions import Action, ActionType, actions_in, newest_first
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.paging import Paged, Pagination, page_of
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.projection import Projection, RecentRecord
from devnexus.schema_v2 import DeploymentInfo, Lesson, RuntimeIssue
from devnexus.timestamps import Timestamp

_SNIPPET = 200


class GetRecentActions(Paged):
    """Which part of what happened."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    action_types: Annotated[list[ActionType], Field(max_length=20)] = []
    """Only actions of these types; empty: of all."""
    repository: str = ""
    """Only what happened in this one: `<owner>/<name>`."""


class AnalysisMetadata(Part):
    """A push or snapshot that was read."""

    commit_sha: str
    patterns_count: int | None
    """How many patterns the repository shows; as the next two None where it is not its newest push or
    snapshot."""
    decisions_count: int | None
    components_count: int | None
    subject: str
    """push or snapshot."""
    author: str | None
    message: str | None
    commits: int
    introduced: list[str]
    """Ids of the patterns that it brought."""
    gone: list[str]
    """Ids of those that ended with it."""


class LessonMetadata(Part):
    """Something that was learned."""

    category: str
    impact: str
    """Its severity: info, warning or critical."""
    description: str


class DeploymentMetadata(Part):
    """A deployment."""

    name: str
    """What it was deployed with, as far as that is known."""
    description: str


class IssueMetadata(Part):
    """Something that went wrong in production."""

    issue_type: str
    severity: str
    service_type: str
    pattern_reference: str | None
    status: str
    log_snippet: str
    """The beginning, at most 200 characters."""


Metadata = AnalysisMetadata | LessonMetadata | DeploymentMetadata | IssueMetadata


class ActionTold(Part):
    """One thing that happened."""

    action_type: ActionType
    repository: str
    timestamp: Timestamp
    reference_id: str
    """Of an analysis the record's id, of an issue its own, else the time."""
    metadata: Metadata


class Filters(Part):
    """What was asked for."""

    action_types: list[ActionType] | None
    repository: str | None


class RecentActions(Answer):
    """Newest first. Of each repository it reaches back over the last 10 pushes and snapshots, the last
    deployment, and the last 200 lessons and issues (open ones before closed ones)."""

    count: int
    """How many there are, whether they are told or not."""
    returned: int
    actions: list[ActionTold]
    pagination: Pagination
    filters: Filters


def get_recent_actions(asked: GetRecentActions, knowledge: Reading) -> RecentActions:
    """Tell what happened, part by part."""
    page = page_of(_found(asked, knowledge), asked, _told)
    return RecentActions(
        count=page.total,
        returned=len(page.items),
        actions=page.items,
        pagination=page.pagination,
        filters=Filters(action_types=asked.action_types or None, repository=asked.repository or None),
    )


def _found(asked: GetRecentActions, knowledge: Reading) -> Sequence[Action]:
    types = frozenset(asked.action_types or get_args(ActionType))
    if not asked.repository:
        return knowledge.actions.of(types)
    page = known_repository(asked.repository, knowledge)
    return newest_first(one for one in actions_in(page, knowledge.name(page)) if one.type in types)


def _told(action: Action) -> ActionTold:
    return ActionTold(
        action_type=action.type,
        repository=action.repository,
        timestamp=action.at,
        reference_id=action.reference,
        metadata=_metadata(action),
    )


def _metadata(action: Action) -> Metadata:
    match action.what:
        case RecentRecord():
            return _analysis(action.what, action.page)
        case Lesson():
            lesson = action.what
            return LessonMetadata(
                category=lesson.category, impact=lesson.severity, description=cut(lesson.lesson)
            )
        case DeploymentInfo():
            return _deployment(action.what)
        case RuntimeIssue():
            return _issue(action.what)


def _analysis(record: RecentRecord, page: Projection) -> AnalysisMetadata:
    is_newest = record is page.recent[0]
    return AnalysisMetadata(
        commit_sha=record.after,
        patterns_count=len(page.standing_patterns) if is_newest else None,
        decisions_count=len(page.standing_decisions) if is_newest else None,
        components_count=len(page.components) if is_newest else None,
        subject=record.subject,
        author=record.author,
        message=cut(record.message) if record.message else None,
        commits=record.commits,
        introduced=list(record.introduced),
        gone=list(record.gone),
    )


def _deployment(deployment: DeploymentInfo) -> DeploymentMetadata:
    script = deployment.scripts[0] if deployment.scripts else None
    return DeploymentMetadata(
        name=cut((script.name if script else None) or deployment.ci_cd_platform or "deployment"),
        description=cut(script.description) if script else "",
    )


def _issue(issue: RuntimeIssue) -> IssueMetadata:
    return IssueMetadata(
        issue_type=issue.issue_type,
        severity=issue.severity,
        service_type=issue.service_type,
        pattern_reference=cut(issue.pattern_reference) if issue.pattern_reference else None,
        status=issue.status,
        log_snippet=cut(issue.logs or "", _SNIPPET),
    )


SKILL = ReadingSkill(
    id="get_recent_actions",
    name="Get Recent Actions",
    description="What happened lately, newest first: pushes that were read, lessons, deployments, issues from"
    " production; in one repository or in all.",
    tags=("activity", "timeline", "feed", "history"),
    input=GetRecentActions,
    output=RecentActions,
    run=get_recent_actions,
    example=GetRecentActions(action_types=["analysis"], limit=2),
)
