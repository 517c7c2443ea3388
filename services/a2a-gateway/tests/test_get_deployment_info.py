"""What `get_deployment_info` tells to the callers that there are, each asking with its very own body."""

import pytest
from builders import NOON, pushed, reading, record_of, repository, row

from devnexus.events.patterns_extracted import Pattern
from devnexus.knowledge.projection import DeclaredDependency, PublishedPackage
from devnexus.schema_v2 import (
    DependencyInfo,
    DependencyRelationship,
    DeploymentInfo,
    DeploymentScript,
    Lesson,
)

TERMS = {
    "interface_files": ["openapi.yaml", 7],
    "change_triggers": ["api_contract"],
    "urgency_mapping": {"api_contract": "critical"},
    "description": "Bills what the API sold",
    "shared_concerns": "not a list",
}


def change(world, name, **fields):
    world.put(world.reading().named(name).model_copy(update=fields))
    world.now += 10


def declared(target, relationship="consumer", **terms):
    return DependencyRelationship(
        target_repo=target, relationship_type=relationship, dependency_strength="strong", **terms
    )


def lesson(number, text="Pin the base image"):
    return Lesson(
        timestamp=NOON, category="reliability", lesson=f"{text} {number}", context="outage", severity="info"
    )


@pytest.fixture
def related(world):
    """acme/api: used by jobs as a manifest says, by billing as somebody declared, and copied into web."""
    package = PublishedPackage(ecosystem="pypi", name="acme-api", path="pyproject.toml", line=2, commit="c")
    asks = DeclaredDependency(ecosystem="pypi", name="acme-api", path="setup.cfg", line=9, commit="d")
    consumers = (declared("acme/billing", **TERMS), declared("Acme/Jobs", sync_strategy="auto"))
    derivatives = (declared("acme/web", "derivative", divergent_concerns=["theme"]),)
    change(
        world,
        "acme/api",
        published_packages=(package,),
        dependencies=DependencyInfo(
            consumers=consumers, derivatives=derivatives, external_dependencies=("httpx", "redis")
        ),
        deployment=DeploymentInfo(
            ci_cd_platform="github-actions",
            infrastructure={"compute": "cloud-run"},
            lessons_learned=(lesson(1), lesson(2)),
            scripts=(DeploymentScript(name="d", description="", script_path="d.sh", platform="gcp"),),
        ),
    )
    change(world, "acme/jobs", declared_dependencies=(asks,))
    return world


def ask(world, **given):
    return world.execute("get_deployment_info", repository="acme/api", **given).json()


def test_the_orchestrator_finds_consumers_and_derivatives_with_their_terms_in_both_places(related):
    call = {
        "skill_name": "get_deployment_info",
        "input_data": {"repository": "acme/api", "include_lessons": True, "include_history": False},
    }
    answer = related.client.post("/a2a/execute", json=call)
    assert answer.status_code == 200 and answer.json()["success"] is True
    told = answer.json()["data"]
    jobs, billing = told["consumers"]
    for item in (jobs, billing, *told["derivatives"]):
        assert item["repo"] == item["name"] == item["repository"] == item["target_repo"]
        assert {name: item[name] for name in item["metadata"]} == item["metadata"]
    assert (billing["repo"], billing["told_by"], billing["evidence"]) == (
        "acme/billing",
        ["declaration"],
        None,
    )
    assert billing["metadata"]["interface_files"] == ["openapi.yaml"]
    assert billing["metadata"]["change_triggers"] == ["api_contract"]
    assert billing["metadata"]["urgency_mapping"] == {"api_contract": "critical"}
    assert billing["description"] == "Bills what the API sold" and billing["shared_concerns"] == []
    assert (jobs["repo"], jobs["told_by"]) == ("acme/jobs", ["manifest", "declaration"])
    assert jobs["evidence"] == "setup.cfg:9 asks for acme-api of pyproject.toml:2"
    assert jobs["sync_strategy"] == "auto"
    (web,) = told["derivatives"]
    assert (web["repo"], web["divergent_concerns"]) == ("acme/web", ["theme"])
    assert told["external_dependencies"] == ["httpx", "redis"]
    assert told["metadata"]["repository_id"] == "github.com/1"
    assert [one["target_repo"] for one in told["dependencies"]["consumers"]] == ["Acme/Jobs", "acme/billing"]


