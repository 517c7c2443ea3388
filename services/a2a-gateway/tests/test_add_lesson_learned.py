"""Lessons in the three ways in which callers tell them, and what stands in the base afterwards."""

import pytest

from a2a_gateway.callers.caller import ANONYMOUS

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3


def lessons(world, name="acme/api"):
    world.now += 10
    page = world.reading().named(name)
    return [] if page is None else page.deployment.lessons_learned


def learn(world, **given):
    return world.execute("add_lesson_learned", **{"repository": "acme/api", **given})


OURS = {"category": "reliability", "lesson": "Set timeouts", "context": "An outage", "severity": "warning"}


def test_a_lesson_with_its_context_is_in_the_base_once_it_is_answered(writer):
    answer = learn(writer, **OURS, recorded_by="ana", related_files=["a.py"], tags=["http"]).json()
    assert {
        name: answer[name] for name in ("success", "committed", "repository", "category", "severity")
    } == {
        "success": True,
        "committed": True,
        "repository": "acme/api",
        "category": "reliability",
        "severity": "warning",
    }
    assert answer["message"] == "Recorded: a lesson on reliability for acme/api"
    assert (answer["note"], answer["kb_url"]) == ("", "/repositories/acme/api")
    (lesson,) = lessons(writer)
    assert (lesson.lesson, lesson.context, lesson.recorded_by) == ("Set timeouts", "An outage", "ana")
    assert (lesson.related_files, lesson.tags) == (("a.py",), ("http",))
    assert answer["lesson_id"] == lesson.model_dump(mode="json")["timestamp"]


def test_a_lesson_of_the_orchestrator_keeps_its_commit_and_confidence(writer):
    given = {
        "repo": "acme/api",
        "lesson": "The client in acme/web must follow",
        "source_commit": "abc123",
        "confidence": 0.8,
        "category": "consumer_triage",
    }
    answer = writer.execute("add_lesson_learned", **given)
    assert (answer.status_code, answer.json()["category"]) == (200, "consumer_triage")
    (lesson,) = lessons(writer)
    assert (lesson.source_commit, lesson.confidence) == ("abc123", 0.8)
    assert (lesson.lesson, lesson.context, lesson.severity) == (given["lesson"], "", "info")
    assert learn(
        writer, category="triage_analysis", lesson="l", source_commit=None, confidence=0.8
    ).is_success


def test_a_lesson_of_the_frontend_has_its_title_and_description(writer):
    given = {"title": "Warm up", "description": "Cold starts take 9 s", "category": "performance"}
    assert learn(writer, **given, impact="High").json()["severity"] == "critical"
    assert learn(writer, **given, impact="Users wait").json()["severity"] == "info"
    first, second = lessons(writer)
    assert (first.lesson, first.context, first.severity) == ("Warm up", "Cold starts take 9 s", "critical")
    assert second.context == "Cold starts take 9 s\n\nImpact: Users wait"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({**OURS, "category": "gossip"}, "category: Input should be 'performance'"),
        ({**OURS, "severity": "high"}, "severity: Input should be 'info', 'warning' or 'critical'"),
        ({**OURS, "lesson": ""}, "lesson: should not be empty"),
        ({**OURS, "lesson": None}, "lesson: Field required"),
        ({**OURS, "lesson": "x" * 10_001}, "lesson: String should have at most 10000 characters"),
        ({**OURS, "confidence": 1.2}, "confidence: Input should be less than or equal to 1"),
        ({**OURS, "tags": ["a"] * 101}, "tags: "),
        ({**OURS, "tags": ["a" * 301]}, "tags.0: "),
        ({**OURS, "repository": "acme"}, "repository: 'acme' is not <owner>/<name>"),
        ({**OURS, "repository": "acme/" + "a" * 200}, "repository: longer than"),
    ],
)
def test_what_cannot_be_a_lesson_is_refused_and_not_recorded(writer, given, problem):
    answer = learn(writer, **given)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(problem)
    assert lessons(writer) == ()


def test_secrets_are_gone_before_anything_is_sent(writer):
    given = {**OURS, "lesson": f"Do not commit {TOKEN}", "context": f"It was {TOKEN}", "tags": [TOKEN]}
    assert TOKEN not in learn(writer, **given).text
    (lesson,) = lessons(writer)
    assert lesson.lesson == "Do not commit [REDACTED:github-token]"
    assert TOKEN not in str(writer.writing.sent)


def test_a_lesson_for_a_repository_that_nobody_knows_is_kept_and_says_so(writer):
    told = learn(writer, **{**OURS, "repository": "acme/nwe"}).json()
    assert (told["committed"], told["repository"]) == (True, "acme/nwe")
    assert told["note"].startswith("acme/nwe is none of the repositories that you see here")
    assert [one.lesson for one in lessons(writer, "acme/nwe")] == ["Set timeouts"]


def test_a_lesson_is_sent_again_with_its_key_and_stands_once(writer):
    answers = [learn(writer, **OURS, idempotency_key="k").json() for _ in range(2)]
    assert answers[0]["event_id"] == answers[1]["event_id"] == "ana@example.com:add_lesson_learned:k"
    assert len(lessons(writer)) == 1


def test_a_repository_that_nobody_knew_is_kept_from_strangers(writer):
    told = {"repository": "acme/secret", "category": "security", "lesson": "Turn the keys", "context": "leak"}
    assert writer.execute("add_lesson_learned", **told).json()["committed"]
    writer.now += 10
    assert writer.model.reading(ANONYMOUS).named("acme/secret") is None
    assert writer.reading().named("acme/secret").visibility == "private"
