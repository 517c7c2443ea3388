"""What agents of old send when they report something, body by body, and what stands in the base then."""

import pytest
from issues import had, issue

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3


def page(world, name="acme/new"):
    world.now += 10
    return world.reading().named(name)


def refusal(answer):
    assert answer.status_code == 400, answer.json()
    return answer.json()["error"]


ISSUE = {
    "repository": "acme/new",
    "service_type": "cloud_run",
    "issue_type": "error",
    "severity": "high",
    "log_snippet": "Redis connection pool exhausted",
    "root_cause": "Connection pool size (10) too small for traffic volume",
    "suggested_fix": "Increase pool_size to 50 and max_overflow to 20",
    "pattern_reference": "Retry Backoff",
    "github_issue_url": "https://github.com/acme/new/issues/234",
    "metrics": {"error_rate": 0.15, "latency_p95": 2500, "throughput": 150},
}
"""As log-attacker reports it."""

NULLS = dict.fromkeys(("root_cause", "suggested_fix", "pattern_reference", "github_issue_url"))


def report(world, **changes):
    return world.execute("add_runtime_issue", **{**ISSUE, **changes})


def test_an_issue_of_log_attacker_is_in_the_base_and_linked_to_its_pattern(writer):
    answer = report(writer).json()
    assert (answer["committed"], answer["severity"], answer["similar_issues"]) == (True, "high", [])
    assert (answer["pattern_updated"], answer["pattern_ids"]) == (True, ["retry-backoff"])
    known = page(writer)
    (issue,) = known.runtime_issues
    assert (issue.issue_id, issue.status) == (answer["issue_id"], "open")
    assert (issue.logs, issue.root_cause) == (ISSUE["log_snippet"], ISSUE["root_cause"])
    assert (issue.pattern_reference, issue.github_issue) == ("Retry Backoff", ISSUE["github_issue_url"])
    assert known.production_metrics["latency_p95"] == 2500
    found = writer.execute("query_known_issues", pattern="retry-backoff").json()["issues"]
    assert [one["issue_id"] for one in found] == [answer["issue_id"]]


def test_an_issue_may_have_nulls_where_nothing_is_known(writer):
    answer = report(writer, **NULLS, metrics={}).json()
    assert (answer["success"], answer["pattern_updated"], answer["pattern_ids"]) == (True, False, [])
    (issue,) = page(writer).runtime_issues
    assert (issue.root_cause, issue.pattern_reference, issue.github_issue) == (None, None, None)


def test_a_pattern_that_nobody_has_is_kept_as_it_was_said_and_the_answer_says_so(writer):
    answer = report(writer, pattern_reference="Redis session caching").json()
    assert not answer["pattern_updated"]
    assert answer["note"].startswith("No repository has a pattern called 'Redis session caching'")
    assert page(writer).runtime_issues[0].pattern_reference == "Redis session caching"


def test_issues_of_the_same_pattern_are_similar_the_newest_first_and_never_the_issue_itself(writer):
    ids = []
    for number in range(7):
        answer = report(writer, pattern_reference=["retry-backoff", "Retry Backoff"][number % 2]).json()
        ids.append(answer["issue_id"])
        writer.now += 10
    assert [one["issue_id"] for one in answer["similar_issues"]] == ids[5:0:-1]
    assert answer["similar_issues"][0] == {
        "repository": "acme/new",
        "issue_id": ids[5],
        "severity": "high",
        "root_cause": ISSUE["root_cause"],
    }
    assert report(writer, issue_type="memory").json()["similar_issues"] == []


def test_without_a_pattern_issues_are_similar_by_their_words_unless_they_were_none(writer):
    first = report(writer, **NULLS).json()["issue_id"]
    writer.now += 10
    more = {**NULLS, "log_snippet": "WARN redis: the connection pool is exhausted"}
    second = report(writer, **more).json()
    assert [one["issue_id"] for one in second["similar_issues"]] == [first]
    assert report(writer, **NULLS, log_snippet="disk full").json()["similar_issues"] == []
    writer.now += 10
    writer.execute("update_runtime_issue", issue_id=first, status="false_positive")
    writer.now += 10
    third = report(writer, **NULLS).json()
    assert [one["issue_id"] for one in third["similar_issues"]] == [second["issue_id"]]


