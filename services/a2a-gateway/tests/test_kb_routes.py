"""`/api/kb`: what the clients of the orchestrator and the pattern-miner send and read, and who may."""

import pytest

from a2a_gateway.callers.open_routes import KNOWN, open_routes, open_to

LESSON = {
    "repo": "acme/api",
    "lesson": "The client in acme/web has to follow",
    "source_commit": None,
    "confidence": 0.8,
    "category": "triage_analysis",
}
OBSERVED = {
    "pattern_type": "api_client",
    "repos": ["acme/api", "acme/nobody", "ACME/billing"],
    "similarity_score": 0.82,
    "description": "Both wrap httpx",
    "timestamp": "2026-01-01T12:00:00",
}
LESSONS, CROSS = "/api/kb/lessons-learned", "/api/kb/cross-repo-patterns"


def lessons(world, name="acme/api"):
    world.now += 10
    return world.reading().named(name).deployment.lessons_learned


def test_a_lesson_of_the_orchestrator_is_created_once_for_its_key(writer):
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        answer = writer.client.post(LESSONS, json=LESSON, headers=headers)
        assert (answer.status_code, answer.json()["committed"]) == (201, True)
    (lesson,) = lessons(writer)
    assert (lesson.lesson, lesson.confidence, lesson.category) == (LESSON["lesson"], 0.8, "triage_analysis")
    assert (lesson.recorded_by, lesson.source_commit) == ("ana", None)


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        (LESSONS, {**LESSON, "confidence": 2}, "confidence: Input should be less than or equal to 1"),
        (LESSONS, [], "The body is not a JSON object"),
        (CROSS, {**OBSERVED, "repos": []}, "repos: Tuple should have at least 1 item"),
        (CROSS, {**OBSERVED, "repos": ["acme/api", 7]}, "repos.1: Input should be a valid string"),
        (CROSS, {**OBSERVED, "repos": ["acme/api"] * 21}, "repos: Tuple should have at most 20 items"),
        (CROSS, {**OBSERVED, "similarity_score": "much"}, "similarity_score: Input should be a valid number"),
        (CROSS, "text", "The body is not a JSON object"),
    ],
)
def test_what_is_of_the_wrong_shape_is_refused(writer, path, body, problem):
    answer = writer.client.post(path, json=body)
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert answer.json()["error"].startswith(problem)


def test_an_observed_pattern_is_a_lesson_of_each_known_repository_and_says_so(writer):
    for _ in range(2):
        answer = writer.client.post(CROSS, json=OBSERVED)
    told = answer.json()
    assert (answer.status_code, told["recorded_as"], told["category"]) == (201, "lesson", "pattern_observed")
    assert [(one["repository"], one["committed"]) for one in told["repositories"]] == [
        ("acme/api", True),
        ("ACME/billing", True),
    ]
    assert told["not_known"] == ["acme/nobody"]
    (lesson,) = lessons(writer)
    assert lesson.lesson == "api_client: Both wrap httpx"
    assert lesson.context == (
        "Similarity 0.82 between 3 repositories: acme/api, acme/billing, seen at 2026-01-01T12:00:00"
    )
    assert lesson.tags == ("unverified", "api_client")
    assert writer.reading().named("acme/nobody") is None
    writer.client.post(CROSS, json={**OBSERVED, "description": "Both retry"})
    assert [one.lesson for one in lessons(writer)] == [
        "api_client: Both wrap httpx",
        "api_client: Both retry",
    ]


def test_a_pattern_of_repositories_that_nobody_knows_is_recorded_nowhere(writer):
    answer = writer.client.post(CROSS, json={**OBSERVED, "repos": ["acme/nobody"]})
    assert (answer.status_code, answer.json()["not_known"]) == (404, ["acme/nobody"])


