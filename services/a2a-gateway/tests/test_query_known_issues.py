"""Issues from production, found by what is true of them."""

import pytest
from builders import NOON
from issues import had, issue


@pytest.fixture
def troubled(world):
    had(
        world,
        "acme/api",
        issue(5, now=NOON, issue_id="a", status="fixed", resolution_time="2026-03-01T00:00:00Z"),
        issue(1, now=NOON, issue_id="b", issue_type="crash", severity="low", pattern_reference=None),
    )
    had(
        world,
        "acme/reports",
        issue(3, now=NOON, issue_id="c", pattern_reference="RETRY-BACKOFF", service_type="gke"),
        issue(5, now=NOON, issue_id="d", pattern_reference="Our own thing", severity="critical"),
    )
    return world


def found(world, **given):
    answer = world.execute("query_known_issues", **given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(world, **given):
    return [one["issue_id"] for one in found(world, **given)["issues"]]


def test_the_log_attacker_is_answered_what_it_reads(troubled):
    told = found(troubled, issue_type="timeout", pattern="Retry with backoff", service_type=None)
    assert (told["success"], told["count"], told["returned"]) == (True, 2, 2)
    assert [(one["repository"], one["severity"], one["root_cause"]) for one in told["issues"]] == [
        ("acme/reports", "high", None),
        ("acme/api", "high", None),
    ]
    assert told["repositories_affected"] == ["acme/api", "acme/reports"]
    assert told["query"] == {
        "issue_type": "timeout",
        "pattern": "Retry with backoff",
        "service_type": None,
        "severity": None,
        "status": None,
        "repository": None,
    }


def test_an_issue_is_told_whole(troubled):
    told = found(troubled, status="fixed")["issues"][0]
    assert told == {
        "repository": "acme/api",
        "issue_id": "a",
        "detected_at": "2026-02-24T12:00:00Z",
        "issue_type": "timeout",
        "severity": "high",
        "service_type": "cloud_run",
        "status": "fixed",
        "logs": "deadline exceeded",
        "root_cause": None,
        "suggested_fix": None,
        "pattern_reference": "Retry backoff",
        "pattern_ids": ["retry-backoff"],
        "github_issue": None,
        "metrics": {},
        "resolution_time": "2026-03-01T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["b", "c", "d", "a"]),
        ({"pattern": "retry backoff"}, ["c", "a"]),
        ({"pattern": "our OWN thing"}, ["d"]),
        ({"pattern": "circuit breaker"}, []),
        ({"severity": "high", "service_type": "gke"}, ["c"]),
        ({"severity": "high", "service_type": "gke", "status": "fixed"}, []),
        ({"issue_type": "memory"}, []),
        ({"repository": "ACME/api"}, ["b", "a"]),
        ({"repository": "acme/api", "pattern": "retry backoff"}, ["a"]),
    ],
)
def test_all_that_is_given_must_be_true_and_the_newest_comes_first(troubled, given, expected):
    assert ids(troubled, **given) == expected


def test_they_come_in_parts_and_all_are_counted(troubled):
    part = found(troubled, limit=3)
    assert (part["count"], part["returned"], part["pagination"]["next_offset"]) == (4, 3, 3)
    assert part["repositories_affected"] == ["acme/api", "acme/reports"]
    assert ids(troubled, limit=3, offset=3) == ["a"]


def test_without_issues_there_are_none_and_of_an_unknown_repository_nothing_is_said(world):
    assert (found(world)["count"], found(world)["issues"]) == (0, [])
    assert world.execute("query_known_issues", repository="acme/none").status_code == 404
    refused = world.execute("query_known_issues", severity="bad")
    assert (refused.status_code, refused.json()["error"][:9]) == (400, "severity:")
