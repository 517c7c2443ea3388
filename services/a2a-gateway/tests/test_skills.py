"""What each skill answers: the fields that existing callers read, and what is wrong with a question."""

import pytest

from a2a_gateway.registry import load_skills


@pytest.mark.parametrize("skill", load_skills().values(), ids=lambda skill: skill.id)
def test_the_example_of_every_skill_is_answered(request, skill):
    world = request.getfixturevalue("writer" if skill.is_for_writers else "world")
    answer = world.execute(skill.id, **skill.example.model_dump(mode="json"))
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert answer.json()["revision"] == world.store.head()
    assert answer.json()["stale_seconds"] == 0
    assert answer.json()["timestamp"].endswith("Z")
    assert answer.json()["execution_time_ms"] >= 0


def test_a_pattern_is_found_by_name_or_id_in_any_case_with_the_lines_that_show_it(world):
    answer = world.execute("query_patterns", patterns=["RETRY backoff", "rest-api"], min_matches=2)
    assert answer.json()["total_matches"] == 4
    assert answer.json()["matches"][0] == {
        "repository": "acme/api",
        "match_count": 2,
        "matched_patterns": ["Rest api", "Retry backoff"],
        "all_patterns": ["Health check", "Metrics", "Rest api", "Retry backoff"],
        "problem_domain": "unknown",
        "reusable_components": [],
        "evidence": [
            {
                "id": "rest-api",
                "pattern": "Rest api",
                "confidence": 0.8,
                "places": ["src/rest-api.py:3"],
                "unverified": False,
            },
            {
                "id": "retry-backoff",
                "pattern": "Retry backoff",
                "confidence": 0.8,
                "places": ["src/retry-backoff.py:3"],
                "unverified": False,
            },
        ],
    }
    assert answer.json()["search_criteria"]["patterns"] == ["RETRY backoff", "rest-api"]
    assert answer.json()["search_criteria"]["min_matches"] == 2


def test_keywords_win_over_patterns_and_tell_of_the_deployment_what_is_known_of_it(world):
    answer = world.execute("query_patterns", keywords=["Python", "retry"], patterns=["Metrics"], limit=1)
    (match,) = answer.json()["matches"]
    assert (match["repository"], match["match_count"]) == ("acme/api", 2)
    assert match["matched_keywords"] == ["python", "retry"]
    assert set(match) == {
        *("repository", "match_count", "matched_keywords", "all_keywords", "patterns"),
        *("problem_domain", "deployment_info"),
    }
    assert match["deployment_info"] == {
        "scripts": [],
        "lessons_learned": [],
        "reusable_components": [],
        "ci_cd_platform": None,
        "infrastructure": {},
        "deployment_frequency": None,
        "last_deployed": None,
    }


def test_all_matches_are_counted_however_few_are_named(world):
    answer = world.execute("query_patterns", patterns=["Metrics"], limit=2)
    assert [match["repository"] for match in answer.json()["matches"]] == ["acme/api", "acme/billing"]
    assert answer.json()["total_matches"] == 5


def test_the_search_can_be_about_one_repository(world):
    answer = world.execute("query_patterns", patterns=["Metrics"], repository="ACME/web")
    assert [match["repository"] for match in answer.json()["matches"]] == ["acme/web"]
    answer = world.execute("query_patterns", patterns=["Metrics"], repository="acme/none")
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "Unknown repository: acme/none. get_repository_list names those that are known",
    )


def test_a_search_for_nothing_is_refused_in_the_shape_of_a_search(world):
    answer = world.execute("query_patterns")
    assert answer.status_code == 400
    refused = answer.json()
    assert (refused["success"], refused["matches"], refused["total_matches"]) == (False, [], 0)
    assert refused["error"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"keywords": "retry"}, "keywords: Input should be a valid list"),
        ({"patterns": [1]}, "patterns.0: Input should be a valid string"),
        ({"patterns": ["x"], "min_matches": 0}, "min_matches: Input should be greater than or equal to 1"),
        ({"patterns": ["x"], "limit": 101}, "limit: Input should be less than or equal to 100"),
    ],
)
def test_input_of_the_wrong_kind_is_named(world, given, problem):
    answer = world.execute("query_patterns", **given)
    assert answer.status_code == 400
    said = {name: answer.json()[name] for name in ("success", "error", "skill_id")}
    assert said == {"success": False, "error": problem, "skill_id": "query_patterns"}


def test_a_pattern_is_found_by_an_alias_or_another_spelling(world):
    for word in ("Retry with exponential backoff", "RetryPattern", "retry_backoff"):
        found = world.execute("query_patterns", patterns=[word]).json()
        assert found["matches"][0]["evidence"][0]["id"] == "retry-backoff", word
    assert world.execute("query_patterns", patterns=["no retries"]).json()["total_matches"] == 0


def test_null_is_the_default_and_unknown_fields_are_ignored(world):
    given = {"patterns": ["Metrics"], "keywords": None, "min_matches": None, "problem_domain": "any"}
    assert world.execute("query_patterns", **given).json()["total_matches"] == 5
    assert world.client.post("/a2a/execute", json={"skill_id": "get_repository_list", "input": None}).json()[
        "success"
    ]


def test_the_list_of_repositories_has_a_few_words_on_each_or_only_names(world):
    answer = world.execute("get_repository_list")
    assert answer.json()["total_count"] == answer.json()["total_repositories"] == 5
    assert answer.json()["repositories"][0] == {
        "name": "acme/api",
        "pattern_count": 4,
        "last_updated": "2026-03-01T12:00:00Z",
        "problem_domain": "unknown",
        "keywords": ["api", "backoff", "check", "health", "http"],
        "archived": False,
    }
    names = world.execute("get_repository_list", include_metadata=False).json()["repositories"]
    assert names == ["acme/api", "acme/billing", "acme/jobs", "acme/reports", "acme/web"]


def test_patterns_of_several_repositories_are_listed_by_how_many_use_them(world):
    answer = world.execute("get_cross_repo_patterns", min_repos=4)
    assert [(found["pattern"], found["repo_count"]) for found in answer.json()["cross_repo_patterns"]] == [
        ("Health check", 5),
        ("Metrics", 5),
        ("Rest api", 5),
        ("Retry backoff", 4),
    ]
    assert (answer.json()["total_patterns"], answer.json()["min_repos"]) == (4, 4)
    retry = answer.json()["cross_repo_patterns"][-1]
    assert retry["repositories"] == ["acme/api", "acme/billing", "acme/jobs", "acme/web"]
    answer = world.execute("get_cross_repo_patterns", pattern_type="RETRY", min_occurrences=5)
    assert answer.json()["cross_repo_patterns"] == []
