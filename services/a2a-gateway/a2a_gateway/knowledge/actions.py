"""What happened in repositories, as far as their pages tell: pushes read, lessons, deployments, issues."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from devnexus.knowledge.projection import Projection, RecentRecord
from devnexus.repository import RepositoryId
from devnexus.schema_v2 import DeploymentInfo, Lesson, RuntimeIssue
from devnexus.timestamps import write

ActionType = Literal["analysis", "lesson", "deployment", "runtime_issue"]


class Action(NamedTuple):
    """Something that happened in a repository."""

    at: datetime
    repository: str
    type: ActionType
    reference: str
    """What it is known by: the id of the record or issue, else its time."""
    page: Projection
    what: RecentRecord | Lesson | DeploymentInfo | RuntimeIssue


class Actions:
    """What happened in all repositories; sorted once, then only looked up."""

    def __init__(self, pages: Iterable[Projection], names: Mapping[RepositoryId, str]) -> None:
        """`names` says what each repository is called."""
        self._pages = pages
        self._names = names
        self._known: dict[frozenset[str], Sequence[Action]] = {}

    def of(self, types: Collection[str]) -> Sequence[Action]:
        """Those of these types, the newest first."""
        wanted = frozenset(types)
        if wanted not in self._known:
            actions = (
                one for page in self._pages for one in actions_in(page, self._names[page.repository_id])
            )
            self._known[wanted] = newest_first(one for one in actions if one.type in wanted)
        return self._known[wanted]


def newest_first(actions: Iterable[Action]) -> list[Action]:
    """In the order in which they are told; at one time by repository, type and reference."""
    return sorted(actions, key=_age)


def actions_in(page: Projection, name: str) -> Iterator[Action]:
    """What happened in one repository, in no order."""
    for record in page.recent:
        yield Action(record.at, name, "analysis", record.record_id, page, record)
    for lesson in page.deployment.lessons_learned:
        yield Action(lesson.timestamp, name, "lesson", write(lesson.timestamp), page, lesson)
    if deployed := page.deployment.last_deployed:
        yield Action(deployed, name, "deployment", write(deployed), page, page.deployment)
    for issue in page.runtime_issues:
        yield Action(issue.detected_at, name, "runtime_issue", issue.issue_id, page, issue)


def _age(action: Action) -> tuple[float, str, str, str]:
    return -action.at.timestamp(), action.repository, action.type, action.reference