def test_a_log_is_cut_and_holds_no_secret_nor_half_of_one(writer):
    report(writer, log_snippet="x" * 980 + f" {TOKEN} and more", metrics={"token": TOKEN})
    (issue,) = page(writer).runtime_issues
    assert len(issue.logs) == 1000
    assert issue.logs.endswith("x [REDACTED:github-to")
    assert TOKEN[:10] not in str(writer.writing.sent)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"service_type": "lambda"}, "service_type: Input should be 'cloud_run'"),
        ({"issue_type": "bad"}, "issue_type: Input should be 'error'"),
        ({"severity": "fatal"}, "severity: Input should be 'critical'"),
        ({"log_snippet": None}, "log_snippet: Field required"),
        ({"metrics": {"p95": [1]}}, "metrics.p95"),
        ({"github_issue_url": "javascript:alert(1)"}, "github_issue_url: should begin with"),
        ({"root_cause": "x" * 10_001}, "root_cause: String should have at most 10000 characters"),
    ],
)
def test_an_issue_of_the_wrong_shape_is_refused_with_the_field(writer, changes, problem):
    assert refusal(report(writer, **changes)).startswith(problem)


def test_an_issue_is_what_was_said_of_it_last(writer):
    issue_id = report(writer).json()["issue_id"]
    writer.now += 10
    answer = writer.execute("update_runtime_issue", issue_id=issue_id, status="fixed", root_cause="Limits")
    assert (answer.json()["status"], answer.json()["previous_status"]) == ("fixed", "open")
    (issue,) = page(writer).runtime_issues
    assert (issue.status, issue.root_cause) == ("fixed", "Limits")
    assert issue.resolution_time
    writer.execute("update_runtime_issue", issue_id=issue_id, repository="acme/new", status="open")
    (issue,) = page(writer).runtime_issues
    assert (issue.status, issue.resolution_time) == ("open", None)


def test_an_issue_that_nobody_reported_is_not_found_and_of_two_repositories_the_one_is_asked_for(writer):
    def update(**given):
        answer = writer.execute("update_runtime_issue", status="fixed", **given)
        return answer.status_code, answer.json().get("error", "")

    assert update(issue_id="none")[0] == 404
    assert update(issue_id="none", repository="acme/none") == (
        404,
        "Unknown repository: acme/none. get_repository_list names those that are known",
    )
    for name in ("acme/web", "acme/jobs"):
        had(writer, name, issue(issue_id="both"))
    error = "repository: issue both is one of several repositories: acme/jobs, acme/web"
    assert update(issue_id="both") == (409, error)
    assert update(issue_id="both", repository="acme/web") == (200, "")
    assert refusal(writer.execute("update_runtime_issue", issue_id="none")).endswith(
        "give status, root_cause, suggested_fix or github_issue_url"
    )


CONFIG = {
    "interface_files": ["src/llm_client.py"],
    "change_triggers": ["api_contract"],
    "urgency_mapping": {"api_contract": "critical"},
    "shared_concerns": ["docker"],
    "divergent_concerns": ["application_logic"],
    "sync_strategy": "selective",
    "bidirectional": True,
}
"""What the orchestrator knows of a relationship."""


def declare(world, **given):
    answer = world.execute("update_dependency_info", **given)
    assert answer.status_code == 200, answer.json()
    return page(world, "acme/llm").dependencies


def one_relationship(target="acme/resume", kind="api_consumer"):
    return {"source_repo": "acme/llm", "target_repo": target, "relationship_type": kind, "metadata": CONFIG}


