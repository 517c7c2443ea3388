"""One file and what the rules see in it."""

import time

import pytest

from extractor.evidence import lines_of, quote_of, verify
from extractor.matching import MOST_ROWS, read_file
from extractor.roles import role_of_content
from extractor.rule_set import load_rules
from extractor.source_file import SourceFile

RULES = load_rules()


def read(path, text, *, status="modified", added=(), own_names=()):
    file = SourceFile(path, status, text, added)
    role = role_of_content(path, text.encode("utf-8", "replace"))
    return read_file(file, role, rules=RULES, own_names=lambda: frozenset(own_names))


def seen(path, text, **kwargs):
    return {(row.rule, row.kind, row.start) for row in read(path, text, **kwargs).rows}


def test_a_row_names_the_lines_and_quotes_them():
    text = "import os\nfrom tenacity import (\n    retry,\n)\n"
    (row,) = read("a.py", text).rows
    assert (row.rule, row.kind, row.start, row.end, row.weight) == ("retry-backoff", "import", 2, 4, 0.55)
    assert row.quote == quote_of(lines_of(text), 2, 4)


def test_rows_stand_in_order_of_rule_kind_and_line():
    text = "import structlog\nlog = structlog.get_logger()\nimport tenacity\nimport structlog\n"
    rows = [(row.rule, row.kind, row.start) for row in read("a.py", text).rows]
    assert rows == sorted(rows)
    assert len(rows) == 4


def test_the_rows_depend_on_the_text_and_only_introduced_on_the_change():
    text = "import tenacity\n\nimport structlog\n"
    snapshot = read("a.py", text, status="added")
    change = read("a.py", text, added=(range(3, 4), range(9, 12)))
    assert [row.model_copy(update={"introduced": False}) for row in change.rows] == list(snapshot.rows)
    assert {row.rule: row.introduced for row in change.rows} == {
        "retry-backoff": False,
        "structured-logging": True,
    }


@pytest.mark.parametrize(
    ("added", "introduced"),
    [((range(1, 2),), False), ((range(1, 3),), True), ((range(4, 9),), True), ((range(5, 9),), False)],
)
def test_a_row_is_introduced_if_one_of_its_lines_was_added(added, introduced):
    (row,) = read("a.py", "#\nfrom tenacity import (\n    retry,\n)\n#\n", added=added).rows
    assert (row.start, row.end) == (2, 4)
    assert row.introduced is introduced


def test_comments_strings_of_documentation_and_overlong_lines_are_not_code():
    assert not seen("a.py", "# import tenacity\n'''\nimport tenacity\n'''\n")
    assert not seen("a.py", "import tenacity" + ", os" * 200 + "\n")


def test_a_carriage_return_hides_nothing_and_stays_in_the_quote():
    rows = read("compose.yml", "version: 3\r\nservices:\r\n").rows
    assert [(row.kind, row.start) for row in rows] == [("config", 2), ("path", 1)]
    assert rows[0].quote == quote_of(["services:\r"], 1, 1)


def test_evidence_in_tests_and_examples_weighs_less_and_in_prose_nothing():
    weights = {
        path: [row.weight for row in read(path, "import tenacity\n").rows]
        for path in ("shop/a.py", "tests/a.py", "examples/a.py", "docs/a.py")
    }
    assert weights == {"shop/a.py": [0.55], "tests/a.py": [0.138], "examples/a.py": [0.248], "docs/a.py": []}


def test_files_that_are_not_read_give_no_rows_even_if_their_text_is_there():
    assert not seen("vendor/a.py", "import tenacity\n")
    assert not seen("a.py", "# @generated\nimport tenacity\n")
    assert not seen("requirements.txt", "tenacity==9\n    # via shop\n")


def test_a_ci_file_proves_by_its_path_only():
    manifests = "kind: Deployment\nAWSTemplateFormatVersion: x\n"
    assert seen(".github/workflows/a.yml", manifests) == {("ci-cd", "path", 1)}


