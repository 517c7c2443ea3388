"""How a repository is tested, secured and deployed, who owns it, and what it says of itself."""

import time

import pytest
import yaml

from devnexus.errors import ConfigurationError
from extractor.code_owners import owner_rules
from extractor.facts import facts_of, parse_facts
from extractor.introduction import introduction
from extractor.manifests import manifest_of


def told(path, text="", *, is_product=True):
    return {
        (one.about, one.name, one.line)
        for one in facts_of(path, text, manifest_of(path, text), is_product=is_product)
    }


@pytest.mark.parametrize(
    ("path", "text", "fact"),
    [
        ("requirements-dev.txt", "black\npytest>=8\n", ("test-framework", "pytest", 2)),
        ("tests/test_a.py", "import os\nimport unittest\n", ("test-framework", "unittest", 2)),
        ("pkg/a_test.go", "package a\n\nfunc FuzzA(f *testing.F) {\n", ("test-kind", "fuzzing", 3)),
        ("tests/integration/test_a.py", "", ("test-kind", "integration", 1)),
        ("pom.xml", "<project>\n<dependencies>\n<dependency><groupId>io.jsonwebtoken</groupId>"
         "<artifactId>jjwt</artifactId></dependency></dependencies></project>", ("authentication", "JWT", 3)),
        (".github/workflows/scan.yml", "on: push\n  - uses: github/codeql-action/init@v3\n",
         ("security-measure", "CodeQL", 2)),
        ("requirements.txt", "pytest-playwright\nplaywright\n", ("test-framework", "Playwright", 1)),
        ("go.mod", "module a\nrequire github.com/golang-jwt/jwt/v5 v5.2.1\n", ("authentication", "JWT", 2)),
        ("SECURITY.md", "Write to us", ("security-measure", "security policy", 1)),
        (".gitlab-ci.yml", "a: b", ("ci-platform", "GitLab CI", 1)),
        ("deploy/api.yaml", "apiVersion: apps/v1\nkind: Deployment\n", ("infrastructure", "Kubernetes", 1)),
        ("Makefile", "build:\n\tx\ndeploy-all:\n", ("deployment-script", "deploy", 3)),
    ],
)  # fmt: skip
def test_a_sign_tells_a_fact_at_its_line(path, text, fact):
    assert fact in told(path, text)


def test_what_others_brought_along_or_only_tests_use_is_no_fact_of_the_product():
    go_mod = "module a\nrequire golang.org/x/oauth2 v0.1.0 // indirect\n"
    assert told("go.mod", go_mod) == set()
    assert told("tests/requirements.txt", "pyjwt\n", is_product=False) == set()
    assert told("tests/requirements.txt", "pytest\n", is_product=False) == {("test-framework", "pytest", 1)}


def test_a_fact_stands_at_the_first_line_that_tells_it_whatever_the_sign():
    text = "[project.optional-dependencies]\ndev = [\n  'pytest',\n]\n[dependency-groups]\nx = ['pytest']\n"
    assert told("pyproject.toml", text) == {("test-framework", "pytest", 3)}
    known = parse_facts(
        "test-framework: {pytest: {packages: ['pypi:pytest'], text: [{paths: ['*.txt'], regex: 'b'}]}}"
    )
    manifest = manifest_of("requirements.txt", "a\npytest\nb\n")
    (found,) = facts_of("requirements.txt", "a\npytest\nb\n", manifest, is_product=True, known=known)
    assert found.line == 2


def test_a_file_tells_at_most_fifty_facts_in_their_order():
    named = {f"Runner {number:03}": {"paths": ["Makefile"]} for number in range(60)}
    known = parse_facts(yaml.safe_dump({"test-framework": named}))
    found = facts_of("Makefile", "", None, is_product=True, known=known)
    assert [one.name for one in found] == [f"Runner {number:03}" for number in range(50)]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "test-framework: {pytest: {package: [pypi:pytest]}}",
        "mood: {good: {}}",
        "test-framework: {pytest: {text: [{paths: ['**/*.py'], regex: '('}]}}",
    ],
)
def test_a_wrong_table_of_facts_is_refused_when_it_is_loaded(text):
    with pytest.raises(ConfigurationError, match=r"facts\.yaml"):
        parse_facts(text)


def test_prose_and_mock_alone_are_no_test_framework():
    assert told("docs/a.md", "We use pytest and Terraform") == set()
    assert told("tests/test_a.py", "from unittest import mock\n") == set()


def test_owners_are_read_as_github_reads_them():
    text = "# who\n*  @acme/core\n/docs/ ada@acme.org @bob # prose\napps/ \nwith\\ space @x\n"
    text += "!a @x\n\\#a @x\n[ab] @x\nc not-an-owner\n"
    assert [(one.pattern, one.owners, one.line) for one in owner_rules(".github/CODEOWNERS", text)] == [
        ("*", ("@acme/core",), 2),
        ("/docs/", ("ada@acme.org", "@bob"), 3),
        ("apps/", (), 4),
        ("with space", ("@x",), 5),
    ]
    assert owner_rules("src/CODEOWNERS", text) == ()


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("README.md", "# Orders\n\n[![CI](a.svg)](b) ![x](y)\n\nTakes the *orders* of [the shop](http://x)\n"
         "and keeps them.\n\nMore.", "Takes the orders of the shop and keeps them."),
        ("readme.rst", "A\n=\n\n.. image:: x.svg\n   :alt: y\n\nTakes `orders <http://x>`_ of a shop.\n",
         "Takes orders of a shop."),
        ("README.md", "<h1 align=center>Orders</h1>\n<p>Takes the orders of a shop</p>\n",
         "Orders Takes the orders of a shop"),
        ("README.md", "```\nrun this in your shell now\n```\n* one item of a list\n", None),
        ("README.md", "    run this in your shell\n\nTakes the orders of a shop.",
         "Takes the orders of a shop."),
        ("docs/README.md", "Takes the orders of the shop.", None),
        ("README", "", None),
    ],
)  # fmt: skip
def test_a_readme_tells_its_first_prose(path, text, said):
    assert introduction(path, text) == said


def test_a_secret_that_marks_had_parted_is_not_told():
    said = introduction("README.md", "Say it with gh**p_abcdefghijklm**nopqrstuvwxyz0123456789 always.\n")
    assert said is not None
    assert said.startswith("Say it with ")
    assert "ghp_a" not in said


def test_a_long_introduction_ends_at_a_word():
    said = introduction("README.md", "word " * 1000)
    assert len(said) <= 500 and said.endswith("word…")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "<" * 100_000, "![" * 50_000, "`a <" * 50_000, "*_" * 50_000, "a " * 50_000]
)
def test_hostile_prose_takes_no_more_than_its_length(text):
    start = time.process_time()
    introduction("README.md", text)
    introduction("README.md", (text[:1999] + "\n") * 200)
    owner_rules("CODEOWNERS", (text + "\n") * 10)
    assert time.process_time() - start < 5  # quadratic time would take minutes
