"""What happened lately, in the order and shape that the frontend shows."""

from datetime import timedelta

import pytest
from builders import NOON, pushed, reading, record_of, repository, row
from issues import had, issue

from devnexus.schema_v2 import DeploymentInfo, DeploymentScript, Lesson

LESSON = Lesson(
    timestamp=NOON - timedelta(hours=1),
    category="cost",
    lesson="Cache it",
    context="bill",
    severity="warning",
)
SCRIPT = DeploymentScript(name="release", description="Ships it", script_path="ship.sh", platform="gke")


@pytest.fixture
def busy(world):
    deployment = DeploymentInfo(scripts=(SCRIPT,), lessons_learned=(LESSON,), last_deployed=NOON)
    had(world, "acme/api", issue(0.5, now=NOON, logs="x" * 999), deployment=deployment)
    return world


def actions(world, **given):
    answer = world.execute("get_recent_actions", **given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(world, **given):
    return [(one["action_type"], one["repository"]) for one in actions(world, **given)["actions"]]


def test_the_newest_comes_first_and_at_one_time_the_repositories_come_by_name(busy):
    assert told(busy) == [
        ("analysis", "acme/billing"),
        ("analysis", "acme/reports"),
        ("analysis", "acme/web"),
        ("analysis", "acme/jobs"),
        ("analysis", "acme/api"),
        ("deployment", "acme/api"),
        ("lesson", "acme/api"),
        ("runtime_issue", "acme/api"),
    ]


def test_what_happened_is_an_object_of_the_fields_that_the_frontend_reads(busy):
    by_type = {one["action_type"]: one for one in actions(busy, repository="acme/API")["actions"]}
    assert by_type["lesson"] == {
        "action_type": "lesson",
        "repository": "acme/api",
        "timestamp": "2026-03-01T11:00:00Z",
        "reference_id": "2026-03-01T11:00:00Z",
        "metadata": {"category": "cost", "impact": "warning", "description": "Cache it"},
    }
    assert by_type["deployment"]["metadata"] == {"name": "release", "description": "Ships it"}
    assert by_type["runtime_issue"]["reference_id"] == "i0.5"
    assert by_type["runtime_issue"]["metadata"] == {
        "issue_type": "timeout",
        "severity": "high",
        "service_type": "cloud_run",
        "pattern_reference": "Retry backoff",
        "status": "open",
        "log_snippet": "x" * 199 + "…",
    }
    analysis = by_type["analysis"]["metadata"]
    assert (analysis["patterns_count"], analysis["decisions_count"], analysis["components_count"]) == (
        4,
        0,
        1,
    )
    assert analysis["introduced"] == ["health-check", "metrics", "rest-api", "retry-backoff"]
    assert analysis["commit_sha"] == busy.reading().named("acme/api").recent[0].after


def test_only_of_the_newest_push_it_is_known_how_much_there_was_after_it(empty):
    where = repository("acme/old", 9)
    records = [
        record_of(pushed("0", "a", 0, repository=where), reading("a.py", row())),
        record_of(pushed("a", "b", 1, repository=where), reading("a.py", status="removed")),
    ]
    empty.learn(*records)
    newest, first = actions(empty)["actions"]
    assert (newest["metadata"]["patterns_count"], first["metadata"]["patterns_count"]) == (0, None)
    assert (newest["metadata"]["gone"], first["metadata"]["introduced"]) == (["retry-backoff"],) * 2


def test_they_come_in_pages_as_of_old(busy):
    first = actions(busy, limit=5, offset=None, action_types=None, repository=None)
    assert (first["count"], first["returned"]) == (8, 5)
    assert first["pagination"] == {
        "limit": 5,
        "offset": 0,
        "has_more": True,
        "next_offset": 5,
        "total_pages": 2,
    }
    assert first["filters"] == {"action_types": None, "repository": None}
    last = actions(busy, limit=5, offset=5)
    assert (last["pagination"]["has_more"], last["pagination"]["next_offset"]) == (False, None)
    assert told(busy) == told(busy, limit=5) + told(busy, limit=5, offset=5)


def test_only_what_is_asked_for_is_told(busy):
    assert told(busy, action_types=["lesson", "runtime_issue"]) == [
        ("lesson", "acme/api"),
        ("runtime_issue", "acme/api"),
    ]
    asked = actions(busy, action_types=["analysis"], repository="acme/api")
    assert (asked["count"], asked["filters"]) == (1, {"action_types": ["analysis"], "repository": "acme/api"})


@pytest.mark.parametrize(
    ("given", "status", "problem"),
    [
        ({"repository": "acme/none"}, 404, "Unknown repository: acme/none"),
        ({"limit": 101}, 400, "limit: Input should be less than or equal to 100"),
        ({"limit": 0}, 400, "limit: Input should be greater than or equal to 1"),
        ({"offset": -1}, 400, "offset: Input should be greater than or equal to 0"),
        ({"action_types": ["gossip"]}, 400, "action_types.0: Input should be 'analysis', 'lesson',"),
    ],
)
def test_what_makes_no_sense_is_refused(world, given, status, problem):
    answer = world.execute("get_recent_actions", **given)
    assert (answer.status_code, answer.json()["error"][: len(problem)]) == (status, problem)