def test_the_orchestrator_falls_back_to_its_file_only_for_what_is_unknown(world):
    call = {"skill_name": "get_deployment_info", "input_data": {"repository": "acme/apis"}}
    answer = world.client.post("/a2a/execute", json=call)
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "Unknown repository: acme/apis. Did you mean acme/api?",
    )
    answer = world.execute("get_deployment_info", repository="acme/apis")
    assert answer.status_code == 404
    assert answer.json()["available_repositories"][0] == "acme/api"
    assert answer.json()["available_count"] == len(answer.json()["available_repositories"]) == 5
    told = ask(world)
    assert (told["consumers"], told["derivatives"], told["success"]) == ([], [], True)


def test_the_log_attacker_finds_the_patterns_in_the_deployment(related):
    told = ask(related, include_lessons=False)
    assert told["deployment"]["patterns"] == ["Health check", "Metrics", "Rest api", "Retry backoff"]
    assert told["latest_patterns"]["patterns"] == told["deployment"]["patterns"]
    assert told["deployment"]["lessons_learned"] == [] and told["lesson_count"] == 2
    assert told["lessons_learned"] is None and told["history"] is None


def test_how_it_is_deployed_and_what_was_learned_is_told_here_and_in_a_search_for_keywords(related):
    told = ask(related)
    assert told["deployment"]["ci_cd_platform"] == "github-actions"
    assert told["deployment"]["infrastructure"] == {"compute": "cloud-run"}
    assert [one["lesson"] for one in told["lessons_learned"]] == [
        "Pin the base image 1",
        "Pin the base image 2",
    ]
    match = related.execute("query_patterns", keywords=["api"]).json()["matches"][0]
    assert match["repository"] == "acme/api"
    assert {**match["deployment_info"], "patterns": told["deployment"]["patterns"]} == told["deployment"]


def test_of_lessons_without_end_the_newest_are_told(world):
    lessons = tuple(lesson(number, "long " * 2000) for number in range(100))
    change(world, "acme/api", deployment=DeploymentInfo(lessons_learned=lessons))
    told = ask(world)
    assert 1 < len(told["lessons_learned"]) < 5 and told["lesson_count"] == 100
    assert told["lessons_learned"][-1]["lesson"].endswith("99")


def test_of_dependents_without_end_as_many_are_told_as_an_answer_holds(world):
    wordy = tuple(declared(f"acme/c{number}", description="x" * 2000) for number in range(150))
    change(world, "acme/api", dependencies=DependencyInfo(consumers=wordy))
    told = ask(world)
    assert 15 < len(told["consumers"]) < 30 and told["consumer_count"] == 150
    assert 10 < len(told["dependencies"]["consumers"]) < len(told["consumers"])
    assert told["shortened"] == ["dependencies"]


def test_the_history_names_what_stood_after_each_push(empty):
    def push(before, after, minute, *rules):
        where = repository("acme/api")
        rows = [row(rule=rule, line=3, weight=0.8) for rule in rules]
        patterns = [Pattern(id=rule, name=rule.capitalize(), category="x") for rule in rules]
        event = pushed(before, after, minute, repository=where)
        return record_of(event, reading("a.py", *rows), patterns=patterns)

    empty.learn(push("0", "a", 0, "outbox"), push("a", "b", 1, "outbox", "saga"), push("b", "c", 2, "saga"))
    history = ask(empty, include_history=True)["history"]
    assert [one["patterns"] for one in history] == [
        ["Transactional outbox"],
        ["Saga", "Transactional outbox"],
        ["Saga"],
    ]
    assert [one["analyzed_at"][14:16] for one in history] == ["00", "01", "02"]
    assert set(history[0]) >= {"commit_sha", "analyzed_at", "patterns", "problem_domain"}


def test_a_dependent_that_is_not_shown_to_the_caller_is_not_named(related):
    change(related, "acme/billing", removed=True)
    assert [one["repo"] for one in ask(related)["consumers"]] == ["acme/jobs"]


def test_the_page_of_a_repository_shows_what_is_told_here(related):
    page = related.page("/repositories/acme/api")
    assert "github-actions" in page and "compute: cloud-run" in page
    assert page.index("Pin the base image 2") < page.index("Pin the base image 1")
    assert "Said to depend on it" in page and "Bills what the API sold" in page
    assert 'the same or nearly in <a href="/repositories/acme/billing">' in page
