"""What the fold makes of decisions, facts, owners, published packages and introductions."""

from datetime import timedelta

import pytest
from builders import (
    NOON,
    RETRY,
    component,
    decided,
    pushed,
    reading,
    record_of,
    repository,
    row,
    saying,
    sha,
    snapshot_record,
)

from devnexus.events import DeploymentDescribed, KnowledgeImported, RepositoryRegistered
from devnexus.events.patterns_extracted import FileReading, OwnerRule
from devnexus.knowledge.exported import exported
from devnexus.knowledge.fold import fold
from devnexus.knowledge.owners import owners_of
from devnexus.knowledge.projection import PathOwners

IMPORT = KnowledgeImported(
    cause="import",
    repository=repository(),
    at=NOON - timedelta(days=9),
    part="latest",
    content={
        "latest_patterns": {
            "patterns": ["Saga"],
            "decisions": ["Use Kafka"],
            "reusable_components": [{"name": "Old", "description": "d", "language": "Go", "files": ["o.go"]}],
            "problem_domain": "orders",
            "analyzed_at": "2025-01-01T00:00:00",
            "commit_sha": "abc",
        },
        "last_updated": "2025-01-01T00:00:00",
        "testing": {"test_frameworks": ["jest"], "coverage_percentage": 81.5},
        "deployment": {"ci_cd_platform": "Jenkins", "infrastructure": {"vm": "vm.sh"}},
    },
)


def page(*records):
    return fold(records).project()


def push(before, after, minute, *files, decisions=()):
    record = record_of(pushed(before, after, minute), *files)
    return record.model_copy(update={"decisions": tuple(decisions)})


def adr(title, status="proposed", path="docs/adr/1.md"):
    return FileReading(path=path, status="modified", decisions=(decided(title, status=status, line=3),))


def test_a_decision_record_is_what_its_file_says_now_and_goes_with_it():
    first, same = push("0", "A", 0, adr("Use Redis")), push("A", "B", 1, adr("Use Redis"))
    accepted, gone = (
        push("B", "C", 2, adr("Use Redis", "accepted")),
        push("C", "D", 3, reading("docs/adr/1.md")),
    )
    (one,) = page(first, same).standing_decisions
    assert (one.title, one.path, one.line, one.commit, one.at) == (
        "Use Redis",
        "docs/adr/1.md",
        3,
        sha("B"),
        first.at,
    )
    (one,) = page(first, same, accepted).standing_decisions
    assert (one.status, one.at) == ("accepted", accepted.at)
    assert page(first, same, accepted, gone).standing_decisions == ()
    assert page(first, snapshot_record("A", minute=1)).standing_decisions == ()


def test_what_pushes_decided_is_kept_newest_first_and_at_most_200():
    told = [push(f"c{n}", f"c{n + 1}", n, decisions=[decided(f"d{n}", line=None)]) for n in range(205)]
    known = page(*told, snapshot_record("c205", minute=205))
    assert [one.title for one in known.standing_decisions] == [f"d{n}" for n in range(204, 4, -1)]
    assert known.latest_patterns.decisions == tuple(f"d{n}" for n in range(204, 154, -1))


def test_the_decisions_of_an_import_stand_beside_those_that_were_read():
    known = page(
        IMPORT, push("0", "A", 1, adr("Use Redis")), snapshot_record("A", adr("Use Redis"), minute=2)
    )
    assert known.latest_patterns.decisions == ("Use Redis", "Use Kafka")


def test_facts_fill_the_sections_of_v2_and_go_with_their_file():
    first = push("0", "A", 0, saying("Dockerfile", "k"), saying("b/Dockerfile", "l"))
    known = page(first)
    assert known.testing.test_frameworks == ("framework k", "framework l")
    assert known.deployment.infrastructure == {"k": "Dockerfile", "l": "b/Dockerfile"}
    (script, _) = known.deployment.scripts
    assert (script.name, script.script_path, script.platform) == ("deploy k", "Dockerfile", "k")
    later = page(first, push("A", "B", 1, reading("Dockerfile", status="removed")))
    assert later.testing.test_frameworks == ("framework l",)
    assert page(first, snapshot_record("A", minute=1)).deployment.infrastructure == {}


def test_what_an_import_says_of_the_code_stays_until_the_tree_was_read_whole():
    first, whole = push("0", "A", 0, saying("Dockerfile", "k")), snapshot_record("A", minute=1)
    before, after = page(IMPORT, first), page(IMPORT, first, whole)
    assert before.testing.test_frameworks == ("framework k", "jest")
    assert (before.deployment.ci_cd_platform, before.deployment.infrastructure) == (
        "Jenkins",
        {"k": "Dockerfile", "vm": "vm.sh"},
    )
    assert (after.testing.test_frameworks, after.testing.coverage_percentage) == ((), 81.5)
    assert (after.deployment.ci_cd_platform, after.deployment.infrastructure) == (None, {})


def test_what_an_agent_describes_stays_beside_what_was_read():
    described = DeploymentDescribed(
        cause="agent",
        repository=repository(),
        at=NOON,
        caller="ops",
        skill="s",
        key="1",
        deployment={"ci_cd_platform": "argo", "infrastructure": {"k": "by hand"}},
    )
    whole = snapshot_record("A", saying("Dockerfile", "k"), saying("x/Dockerfile", "l"), minute=1)
    deployment = page(described, whole).deployment
    assert deployment.ci_cd_platform == "argo"
    assert deployment.infrastructure == {"k": "by hand", "l": "x/Dockerfile"}
    assert exported([described, whole])[1]["deployment"]["scripts"][0]["script_path"] == "Dockerfile"