def test_a_relationship_of_the_orchestrator_comes_back_with_its_triggers(writer):
    call = {"skill_name": "update_dependency_info", "input_data": one_relationship()}
    answer = writer.client.post("/a2a/execute", json=call)
    assert (answer.status_code, answer.json()["success"], answer.json()["error"]) == (200, True, None)
    declare(writer, **one_relationship("acme/coder", "template_fork"))
    known = writer.execute("get_deployment_info", repository="acme/llm").json()
    (consumer,), (derivative,) = known["consumers"], known["derivatives"]
    for told in (consumer, consumer["metadata"]):
        assert {name: told[name] for name in CONFIG if name != "bidirectional"} == {
            name: value for name, value in CONFIG.items() if name != "bidirectional"
        }
    assert (consumer["repo"], consumer["relationship_type"]) == ("acme/resume", "consumer")
    assert (derivative["repo"], derivative["shared_concerns"]) == ("acme/coder", ["docker"])


def test_one_relationship_joins_the_others_and_takes_the_place_of_what_was_said_of_the_same_two(writer):
    declare(writer, **one_relationship("acme/a"))
    declare(writer, **one_relationship("acme/b"))
    known = declare(writer, **{**one_relationship("ACME/A"), "metadata": {"sync_strategy": "manual"}})
    assert [(one.target_repo, one.sync_strategy) for one in known.consumers] == [
        ("ACME/A", "manual"),
        ("acme/b", "selective"),
    ]


def test_a_relationship_of_the_frontend_has_its_description(writer):
    given = {"dependency_type": "derivative", "dependent_repo": "acme/fork", "description": "A fork"}
    (derivative,) = declare(writer, repository="acme/llm", **given).derivatives
    assert (derivative.target_repo, derivative.relationship_type) == ("acme/fork", "derivative")
    assert derivative.description == "A fork"


def test_whole_lists_take_the_place_of_what_stands_and_leave_the_rest(writer):
    lists = {
        "consumers": [{"repository": "acme/a", "relationship": "consumer"}, {"repo": "acme/b"}, "acme/c"],
        "derivatives": [{"name": "acme/d", "dependency_strength": "strong", "notes": None}],
        "external_dependencies": ["redis"],
        "dependency_update_strategy": "weekly",
    }
    declare(writer, repository="acme/llm", dependency_info=lists)
    known = declare(writer, repository="acme/llm", dependency_info={"consumers": [{"target_repo": "acme/z"}]})
    assert [one.target_repo for one in known.consumers] == ["acme/z"]
    assert [(one.target_repo, one.dependency_strength) for one in known.derivatives] == [("acme/d", "strong")]
    assert (known.external_dependencies, known.dependency_update_strategy) == (("redis",), "weekly")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "input: give dependency_info, or one relationship with target_repo"),
        ({"dependency_info": {}}, "input: dependency_info: give consumers"),
        ({"target_repo": "acme/a", "relationship_type": "friend"}, "relationship_type: Input should be"),
        ({"dependency_info": {"consumers": [{}]}}, "dependency_info.consumers.0.target_repo: Field required"),
        ({"target_repo": "acme/a", "metadata": {"interface_files": [1]}}, "metadata.interface_files.0: "),
    ],
)
def test_a_relationship_of_the_wrong_shape_is_refused_with_the_field(writer, given, problem):
    error = refusal(writer.execute("update_dependency_info", repository="acme/llm", **given))
    assert error.startswith(problem), error


def test_what_is_said_of_a_deployment_leaves_the_rest_and_every_lesson(writer):
    lesson = {"category": "cost", "lesson": "Scale to zero", "context": "A bill"}
    writer.execute("add_lesson_learned", repository="acme/new", **lesson)
    for info in (
        {"ci_cd_platform": "argo", "infrastructure": {"db": "postgres"}, "unknown": 1, "lessons_learned": []},
        {"ci_cd_platform": "github-actions", "infrastructure": None, "deployment_frequency": "daily"},
    ):
        answer = writer.execute("add_deployment_info", repository="acme/new", deployment_info=info).json()
        assert answer["success"], answer
    assert answer["fields"] == ["ci_cd_platform", "deployment_frequency"]
    known = page(writer).deployment
    assert (known.ci_cd_platform, known.infrastructure) == ("github-actions", {"db": "postgres"})
    assert [one.lesson for one in known.lessons_learned] == ["Scale to zero"]
    assert "unknown" not in known.model_dump()