def test_an_empty_file_proves_nothing():
    assert not seen("Dockerfile", "")
    assert ("container", "path", 1) in seen("Dockerfile", "\n")


def test_the_repositorys_own_packages_prove_nothing_about_it():
    assert not seen("a.py", "import tenacity.wait\n", own_names=["tenacity"])
    assert not seen("a.py", "import rate_limit\nfrom pika import x\n", own_names=["pika"])
    assert not seen("requirements.txt", "tenacity\n", own_names=["tenacity"])
    assert not seen("a.ts", 'import "@nestjs/jwt/x";\n', own_names=["@nestjs/jwt"])
    own_module = 'package a\n\nimport "github.com/cenkalti/backoff/v4/x"\n'
    assert not seen("a.go", own_module, own_names=["github.com/cenkalti/backoff/v4"])
    assert not seen("a.cs", "using Serilog.Core;\n", own_names=["serilog"])
    assert not seen("A.java", "import io.jsonwebtoken.Jwts;\n", own_names=["io.jsonwebtoken:jjwt-api"])


def test_the_version_in_the_path_of_a_go_package_makes_no_difference():
    imported = 'package a\n\nimport "github.com/labstack/echo/v4/middleware"\n'
    assert "middleware" in {row.rule for row in read("a.go", imported).rows}


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("a.cs", "global using static RabbitMQ.Client.Events;\n"),
        ("a.rs", "pub use lapin::{Channel, Connection};\n"),
        ("a.rb", "require('jwt')\n"),
        ("a.php", "<?php\nuse function Firebase\\JWT\\decode;\n"),
    ],
)
def test_imports_are_seen_however_the_language_writes_them(path, statement):
    assert [row.kind for row in read(path, statement).rows] == ["import"]


def test_what_is_needed_only_for_development_weighs_less_and_indirect_modules_nothing():
    text = '{"dependencies": {"p-retry": "6"},\n"devDependencies": {"p-retry": "6"}}\n'
    assert [row.weight for row in read("package.json", text).rows] == [0.5, 0.125]
    module = "module a\nrequire github.com/cenkalti/backoff/v4 v4.3.0"
    assert seen("go.mod", f"{module}\n") == {("retry-backoff", "dependency", 2)}
    assert not seen("go.mod", f"{module} // indirect\n")


def test_a_malformed_manifest_is_still_read_as_a_file():
    reading = read("package.json", '{"dependencies": {\n')
    assert reading.manifest is None
    assert not reading.rows


def test_at_most_fifty_rows_are_kept_the_strongest_then_the_earliest():
    weak = "@app.route('/a')\n" * 30
    strong = "@app.get('/a')\n" * 40
    reading = read("a.py", weak + strong)
    rows = [row for row in reading.rows if row.rule == "rest-api"]
    assert [row.start for row in rows] == [*range(1, 11), *range(31, 71)]
    assert reading.cut == {"rest-api": 70 - MOST_ROWS}


def test_the_cut_leaves_the_best_row_of_every_kind():
    reading = read("a.py", "@app.get('/a')\n" * 60 + "import fastapi\n")
    assert {row.kind for row in reading.rows if row.rule == "rest-api"} == {"code", "import"}
    assert reading.cut == {"rest-api": 11}


def test_manifest_and_language_are_told():
    assert read("a.py", "x = 1\n").language == "Python"
    assert read("package.json", '{"name": "shop"}\n').manifest.name == "shop"


def test_every_row_passes_the_door():
    text = "import tenacity\r\nfrom celery import (\n    Celery,\n)\napp = Celery('\u2028')\n"
    rows = read("a.py", text).rows
    assert len(rows) == 3
    assert verify(rows, text) == (rows, 0)


@pytest.mark.parametrize("unit", ["a", '"', "/*", '\\"', "import redis;", "'''"])
@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.yaml"])
def test_five_megabytes_on_one_line_are_read_at_once(path, unit):
    text = "# a short line\n" * 600 + unit * (5_000_000 // len(unit)) + "\n"
    started = time.process_time()
    read(path, text)
    assert time.process_time() - started < 0.5