def test_a_script_that_an_agent_describes_is_told_once():
    by_hand = {"name": "by hand", "description": "d", "script_path": "Dockerfile", "platform": "k"}
    described = DeploymentDescribed(
        cause="agent", repository=repository(), at=NOON, caller="ops", skill="s", key="1",
        deployment={"scripts": [by_hand]},
    )  # fmt: skip
    scripts = page(described, snapshot_record("A", saying("Dockerfile", "k"), minute=1)).deployment.scripts
    assert [(one.name, one.script_path) for one in scripts] == [("by hand", "Dockerfile")]


def test_documented_components_are_what_others_could_use():
    ours = component("Client", ["a", "b"]).model_copy(update={"description": "Talks to orders."})
    bare = component("Bare", ["a", "b", "c"])
    file = reading("a.py").model_copy(update={"components": (ours, bare)})
    found = page(IMPORT, push("0", "A", 1, file)).latest_patterns.reusable_components
    assert [(one.name, one.files, one.language) for one in found] == [
        ("Client", ("a.py",), "Python"),
        ("Old", ("o.go",), "Go"),
    ]


def owning(path, owner):
    return reading(path).model_copy(update={"owners": (OwnerRule(pattern="*", owners=(owner,), line=1),)})


def test_of_several_files_of_owners_the_one_that_github_reads_counts():
    known = page(push("0", "A", 0, owning("CODEOWNERS", "@root"), owning(".github/CODEOWNERS", "@hidden")))
    assert [rule.owners for rule in known.owners] == [("@hidden",)]


def test_of_very_many_lines_of_owners_the_last_are_kept_since_they_win():
    rules = tuple(OwnerRule(pattern=f"f{n}", owners=("@a",), line=n) for n in range(1, 502))
    file = reading("CODEOWNERS").model_copy(update={"owners": rules})
    owners = page(push("0", "A", 0, file)).owners
    assert (len(owners), owners[0].line, owners[-1].line) == (500, 2, 501)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("README.md", "@all"),
        ("src/a.go", "@go"),
        ("docs/a.md", "@docs"),
        ("docs/deep/a.md", "@all"),
        ("build/logs/x", "@ops"),
        ("apps/build/logs/x", "@all"),
        ("x/apps/y/z", "@apps"),
        ("vendor/a/b.c", None),
    ],
)
def test_the_last_line_that_matches_a_path_names_its_owner(path, owner):
    lines = {"*": "@all", "*.go": "@go", "docs/*": "@docs", "/build/logs": "@ops", "apps/*.no": "@x"}
    rules = [PathOwners(pattern=pattern, owners=(who,), line=1) for pattern, who in lines.items()]
    rules += [PathOwners(pattern="y/", owners=("@apps",), line=6), PathOwners(pattern="/vendor/", line=7)]
    assert owners_of(path, rules) == ((owner,) if owner else ())


def test_the_readme_introduces_what_no_manifest_describes():
    assert page(push("0", "A", 0, saying("README.md", "k"))).description == "Introduction k"


def test_a_published_package_is_what_a_manifest_calls_itself():
    (package,) = page(push("0", "A", 0, saying("package.json", "k"))).published_packages
    assert (package.ecosystem, package.name, package.path, package.line) == ("npm", "k", "package.json", 2)


def brought(*records):
    one = page(*records).recent[0]
    return one.introduced, one.touched, one.gone


def test_each_record_says_what_it_changed_in_the_patterns_that_stand():
    id_, seen = RETRY.id, row(weight=0.8)
    first = push("0", "A", 0, reading("a.py", seen))
    assert brought(first) == ((id_,), (), ())
    moved = push("A", "B", 1, reading("a.py", seen.model_copy(update={"start": 9, "end": 9})))
    assert brought(first, moved) == ((), (), ())
    elsewhere = push("A", "B", 1, reading("b.py", seen))
    assert brought(first, elsewhere) == ((), (id_,), ())
    added = push("A", "B", 1, reading("a.py", seen.model_copy(update={"introduced": True})))
    assert brought(first, added) == ((), (id_,), ())
    unsure = push("0", "A", 0, reading("a.py", row(weight=0.3)))
    assert brought(unsure) == ((), (), ())
    assert brought(unsure, elsewhere) == ((), (id_,), ())
    less = push("B", "C", 2, reading("a.py"))
    assert brought(first, elsewhere, less) == ((), (id_,), ())
    assert brought(first, push("A", "C", 2, reading("a.py", row(weight=0.1)))) == ((), (), (id_,))
    assert brought(first, snapshot_record("A", minute=1)) == ((), (), (id_,))


def test_a_person_names_the_problem_domain_and_what_says_nothing_has_none():
    first = push("0", "A", 1, reading("a.py"))
    assert page(first).latest_patterns.problem_domain == "unknown"
    assert page(IMPORT, first).latest_patterns.problem_domain == "orders"
    named = RepositoryRegistered(
        cause="live", repository=repository(), at=NOON, asked_by="ada", problem_domain="parcels"
    )
    assert page(IMPORT, named, first).latest_patterns.problem_domain == "parcels"