def test_the_deployment_is_told_as_the_orchestrator_reads_it(writer):
    writer.client.post(LESSONS, json=LESSON)
    info = {"ci_cd_platform": "cloud-build"}
    writer.execute("add_deployment_info", repository="acme/api", deployment_info=info)
    writer.now += 10
    answer = writer.client.get("/api/kb/deployment/acme/api").json()
    assert (answer["platform"], answer["reusable_components"]) == ("cloud-build", [])
    assert [one["lesson"] for one in answer["lessons_learned"]] == [LESSON["lesson"]]
    assert answer["revision"] == writer.store.head()


def test_patterns_are_told_of_a_repository_or_of_a_kind(writer):
    told = writer.client.get("/api/kb/patterns/acme/API").json()
    assert told["repository"] == "acme/api"
    assert "Retry backoff" in told["patterns"]
    told = writer.client.get("/api/kb/cross-repo-patterns/retry_backoff").json()
    assert told["pattern_type"] == "retry_backoff"
    assert [one["repo_count"] for one in told["cross_repo_patterns"]] == [4]


@pytest.mark.parametrize(
    "path", ["deployment/acme/none", "patterns/acme/none", "cross-repo-patterns/gcp_deployment"]
)
def test_what_is_not_known_is_not_found(writer, path):
    answer = writer.client.get(f"/api/kb/{path}")
    assert (answer.status_code, answer.json()["success"]) == (404, False)
    assert answer.json()["timestamp"].endswith("Z")


def test_without_credentials_nobody_comes_in_but_by_the_routes_that_are_named(opened):
    world = opened("POST /api/kb/lessons-learned", "GET /api/kb/patterns/{owner}/{repo}")
    assert world.client.post(LESSONS, json=LESSON).status_code == 201
    assert world.client.get("/api/kb/patterns/acme/web").status_code == 200
    for method, path in (
        ("POST", CROSS),
        ("GET", LESSONS),
        ("POST", f"{LESSONS}/"),
        ("POST", f"{LESSONS}%0A"),
        ("GET", "/api/kb/patterns/acme/api/x"),
        ("GET", "/api/kb/patterns/acme"),
        ("POST", "/api/kb/patterns/acme/api"),
        ("GET", "/api/kb/deployment/acme/api"),
        ("POST", "/a2a/execute"),
        ("POST", "/skills/add_lesson_learned"),
        ("GET", "/"),
    ):
        assert world.client.request(method, path, json=LESSON).status_code == 401, (method, path)


def test_what_comes_without_credentials_says_by_which_route_it_came(opened):
    world = opened("POST /api/kb/lessons-learned")
    world.client.post(LESSONS, json=LESSON)
    (lesson,) = lessons(world)
    assert lesson.recorded_by == "anonymous: POST /api/kb/lessons-learned"
    refused = world.client.post(LESSONS, json=LESSON, headers={"X-API-Key": "wrong"})
    assert refused.status_code == 401


def test_an_open_route_lets_nobody_see_what_is_not_public():
    for route in KNOWN:
        method, path = route.split(" ")
        path = path.replace("{owner}", "acme").replace("{repo}", "api").replace("{pattern_type}", "x")
        caller = open_to(frozenset([route]))({"method": method, "path": path})
        assert (caller.sees_all, caller.is_verified, caller.may_write) == (False, False, method == "POST")


def test_only_known_routes_can_be_opened():
    assert open_routes(f" {KNOWN[0]} , {KNOWN[2]},") == {KNOWN[0], KNOWN[2]}
    for unknown in ("POST /a2a/execute", "/api/kb/lessons-learned", "*", "GET /api/kb/lessons-learned"):
        with pytest.raises(ValueError, match="no route that can be opened"):
            open_routes(unknown)


def test_writes_need_somebody_who_may_write(stranger):
    assert stranger.client.post(LESSONS, json=LESSON).status_code == 401
    assert stranger.client.post(CROSS, json=OBSERVED).status_code == 401
    assert stranger.client.get("/api/kb/deployment/acme/api").status_code == 200
