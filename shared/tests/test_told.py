"""What imports, agents and hosts tell of a repository, folded together with what was read from its code."""

from datetime import timedelta

from builders import NOON, pushed, reading, record_of, repository, row, snapshot_record

from devnexus.events import (
    DependenciesDeclared,
    DeploymentDescribed,
    KnowledgeImported,
    LessonLearned,
    RepositoryAdopted,
    RepositoryChanged,
    RepositoryRegistered,
    RepositoryRemoved,
    RepositoryRenamed,
    RuntimeIssueReported,
    RuntimeIssueUpdated,
)
from devnexus.knowledge.exported import exported
from devnexus.knowledge.fold import fold
from devnexus.repository import Repository, id_of_name

NAMED = Repository(id=id_of_name("acme/api"), name="acme/api", default_branch="main")


def about(minute, owner=None):
    return {"cause": "agent", "repository": owner or repository(), "at": NOON + timedelta(minutes=minute)}


def told(kind, minute, owner=None, **fields):
    return kind(**about(minute, owner), caller="ops@acme.example", skill="s", key=str(minute), **fields)


def change(kind, minute, owner=None, **fields):
    return kind(**about(minute, owner), asked_by="d", **fields)


def lesson(minute, text):
    return told(LessonLearned, minute, category="cost", lesson=text, context="c")


def entry(*patterns, **more):
    return {
        "patterns": list(patterns),
        "problem_domain": "orders",
        "analyzed_at": "2025-01-01T00:00:00",
        "commit_sha": "abc",
        **more,
    }


def imported(minute=0, latest=None, **sections):
    content = {
        "latest_patterns": latest or entry("Saga", "Retry with backoff"),
        "last_updated": "2025-01-01T00:00:00",
    }
    return KnowledgeImported(**about(minute, NAMED), part="latest", content={**content, **sections})


def page(*records):
    state = fold(records)
    assert state
    return state.project()


PUSH = record_of(pushed("0", "A", 5), reading("a.py", row(weight=0.8)))


def test_lessons_stand_beside_what_describes_the_deployment_whichever_comes_last():
    described = told(DeploymentDescribed, 2, deployment={"ci_cd_platform": "argo", "lessons_learned": []})
    known = page(lesson(1, "first"), described, lesson(3, "second"))
    assert [one.lesson for one in known.deployment.lessons_learned] == ["first", "second"]
    assert known.deployment.ci_cd_platform == "argo"
    assert known.latest_patterns.commit_sha == "manual"
    assert known.last_receipt is None


def test_a_declared_dependency_leaves_the_fields_that_it_does_not_name():
    first = told(DependenciesDeclared, 1, dependencies={"dependency_update_strategy": "weekly"})
    row_ = {"target_repo": "acme/web", "relationship_type": "consumer", "dependency_strength": "weak"}
    known = page(first, told(DependenciesDeclared, 2, dependencies={"consumers": [row_]}))
    assert known.dependencies.dependency_update_strategy == "weekly"
    assert [one.target_repo for one in known.dependencies.consumers] == ["acme/web"]


def test_an_issue_is_what_its_last_update_says_and_its_metrics_are_merged():
    issue = {"service_type": "gke", "issue_type": "timeout", "severity": "high"}
    first = told(RuntimeIssueReported, 1, **issue, metrics={"p95": 3, "error_rate": 0.5})
    second = told(RuntimeIssueReported, 2, **issue, metrics={"p95": 2})
    fixed = told(RuntimeIssueUpdated, 3, issue_id=first.issue_id, status="fixed", resolved_at=NOON)
    known = page(first, second, fixed)
    assert [(one.issue_id, one.status) for one in known.runtime_issues] == [
        (first.issue_id, "fixed"),
        (second.issue_id, "open"),
    ]
    assert known.runtime_issues[0].resolution_time == "2026-03-01T12:00:00Z"
    assert known.production_metrics == {"p95": 2, "error_rate": 0.5, "last_updated": "2026-03-01T12:02:00Z"}


def test_a_removed_repository_is_hidden_until_it_is_pushed_to_or_registered_again():
    removed = change(RepositoryRemoved, 6)
    assert not page(PUSH).removed
    assert page(PUSH, removed).removed
    assert page(PUSH, removed).standing_patterns == page(PUSH).standing_patterns
    assert not page(PUSH, removed, record_of(pushed("A", "B", 7))).removed
    assert not page(PUSH, removed, change(RepositoryRegistered, 7)).removed


def test_an_agent_that_uses_an_old_name_does_not_bring_it_back():
    new = repository("acme/orders")
    renamed = change(RepositoryRenamed, 6, new, former_name="acme/api")
    known = page(PUSH, renamed, lesson(7, "still calls it acme/api"))
    assert (known.repository_name, known.former_names) == ("acme/orders", ("acme/api",))


def test_what_changed_about_a_repository_is_so_from_then_on():
    known = page(
        PUSH, change(RepositoryChanged, 6, visibility="internal", archived=True, default_branch="trunk")
    )
    assert (known.visibility, known.archived, known.default_branch) == ("internal", True, "trunk")


def test_imported_patterns_stand_unverified_until_the_whole_tree_was_read():
    adopted = change(RepositoryAdopted, 1, adopted=NAMED.id)
    before = page(imported(), adopted, PUSH)
    assert before.repository_id == "github.com/1"
    assert before.latest_patterns.patterns == ("Retry with backoff", "Saga")
    assert before.unverified_patterns == ("Saga",)
    after = page(imported(), adopted, PUSH, snapshot_record("A", reading("a.py", row(weight=0.8)), minute=6))
    assert after.latest_patterns.patterns == ("Retry with backoff",)
    assert after.unverified_patterns == ()


def test_a_failed_analysis_in_an_import_does_not_empty_what_stood_before():
    failed = entry(problem_domain="Error during analysis: no key")
    past = KnowledgeImported(**about(0, NAMED), part="history", content=entry("Saga"))
    known = page(past, imported(latest=failed))
    assert known.latest_patterns.patterns == ("Saga",)


def test_an_import_alone_is_exported_as_it_was_and_later_knowledge_is_laid_over_it():
    history = [
        KnowledgeImported(**about(minute, NAMED), part="history", position=position, content=entry(name))
        for minute, position, name in ((9, 0, "listed first"), (1, 1, "listed second"))
    ]
    latest = imported(10, created_at=None, unknown={"kept": 1})
    name, content = exported([*history, latest])
    assert name == "acme/api"
    assert content == {**latest.content, "history": [entry("listed first"), entry("listed second")]}
    told_too = LessonLearned(
        **about(11, NAMED), caller="a", skill="s", key="k", category="cost", lesson="l", context="c"
    )
    _, content = exported([*history, latest, told_too])
    assert content["unknown"] == {"kept": 1}
    assert content["created_at"] is None
    assert [one["lesson"] for one in content["deployment"]["lessons_learned"]] == ["l"]
    assert content["latest_patterns"]["patterns"] == ["Saga", "Retry with backoff"]


def test_every_push_is_an_entry_of_the_exported_history():
    more = record_of(pushed("A", "B", 6), reading("a.py", status="removed"))
    _, content = exported([PUSH, more])
    assert [one["patterns"] for one in content["history"]] == [["Retry with backoff"], []]
    assert content["latest_patterns"]["patterns"] == []
