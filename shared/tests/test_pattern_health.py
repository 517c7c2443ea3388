"""The health of a pattern: the original's formula, and what counts."""

from datetime import timedelta

import pytest
from builders import NOON, known

from devnexus.knowledge.known_issues import KnownIssues
from devnexus.knowledge.pattern_health import PatternHealths
from devnexus.schema_v2 import RuntimeIssue


def issue(days_ago=1.0, pattern="retry-backoff", **changes):
    values = {
        "issue_id": f"{pattern}@{days_ago}",
        "detected_at": NOON - timedelta(days=days_ago),
        "issue_type": "timeout",
        "severity": "low",
        "service_type": "cloud_run",
        "pattern_reference": pattern,
        **changes,
    }
    return RuntimeIssue(**values)


def page(number, *issues):
    return known(f"acme/{number}", number, patterns=["retry-backoff"]).model_copy(
        update={"runtime_issues": issues}
    )


def health(*pages, **asked):
    having = [page for page in pages if "retry-backoff" in page.standing_patterns]
    issues = KnownIssues(pages, lambda name: {name})
    return PatternHealths({"retry-backoff": having}, issues).of("retry-backoff", now=NOON, **asked)


def test_health_is_the_share_of_repositories_without_issues():
    found = health(
        page(1, issue(), issue(9)), page(2), page(3, issue(2), issue(3, severity="critical")), page(4)
    )
    assert (found.score, found.total) == (0.5, 4)
    assert [one.repository_name for one in found.troubled] == ["acme/1", "acme/3"]
    assert [one.issue.issue_id for one in found.troubles] == [
        "retry-backoff@1.0",
        "retry-backoff@2",
        "retry-backoff@3",
        "retry-backoff@9",
    ]


def test_a_pattern_that_nobody_uses_is_well():
    assert health().score == 1.0


@pytest.mark.parametrize(("troubled", "score"), [(0, 1.0), (3, 0.7), (5, 0.5), (10, 0.0)])
def test_the_figure_is_exact_where_it_meets_a_limit(troubled, score):
    pages = [page(number, *([issue()] if number <= troubled else [])) for number in range(1, 11)]
    assert health(*pages).score == score


@pytest.mark.parametrize(
    "other",
    [
        issue(pattern="redis-caching"),
        issue(pattern=None),
        issue(pattern=""),
        issue(30),
        issue(-1.01),
        issue(status="false_positive"),
    ],
    ids=[
        "of another pattern",
        "of none",
        "of an empty one",
        "too old",
        "of a day to come",
        "no issue after all",
    ],
)
def test_other_issues_do_not_count(other):
    assert health(page(1, other)).score == 1.0


@pytest.mark.parametrize("status", ["open", "investigating", "fixed"])
def test_an_issue_counts_whether_it_was_fixed_or_not(status):
    assert health(page(1, issue(29.9, status=status))).score == 0.0
