"""What counts as a decision: in messages of commits, in changes of dependencies, in decision records."""

import pytest

from devnexus.events.patterns_extracted import Commit, DependencyChange, FileReading
from extractor.decision_records import decision_record
from extractor.decisions import decisions_of
from extractor.rule_set import load_rules

RULES = load_rules()
SHA = "a" * 40


def said(message, body="", author="Ada", files=()):
    commit = Commit(sha=SHA, author=author, message=message)
    return [(one.kind, one.title) for one in decisions_of([commit], {SHA: body}, files, RULES)]


@pytest.mark.parametrize(
    ("message", "kind", "title"),
    [
        ("Migrate from CircleCI to GitHub Actions", "switch", None),
        (
            "Drop support for end-of-life Python < 3.8, closes #12",
            "dropped-support",
            "Dropped support for end-of-life Python < 3.8",
        ),
        ("Drop support for Python 3.8 and add 3.14", "dropped-support", "Dropped support for Python 3.8"),
        ("feat(api)!: answers are paged", "breaking-change", "answers are paged"),
    ],
)
def test_a_message_that_decides_is_told_with_its_words(message, kind, title):
    assert said(message) == [(kind, title or message)]


@pytest.mark.parametrize(
    "message",
    [
        "build: replace commitlint with Biome (#12)",
        "Use uv instead of pip-tools for locking",
        "embedded server: moved from Jetty to Tomcat",
        "Use GitHub Actions instead of TravisCI",
    ],
)
def test_what_is_replaced_is_a_decision_only_where_something_of_that_name_comes_or_goes(message):
    packages = manifest(*(changed("added", f"pkg:npm/{name}") for name in ("@biomejs/biome", "tomcat")))
    settings = [
        FileReading(path=path, status="removed") for path in (".travis.yml", "requirements/pip-tools.in")
    ]
    assert said(message) == said(message, files=[manifest(changed("upgraded", "pkg:npm/biome"))]) == []
    assert said(message, files=[packages, *settings]) == [("switch", message)]


@pytest.mark.parametrize(
    "message",
    [
        "Move helpers from _utils.py to _models.py",
        "Replace foo() with bar()",
        "use cancel instead of discard",
        "Use time.monotonic instead of time.time",
        "replace the old one with a new one",
        "docs: replace Gitter with Discourse",
        "Switch README badges from PNG to SVG",
        "fix: migrate from NOW to UTC_TIMESTAMP",
        "Merge branch 'replace Flask with Django'",
        'Revert "Migrate from CircleCI to GitHub Actions"',
        "Fix the drop down",
        "wow!: not a type of commit",
    ],
)
def test_what_only_looks_like_a_decision_is_none(message):
    assert said(message) == []


def test_a_footer_tells_what_breaks_over_its_lines():
    body = "Some words.\n\nBREAKING CHANGE: The client now needs\na timeout.\n\nRefs: #1"
    assert said("feat: timeouts", body) == [("breaking-change", "The client now needs a timeout.")]


def test_programs_decide_nothing():
    assert said("Migrate from CircleCI to GitHub Actions", author="renovate[bot]") == []
    changes = (changed("upgraded", "pkg:pypi/tenacity", "8.0", "9.0"),)
    commit = Commit(sha=SHA, author="dependabot[bot]", message="Bump tenacity")
    assert decisions_of([commit], {}, [manifest(*changes)], RULES) == ()


def test_of_many_decisions_the_surest_twenty_are_told_each_once():
    switches = [Commit(sha=SHA, author="Ada", message=f"Migrate from A{n} to B{n}") for n in range(30)]
    breaks = Commit(sha=SHA, author="Ada", message="feat!: answers are paged")
    found = decisions_of([*switches, *switches, breaks], {}, (), RULES)
    assert (len(found), found[0].kind) == (20, "breaking-change")
    assert len({one.title for one in found}) == 20


