"""What is answered about a repository's documentation, and when there is no answer, rather than a grade."""

import pytest
from builders import known
from fakes.gateway import Kept
from fakes.repository_files import HEAD, FakeFiles

from a2a_gateway.callers.caller import ANONYMOUS
from a2a_gateway.files.repository_files import NoFiles
from devnexus.errors import Unavailable

README = (
    "# API\n\n"
    + "It answers questions. " * 20
    + "\n\n## Install\n\n```\nls\n```\n\n## Usage\n\n[how](docs/how.md)\n"
)


@pytest.fixture
def files():
    docs = {"docs/guide.md": "# Guide\n[a](b.md)\n", "LICENSE": "?"}
    return FakeFiles({"acme/api": {"README.md": README, **docs}})


@pytest.fixture
def results():
    return Kept()


@pytest.fixture
def api(make_world, files, results):
    world = make_world(files=files, results=results)
    world.put(known("acme/api", 1))
    return world


def check(world, **given):
    return world.execute("check_documentation_standards", repository="acme/api", **given)


def test_each_violation_names_rule_file_line_fact_and_remedy_in_the_words_of_old(api):
    told = check(api).json()
    assert (told["repository"], told["head"], told["standard"]) == ("acme/api", HEAD, "general")
    assert (told["status"], told["status_emoji"], told["compliance_score"]) == (
        "mostly_compliant",
        "🟢",
        0.85,
    )
    assert told["summary"] == {
        "total_files_checked": 2,
        "total_violations": 3,
        "critical_violations": 0,
        "high_violations": 0,
        "medium_violations": 1,
        "low_violations": 2,
    }
    readme = next(one for one in told["file_results"] if one["file"] == "README.md")
    assert (readme["priority"], readme["violation_count"], readme["checks_performed"]) == ("critical", 2, 7)
    assert readme["violations"][0] == {
        "rule": "links",
        "type": "broken_link",
        "severity": "medium",
        "file": "README.md",
        "line": 13,
        "message": "It links to docs/how.md, and there is no docs/how.md",
        "fact": "It links to docs/how.md, and there is no docs/how.md",
        "recommendation": "Correct the link, or add what it leads to.",
        "remedy": "Correct the link, or add what it leads to.",
        "section": None,
        "referenced_path": None,
        "link_url": "docs/how.md",
        "resolved_path": "docs/how.md",
        "count": None,
    }
    assert told["critical_violations"] == []
    assert told["recommendations"][0] == "README.md: Correct the link, or add what it leads to."
    assert (told["is_whole"], told["left_out"], told["unknown_rules"]) == (True, [], [])


def test_all_documents_are_looked_at_on_request_or_only_those_that_are_named(api):
    every = check(api, check_all_docs=True).json()
    assert {one["file"] for one in every["file_results"]} >= {"README.md", "docs/guide.md"}
    only = check(api, file_paths=["docs/guide.md"]).json()
    assert [one["file"] for one in only["file_results"]] == ["docs/guide.md"]
    assert only["file_results"][0]["violations"][0]["line"] == 2
    unknown = check(api, file_paths=["docs/none.md"])
    assert unknown.status_code == 404
    assert unknown.json()["error"] == f"file_paths: there is no file docs/none.md at {HEAD}"


def test_the_same_is_not_read_again_until_something_it_depends_on_changes(api, files):
    first = check(api).json()
    files.read_paths.clear()
    again = check(api).json()
    assert files.read_paths == []
    assert {**again, "timestamp": 0, "execution_time_ms": 0} == {
        **first,
        "timestamp": 0,
        "execution_time_ms": 0,
    }
    files.heads["acme/api"] = "d" * 40
    assert check(api).json()["head"] == "d" * 40
    assert files.read_paths
    files.read_paths.clear()
    say(api, "documentation: {rules: [{id: links, off: yes}]}")
    assert check(api).json()["summary"]["medium_violations"] == 0
    assert files.read_paths


def test_an_organisation_chooses_and_edits_the_rules_and_a_mistake_keeps_the_last_good_ones(api):
    say(api, "documentation: {standard: seed, rules: [{id: claude, off: yes}]}")
    seed = check(api).json()
    assert (seed["standard"], seed["status"]) == ("seed", "non_compliant")
    assert [one["rule"] for one in seed["critical_violations"]] == ["quick-start", "license-is-gpl"]
    say(api, "documentation: {standard: sead}")
    assert check(api).json()["standard"] == "seed"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (NoFiles("there is no clone of it: make one"), 424, "there is no clone of it: make one"),
        (Unavailable("git failed in /srv/x"), 503, "The files of acme/api cannot be read at the moment."),
    ],
)
def test_what_was_not_read_is_never_graded(api, files, error, status, said):
    files.error = error
    answer = check(api)
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert answer.json()["error"].startswith(said)
    assert "status" not in answer.json()


def test_when_github_asks_to_wait_the_caller_is_told_for_how_long(api, files):
    files.error = Unavailable("x", retry_after_seconds=59.6)
    assert check(api).headers["Retry-After"] == "60"


def test_nothing_is_graded_where_no_rule_has_anything_to_look_at(api, files):
    rules = ("readme", "licence", "contributing")
    say(api, f"documentation: {{rules: [{', '.join(f'{{id: {id_}, off: yes}}' for id_ in rules)}]}}")
    files.there["acme/api"] = {"main.py": ""}
    assert check(api).status_code == 424


def test_an_unknown_repository_is_not_found(api, files):
    assert api.execute("check_documentation_standards", repository="acme/none").status_code == 404
    assert files.read_paths == []


@pytest.mark.parametrize("skill", ["check_documentation_standards", "validate_documentation_update"])
def test_only_repositories_that_the_caller_may_see_are_read(make_world, files, skill):
    world = make_world(files=files, caller=ANONYMOUS)
    world.put(known("acme/api", 1).model_copy(update={"visibility": "private"}))
    assert world.execute(skill, repository="acme/api").status_code == 404
    assert files.read_paths == []


def test_names_in_a_repository_are_told_so_that_they_can_be_printed(api, files):
    files.there["acme/api"] = {
        "README.md": README,
        "docs/\x1b[31m\udcff.md": "[x](\u202ey.md)",
        "LICENSE": "x",
    }
    told = check(api, check_all_docs=True)
    assert told.status_code == 200
    assert (
        "\\u001b[31m\\udcff" in {one["file"] for one in told.json()["file_results"]}.pop()
        or "\x1b" not in told.text
    )


def say(world, text):
    """Let the organisation say this in devnexus.yaml from now on."""
    world.commit({"devnexus.yaml": text.encode()}, message="say", expected_head=world.store.head())
    world.now += 10
