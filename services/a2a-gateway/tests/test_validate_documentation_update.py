"""Whether documentation kept up is judged by what it says of the code that changed."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import component, known
from fakes.repository_files import HEAD, FakeFiles

from a2a_gateway.files.repository_files import Commit, Commits, NoFiles

NOW = datetime.now(UTC)
DOCS = {
    "README.md": "# API\n\nSee [the guide](docs/guide.md).\n",
    "docs/guide.md": "# Guide\n\nIt starts in `src/server.py`.\n\n`ServiceClient` asks others.\n",
    "docs/other.md": "# Other\n",
    "CHANGELOG.md": "src/server.py is new\n",
    "plugins/mail/README.md": "# Mail\n",
}
CODE = dict.fromkeys(
    ("src/server.py", "src/http.py", "src/new.py", "plugins/mail/send.py", "tests/test_server.py"), ""
)


def commit(number, *paths, message="Change it\n\nbecause"):
    at = NOW - timedelta(days=number)
    return Commit(f"{number:x}" * 40, at, message.partition("\n")[0], paths)


@pytest.fixture
def files():
    return FakeFiles({"acme/api": {**DOCS, **CODE}})


@pytest.fixture
def api(make_world, files):
    world = make_world(files=files)
    client = component("ServiceClient", ["one", "two"])
    world.put(known("acme/api", 1, components=[client]))
    return world


def validate(world, files, *commits, **given):
    files.commits_there = commits
    return world.execute("validate_documentation_update", repository="acme/api", **given).json()


def test_a_document_that_names_code_which_changed_and_stayed_as_it_was_is_told_with_its_line(api, files):
    told = validate(
        api, files, commit(1, "docs/other.md"), commit(2, "src/server.py", "tests/test_server.py")
    )
    assert told["validation"]["status"] == "non_compliant"
    assert told["warnings"] == [
        {
            "severity": "medium",
            "message": "src/server.py changed in 2222222; docs/guide.md:3 names it, and did not change",
            "recommendation": "Look whether docs/guide.md is still right about src/server.py.",
            "documentation": "docs/guide.md",
            "line": 3,
            "files": ["src/server.py"],
            "commits": ["2" * 40],
        }
    ]
    assert told["recommendations"] == ["Look whether docs/guide.md is still right about src/server.py."]
    assert (told["changes"]["code_files"], told["changes"]["doc_files"]) == (1, 1)
    (change,) = told["changes"]["code_changes"]
    assert (change["file"], change["commit"], change["message"]) == ("src/server.py", "2222222", "Change it")
    assert (told["head"], told["commits_read"], told["is_whole"]) == (HEAD, 2, True)
    assert told["timeframe"]["since_commit"] is None


def test_an_unrelated_document_does_not_make_it_right_but_the_one_that_is_meant_does(api, files):
    other = validate(api, files, commit(1, "src/server.py", "docs/other.md"))
    assert other["validation"]["status"] == "non_compliant"
    meant = validate(api, files, commit(1, "docs/guide.md"), commit(2, "src/server.py"))
    assert (meant["validation"]["status"], meant["warnings"]) == ("compliant", [])


def test_a_component_is_known_by_its_name(api, files):
    (warning,) = validate(api, files, commit(1, "src/http.py"))["warnings"]
    assert (warning["documentation"], warning["line"]) == ("docs/guide.md", 5)


def test_a_readme_beside_the_code_is_a_word_only(api, files):
    told = validate(api, files, commit(1, "plugins/mail/send.py"))
    assert told["validation"]["status"] == "compliant"
    assert [(one["severity"], one["documentation"]) for one in told["warnings"]] == [
        ("low", "plugins/mail/README.md")
    ]


def test_code_that_nothing_speaks_of_needs_no_words(api, files):
    assert validate(api, files, commit(1, "src/new.py"))["warnings"] == []


def test_core_code_is_not_changed_without_a_word(api, files):
    text = b"documentation: {core: ['**/new.py']}"
    api.commit({"devnexus.yaml": text}, message="say", expected_head=api.store.head())
    api.now += 10
    (warning,) = validate(api, files, commit(1, "src/new.py"))["warnings"]
    assert (warning["severity"], warning["documentation"]) == ("high", None)
    assert validate(api, files, commit(1, "src/new.py", "docs/other.md"))["warnings"] == []


def test_where_no_code_changed_there_is_nothing_to_judge(api, files):
    told = validate(
        api, files, commit(1, "docs/guide.md", "tests/test_server.py"), commit(9, "src/server.py")
    )
    assert (told["validation"]["status"], told["warnings"]) == ("no_changes", [])


def test_changes_are_judged_since_a_commit_as_well(api, files):
    there = (commit(1, "src/new.py"), commit(2, "src/server.py"), commit(3, "src/http.py"))
    told = validate(api, files, *there, since_commit="2222222")
    assert [one["file"] for one in told["changes"]["code_changes"]] == ["src/new.py"]
    assert told["timeframe"] == {"since_date": None, "since_commit": "2222222"}
    unknown = validate(api, files, *there, since_commit="eeee")
    assert unknown["error"] == "since_commit: eeee is no commit of acme/api, or of several"
    assert "since_commit" in validate(api, files, *there, since_commit="--all")["error"]


def test_it_says_so_when_there_were_more_commits_than_were_read(api, files):
    whole = files.commits
    files.commits = lambda *given, **how: Commits(whole(*given, **how).commits, False)
    assert validate(api, files, commit(1, "src/new.py"))["is_whole"] is False


def test_what_cannot_be_read_is_never_compliant(api, files):
    files.error = NoFiles("there is no clone of it: make one")
    told = validate(api, files)
    assert (told["success"], told["error"]) == (False, "there is no clone of it: make one")