def changed(change, purl, before="", after="", line=3):
    return DependencyChange(change=change, purl=purl, before=before, after=after, line=line)


def manifest(*changes, path="pyproject.toml"):
    return FileReading(path=path, status="modified", dependency_changes=changes)


def by_dependencies(*files):
    commit = Commit(sha=SHA, author="Ada", message="Tidy up")
    return [(one.kind, one.title, one.path, one.line) for one in decisions_of([commit], {}, files, RULES)]


def test_a_package_that_gives_way_to_another_for_the_same_pattern_is_a_swap():
    gone, come = changed("removed", "pkg:pypi/retrying"), changed("added", "pkg:pypi/tenacity", line=9)
    assert by_dependencies(manifest(gone, come)) == [
        ("swap", "Replaced retrying with tenacity", "pyproject.toml", 9)
    ]
    assert by_dependencies(manifest(gone), manifest(come, path="other/pyproject.toml")) != []


def test_what_moves_or_has_several_candidates_is_no_swap():
    gone, come = changed("removed", "pkg:pypi/retrying"), changed("added", "pkg:pypi/tenacity")
    another = changed("added", "pkg:pypi/stamina")
    moved = changed("added", "pkg:pypi/retrying")
    assert by_dependencies(manifest(gone, come, another)) == []
    assert by_dependencies(manifest(gone, come), manifest(moved, path="b/pyproject.toml")) == []


def test_only_a_new_major_version_of_a_package_that_means_something_is_told():
    assert by_dependencies(manifest(changed("upgraded", "pkg:pypi/tenacity", ">=8.2", ">=9"))) == [
        ("major-upgrade", "Upgraded tenacity from 8 to 9", "pyproject.toml", 3)
    ]
    example = manifest(changed("upgraded", "pkg:pypi/tenacity", "8", "9"), path="examples/pyproject.toml")
    assert by_dependencies(manifest(changed("upgraded", "pkg:pypi/tenacity", "8.2", "8.3")), example) == []
    assert by_dependencies(manifest(changed("upgraded", "pkg:pypi/left-pad", "1", "2"))) == []


def test_the_major_version_in_the_path_of_a_go_module_is_no_other_package():
    module = "pkg:golang/github.com/golang-jwt/jwt"
    gone = changed("removed", f"{module}/v4", before="v4.5.0", line=None)
    come = changed("added", f"{module}/v5", after="v5.0.1")
    assert by_dependencies(manifest(gone, come, path="go.mod")) == [
        ("major-upgrade", "Upgraded github.com/golang-jwt/jwt from 4 to 5", "go.mod", 3)
    ]
    other = changed("removed", "pkg:golang/github.com/lestrrat-go/jwx/v2", before="v2.0.0")
    assert by_dependencies(manifest(other, come, path="go.mod")) == [
        ("swap", "Replaced github.com/lestrrat-go/jwx with github.com/golang-jwt/jwt", "go.mod", 3)
    ]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "docs/adr/0007-use-postgres.md",
            "# 7. Use PostgreSQL\n\n## Status\n\nAccepted\n",
            ("Use PostgreSQL", "accepted", 1),
        ),
        (
            "doc/adr/0001-x.md",
            "---\nstatus: proposed\n---\n\n# ADR-1: Use events\n",
            ("Use events", "proposed", 5),
        ),
        (
            "docs/decisions/12-z.rst",
            "Use gRPC\n========\n\nStatus: Superseded\n",
            ("Use gRPC", "superseded", 1),
        ),
        ("docs/adr/0000-template.md", "# Title\n", None),
        ("docs/adr/README.md", "# Decisions\n", None),
        ("docs/guide/0001-start.md", "# Start\n", None),
        ("docs/adr/0002-empty.md", "", None),
    ],
)
def test_a_decision_record_tells_title_and_status(path, text, expected):
    found = [(one.title, one.status, one.line) for one in decision_record(path, text)]
    assert found == ([expected] if expected else [])
