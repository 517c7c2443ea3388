"""How a pattern fares in production: the share of the repositories with it that had no trouble with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import RuntimeIssue

WARNING, CRITICAL = 0.7, 0.5
"""Below these a pattern is in trouble, and in much trouble."""

_NO_ISSUE = "false_positive"


@dataclass(frozen=True)
class Trouble:
    """An issue that names the pattern, and the repository that had it."""

    repository: Projection
    issue: RuntimeIssue


@dataclass(frozen=True)
class PatternHealth:
    """The original's figure: neither how many issues there were nor how severe they were weighs."""

    total: int
    """How many repositories have the pattern."""
    troubles: tuple[Trouble, ...]
    """Newest first."""

    @property
    def troubled(self) -> tuple[Projection, ...]:
        """The repositories that had an issue with it, each once, that of the newest issue first."""
        return tuple({one.repository.repository_id: one.repository for one in self.troubles}.values())

    @property
    def score(self) -> float:
        """1 − repositories with issues / repositories; 1.0 where nobody uses it."""
        return (self.total - len(self.troubled)) / self.total if self.total else 1.0


def pattern_health(
    pages: Iterable[Projection],
    *,
    is_meant: Callable[[str], bool],
    now: datetime,
    days: int = 30,
) -> PatternHealth:
    """How a pattern fared in the last `days`, from the pages of those that have it.

    `is_meant` says whether what an issue names is this pattern. What was no issue after all does not count.
    """
    since = now - timedelta(days=days)
    having = list(pages)
    troubles = [
        Trouble(page, issue)
        for page in having
        for issue in page.runtime_issues
        if issue.detected_at > since
        and issue.status != _NO_ISSUE
        and issue.pattern_reference
        and is_meant(issue.pattern_reference)
    ]
    troubles.sort(key=lambda trouble: (trouble.issue.detected_at, trouble.issue.issue_id), reverse=True)
    return PatternHealth(total=len(having), troubles=tuple(troubles))
