"""What was not read from the code: what an import brought, and what agents and people told."""

from collections.abc import Iterable
from typing import Any

from devnexus.events import (
    DependenciesDeclared,
    DeploymentDescribed,
    KnowledgeImported,
    LessonLearned,
    Record,
    RuntimeIssueReported,
    RuntimeIssueUpdated,
)
from devnexus.schema_v2 import (
    DependencyInfo,
    DeploymentInfo,
    Lesson,
    PatternEntry,
    RuntimeIssue,
    is_failed,
)
from devnexus.timestamps import write

_Content = dict[str, Any]

_READ_FROM_CODE = frozenset({"scripts", "ci_cd_platform", "infrastructure"})
"""What of v2's section `deployment` the files of a repository say."""

_Relationship = tuple[str, str]
"""A repository in lower case, and what it is to this one."""

_JOINING = ("consumers", "derivatives")
"""What of v2's section `dependencies` a declaration can add to."""


class Told:
    """What was told of one repository; `take` each record once, in order."""

    def __init__(self) -> None:
        self.imported: _Content | None = None
        """What the latest import says of it, as it stands in the file."""
        self._imported_history: list[KnowledgeImported] = []
        self._deployment: _Content = {}
        self._lessons: list[Lesson] = []
        self._declared: list[DependenciesDeclared] = []
        self._issues: dict[str, RuntimeIssue] = {}
        self._updates: list[RuntimeIssueUpdated] = []
        self._metrics: _Content = {}

    def take(self, record: Record) -> None:
        """Let `record` take effect, if it is of a kind that tells something."""
        match record:
            case KnowledgeImported(part="latest"):
                self.imported = record.content
            case KnowledgeImported():
                self._imported_history.append(record)
            case DeploymentDescribed():
                self._deployment.update(record.deployment)
            case LessonLearned():
                self._lessons.append(_lesson(record))
            case DependenciesDeclared():
                self._declared.append(record)
            case RuntimeIssueReported():
                self._issues[record.issue_id] = _issue(record)
                if record.metrics:
                    self._metrics.update(record.metrics, last_updated=write(record.at))
            case RuntimeIssueUpdated():
                self._updates.append(record)
            case _:
                return

    @property
    def anything(self) -> bool:
        """Whether agents or people told something since; an import alone does not count."""
        return bool(
            self._deployment
            or self._lessons
            or self._declared
            or self._issues
            or self._updates
            or self._metrics
        )

    def section(self, name: str) -> _Content:
        """A section of the latest import, empty where there is none."""
        return (self.imported or {}).get(name) or {}

    def history(self) -> list[_Content]:
        """Past analyses that imports brought, in their files' order."""
        ranked = sorted(self._imported_history, key=lambda record: (record.position, record.at, record.id))
        return [record.content for record in ranked]

    def latest_entry(self) -> PatternEntry | None:
        """The last analysis that an import brought, and that did not fail; None where there is none."""
        entries = [*self.history(), self.section("latest_patterns")]
        sound = (entry for entry in reversed(entries) if entry and not is_failed(entry))
        return next((PatternEntry.model_validate(entry) for entry in sound), None)

    def deployment(self) -> DeploymentInfo:
        """How it is deployed: what was told last, and every lesson."""
        return self._described(self.section("deployment"))

    def deployment_since(self) -> DeploymentInfo:
        """The same without what the import says that the code can say as well."""
        imported = self.section("deployment").items()
        return self._described({name: value for name, value in imported if name not in _READ_FROM_CODE})

    def _described(self, imported: _Content) -> DeploymentInfo:
        told = {**imported, **self._deployment}
        lessons = [*self.section("deployment").get("lessons_learned", ()), *self._lessons]
        return DeploymentInfo.model_validate({**told, "lessons_learned": lessons})

    def dependencies(self) -> DependencyInfo:
        """Who depends on it: what was told last, and what joined it since."""
        standing = dict(self.section("dependencies"))
        joined: dict[str, dict[_Relationship, _Content]] = {}
        for record in self._declared:
            for name, said in record.dependencies.items():
                if not record.adds:
                    standing[name] = said
                    joined.pop(name, None)
                elif name in _JOINING:
                    if name not in joined:
                        joined[name] = _by_relationship(standing.get(name) or ())
                    joined[name].update(_by_relationship(said))
        lists = {name: list(found.values()) for name, found in joined.items()}
        return DependencyInfo.model_validate({**standing, **lists})

    def runtime_issues(self) -> tuple[RuntimeIssue, ...]:
        """What went wrong, oldest first, as it stands now."""
        found = (self.imported or {}).get("runtime_issues", ())
        imported = [RuntimeIssue.model_validate(one) for one in found]
        issues = {issue.issue_id: issue for issue in imported} | self._issues
        for update in self._updates:
            if update.issue_id in issues:
                issues[update.issue_id] = _updated(issues[update.issue_id], update)
        return tuple(sorted(issues.values(), key=lambda issue: (issue.detected_at, issue.issue_id)))

    def production_metrics(self) -> _Content:
        """The last value of each metric that was told."""
        return {**self.section("production_metrics"), **self._metrics}


def _lesson(record: LessonLearned) -> Lesson:
    return Lesson(
        timestamp=record.at,
        category=record.category,
        lesson=record.lesson,
        context=record.context,
        severity=record.severity,
        recorded_by=record.recorded_by or _called(record.caller),
        related_files=record.related_files,
        tags=record.tags,
        source_commit=record.source_commit,
        confidence=record.confidence,
    )


def _called(caller: str) -> str:
    """A caller as a page tells of them, without their address: it may be shown to anybody, history is not."""
    return caller.partition("@")[0]


def _by_relationship(said: Iterable[_Content]) -> dict[_Relationship, _Content]:
    """Each repository and relationship once, as it was said last, where it was said first."""
    return {(str(one["target_repo"]).lower(), one["relationship_type"]): one for one in said}


def _issue(record: RuntimeIssueReported) -> RuntimeIssue:
    return RuntimeIssue(
        issue_id=record.issue_id,
        detected_at=record.at,
        issue_type=record.issue_type,
        severity=record.severity,
        service_type=record.service_type,
        logs=record.log_snippet,
        root_cause=record.root_cause,
        suggested_fix=record.suggested_fix,
        pattern_reference=record.pattern_reference,
        github_issue=record.github_issue_url,
        metrics=record.metrics or None,
    )


def _updated(issue: RuntimeIssue, update: RuntimeIssueUpdated) -> RuntimeIssue:
    changes = {
        "status": update.status,
        "root_cause": update.root_cause,
        "suggested_fix": update.suggested_fix,
        "github_issue": update.github_issue_url,
        "resolution_time": write(update.resolved_at) if update.resolved_at else None,
    }
    said: _Content = {name: value for name, value in changes.items() if value is not None}
    if update.status in {"open", "investigating"}:  # once more, perhaps
        said["resolution_time"] = None
    return issue.model_copy(update=said)
