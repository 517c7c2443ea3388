"""How a pattern fares: what callers of old read, what is beside it, and that pages say the same."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOON, known
from issues import had, issue

from a2a_gateway.skills.get_pattern_health import GetPatternHealth, get_pattern_health

NOW = NOON + timedelta(days=60)


def health(world, now=NOW, **asked):
    return get_pattern_health(
        GetPatternHealth(**{"pattern_name": "Retry backoff", **asked}), world.reading(), now=now
    )


def test_the_log_attacker_is_answered_what_it_reads(world):
    had(world, "acme/web", issue(severity="critical"), issue(2))
    given = {"pattern_name": "Retry backoff", "time_range_days": 30, "severity_threshold": None}
    answer = world.execute("get_pattern_health", **given)
    assert answer.status_code == 200
    told = answer.json()
    expected = {
        "success": True,
        "pattern": "Retry backoff",
        "health_score": 0.75,
        "total_repos": 4,
        "repos_with_issues": 1,
        "repos_with_issues_list": ["acme/web"],
        "issue_count": 2,
        "issue_breakdown": {"critical": 1, "high": 1, "medium": 0, "low": 0},
        "time_range_days": 30,
        "severity_threshold": "low",
        "verdict": "not_enough_data",
    }
    assert {name: told[name] for name in expected} == expected
    assert [(one["issue_id"], one["repository"]) for one in told["issues"]] == [
        ("i1", "acme/web"),
        ("i2", "acme/web"),
    ]
    assert told["issues"][0]["logs"] == "deadline exceeded"
    assert told["issues"][0]["detected_at"].endswith("Z")
    assert told["recommendation"] == (
        "Not enough data to tell. In the last 30 days 1 of 4 repositories had issues with it. The chance that"
        " a repository that has it goes a month without serious trouble is somewhere between"
        f" {told['low']:.2f} and {told['high']:.2f}."
    )


@pytest.mark.parametrize("word", ["retry-backoff", " RETRY Backoff ", "Retry with exponential backoff"])
def test_the_pattern_goes_by_id_name_or_alias_whatever_the_case(world, word):
    assert health(world, pattern_name=word).pattern_id == "retry-backoff"


def test_a_pattern_is_asked_for_in_the_same_words_everywhere(world):
    for word in ("pattern", "pattern_name"):
        for skill_id in ("get_pattern_health", "get_pattern_history", "query_known_issues"):
            assert world.execute(skill_id, **{word: "retry-backoff"}).status_code == 200
    assert world.execute("query_known_issues", pattern_name="metrics").json()["query"]["pattern"] == "metrics"


def test_of_a_pattern_that_nobody_uses_nothing_is_said_but_what_is_near(world):
    answer = world.execute("get_pattern_health", pattern_name="metrcs")
    assert (answer.status_code, answer.json()["success"]) == (404, False)
    assert answer.json()["near_patterns"] == ["Metrics"]
    assert answer.json()["error"] == "Unknown pattern: metrcs. Did you mean Metrics?"
    answer = world.execute("get_pattern_health", pattern_name="event sourcing")
    assert (answer.status_code, answer.json()["near_patterns"]) == (404, [])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "pattern_name: Field required"),
        (
            {"pattern_name": "x", "time_range_days": 0},
            "time_range_days: Input should be greater than or equal to 1",
        ),
        (
            {"pattern_name": "x", "severity_threshold": "bad"},
            "severity_threshold: Input should be 'critical', 'high', 'medium' or 'low'",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_field(world, given, problem):
    answer = world.execute("get_pattern_health", **given)
    assert (answer.status_code, answer.json()["error"]) == (400, problem)


def test_only_issues_within_the_time_and_as_severe_as_asked_for_count(world):
    in_another_zone = (NOW - timedelta(days=29.9)).astimezone(tz=datetime.now().astimezone().tzinfo)
    had(
        world,
        "acme/api",
        issue(31, now=NOW, severity="critical"),
        issue(30, now=NOW, severity="critical"),
        issue(29, now=NOW, severity="critical", detected_at=in_another_zone),
        issue(3, now=NOW, severity="High"),
        issue(2, now=NOW, severity="low"),
        issue(1, now=NOW, severity="critical", status="false_positive"),
    )
    assert [one.issue_id for one in health(world).issues] == ["i2", "i3", "i29"]
    severe = health(world, severity_threshold="high")
    assert [one.issue_id for one in severe.issues] == ["i3", "i29"]
    assert severe.issue_breakdown.model_dump() == {"critical": 1, "high": 1, "medium": 0, "low": 0}
    assert health(world, time_range_days=40).issue_count == 5


def test_issues_at_one_time_stand_in_one_order_whoever_had_them(world):
    at = NOW - timedelta(days=1)
    for name in ("acme/web", "acme/api", "acme/jobs"):
        had(world, name, issue(detected_at=at, issue_id="b"), issue(detected_at=at, issue_id="a"))
    found = [(one.issue_id, one.repository) for one in health(world).issues]
    names = ["acme/web", "acme/jobs", "acme/api"]
    assert found == [("b", name) for name in names] + [("a", name) for name in names]


def test_what_others_report_who_do_not_have_the_pattern_is_said_and_counts_for_nothing(world):
    had(world, "acme/reports", issue(now=NOW))
    found = health(world)
    assert (found.health_score, found.issue_count) == (1.0, 0)
    assert (found.issues_elsewhere, found.repos_elsewhere_list) == (1, ["acme/reports"])


def test_of_a_pattern_that_is_only_reported_there_is_no_score(world):
    had(world, "acme/api", issue(now=NOW, pattern_reference="Circuit breaker"))
    found = health(world, pattern_name="circuit-breaker")
    assert (found.health_score, found.estimate, found.verdict) == (None, None, "not_enough_data")
    assert (found.pattern, found.total_repos, found.issues_elsewhere) == ("Circuit breaker", 0, 1)


def test_what_happened_before_the_pattern_was_seen_counts_in_the_score_alone(world):
    had(world, "acme/api", issue(3, now=NOON))
    found = health(world, now=NOON + timedelta(days=20))
    assert (found.health_score, found.issue_count, found.evidence.issues) == (0.75, 1, 0)
    assert found.estimate == 1.0


def test_of_an_earlier_time_it_is_told_how_the_pattern_fared_then(world):
    had(world, "acme/api", issue(50, now=NOW), last_updated=NOW - timedelta(days=50))
    assert health(world).issue_count == 0
    for as_of in ("2026-03-20T00:00:00", "2026-03-20T01:00:00+01:00", "2026-03-20", world.store.head()):
        then = health(world, as_of=as_of)
        assert (then.issue_count, then.evidence.repository_days < 4 * 20) == (1, True), as_of
    assert health(world, as_of="2050-01-01").evidence == health(world).evidence


def test_a_report_as_long_as_a_book_is_cut(world):
    metrics = {f"m{number}": number for number in range(100)} | {"nested": {"a": 1}}
    had(world, "acme/api", issue(logs="x" * 9999, root_cause="y" * 9999, metrics=metrics))
    (told,) = world.execute("get_pattern_health", pattern_name="retry-backoff").json()["issues"]
    assert (len(told["logs"]), len(told["root_cause"]), len(told["metrics"])) == (1000, 1000, 20)


def test_the_page_of_a_pattern_says_what_the_skill_says(world):
    had(world, "acme/web", issue(severity="critical"), issue(2, pattern_reference="RetryPattern"))
    had(world, "acme/reports", issue(3))
    told = world.execute("get_pattern_health", pattern_name="Retry backoff").json()
    page = world.page("/patterns/retry-backoff")
    assert told["recommendation"] in page
    assert f"Health score {told['health_score']:.2f}" in page
    shown = re.findall(r"<p>(\w+ \w+) in <a href=\"/repositories/acme/web\">", page)
    assert shown == [f"{one['severity']} {one['issue_type']}" for one in told["issues"]]
    assert f"{told['issues_elsewhere']} issue names it in repositories that do not show it" in page


def test_the_page_of_a_repository_says_what_is_open_and_with_which_pattern(world):
    told = {"logs": "<b>deadline</b>", "github_issue": "javascript:alert(1)"}
    had(world, "acme/web", issue(3, status="fixed"), issue(2, status="investigating", **told), issue(1))
    assert "Open in production" not in world.page("/repositories/acme/api")
    page = world.page("/repositories/acme/web")
    assert page.count(' with <a href="/patterns/retry-backoff">Retry backoff</a>') == 2
    assert "&lt;b&gt;deadline" in page and "javascript:" not in page


def test_the_example_in_the_documentation_is_what_is_answered(empty):
    now = NOON + timedelta(days=365)
    reported = {
        1: [issue(2, now=now, severity="critical", issue_type="crash")],
        2: [issue(5, now=now), issue(15, now=now)],
        3: [issue(25, now=now, severity="low")],
    }
    pages = [known(f"acme/s{number}", number, patterns=["retry-backoff"]) for number in range(1, 21)]
    empty.put(
        *(
            page.model_copy(update={"runtime_issues": tuple(reported.get(number, ()))})
            for number, page in enumerate(pages, 1)
        )
    )
    page = (Path(__file__).parents[3] / "docs" / "pattern-health.md").read_text("utf-8")
    example = json.loads(page.partition("```json\n")[2].partition("```")[0])
    assert health(empty, now=now).model_dump(include=set(example)) == example