@pytest.mark.parametrize(
    ("info", "problem"),
    [
        ({}, "deployment_info: should have at least one of"),
        ({"scripts": [{"name": "x"}]}, "deployment_info: scripts.0.description: Field required"),
        ({"infrastructure": {"a": "x" * 50_001}}, "deployment_info: should be at most 50000"),
        (
            {"infrastructure": {"a": [[[[[[[[[[[[]]]]]]]]]]]]}},
            "deployment_info: should be nested",
        ),
    ],
)
def test_a_deployment_of_the_wrong_shape_is_refused_with_the_field(writer, info, problem):
    answer = writer.execute("add_deployment_info", repository="acme/new", deployment_info=info)
    assert refusal(answer).startswith(problem)


def test_what_is_named_like_a_secret_is_none_any_more(writer):
    info = {"infrastructure": {"DB_PASSWORD": "Xk29dLq8ZzP1mQ", "db": "postgres"}}
    writer.execute("add_deployment_info", repository="acme/new", deployment_info=info)
    assert page(writer).deployment.infrastructure == {
        "DB_PASSWORD": "[REDACTED:generic-assignment]",
        "db": "postgres",
    }


def test_a_repository_is_added_once_and_to_add_it_again_is_no_error(writer):
    answer = writer.execute("add_repository", repository="acme/new", problem_domain="invoices").json()
    assert answer["message"] == "Recorded: acme/new is followed"
    assert (answer["repository_id"], answer["was_known"]) == ("github.com/name:acme/new", False)
    assert page(writer).latest_patterns.problem_domain == "invoices"
    again = writer.execute("add_repository", repository="Acme/New").json()
    assert (again["repository"], again["repository_id"]) == ("acme/new", answer["repository_id"])
    assert again["was_known"]
    assert page(writer).latest_patterns.problem_domain == "invoices"


def test_a_repository_that_was_removed_comes_back_when_it_is_added(writer):
    writer.put(page(writer, "acme/web").model_copy(update={"removed": True}))
    assert page(writer, "acme/web") is None
    assert not writer.execute("add_repository", repository="acme/web").json()["was_known"]
    assert page(writer, "acme/web").repository_id == "github.com/4"


@pytest.mark.parametrize("name", ["acme", "acme/", "a/b/c", "acme/a b", "../x", "acme/" + "a" * 140])
def test_what_cannot_be_a_repository_is_not_added(writer, name):
    assert refusal(writer.execute("add_repository", repository=name)).startswith("repository: ")


@pytest.mark.parametrize(
    ("skill", "given"),
    [
        ("add_runtime_issue", ISSUE),
        ("update_dependency_info", one_relationship()),
        ("add_deployment_info", {"repository": "acme/new", "deployment_info": {"ci_cd_platform": "argo"}}),
        ("add_repository", {"repository": "acme/new"}),
    ],
)
def test_a_call_that_is_sent_again_with_its_key_is_one_record(writer, skill, given):
    answers = [writer.execute(skill, **given, idempotency_key="k").json() for _ in range(2)]
    assert answers[0]["event_id"] == answers[1]["event_id"]
    assert len({record.payload().__repr__() for record in writer.writing.sent[1:]}) == 1


def test_a_name_of_before_leads_to_where_the_repository_is_now(writer):
    writer.put(page(writer, "acme/web").model_copy(update={"former_names": ("acme/site",)}))
    writer.now += 10
    answer = report(writer, repository="Acme/Site").json()
    assert (answer["repository"], answer["note"]) == ("acme/web", "")
