"""What one repository yields, and what is said where it cannot be read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes.git_history import make_repository

from devnexus.git import run_git
from devnexus_cli.main import main

RETRY = "import tenacity\n\n@tenacity.retry(wait=tenacity.wait_exponential())\ndef call():\n    pass\n"
HELPER = (
    "def add(a, b):\n"
    + '    """Adds."""\n'
    + "".join(f"    a += {n}\n" for n in range(10))
    + "    return a\n"
)


@pytest.fixture
def clone(tmp_path) -> Path:
    make_repository(
        tmp_path / "r",
        [{"a.py": RETRY}, {"src/b.py": f"# moved\n{RETRY}", "src/help.py": HELPER}, {"poetry.lock": "x\n"}],
    )
    return tmp_path / "r"


def run(*arguments):
    return CliRunner().invoke(main, ["extract", *map(str, arguments)])


def yielded(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_snapshot_tells_patterns_components_and_a_receipt(clone):
    found = yielded(clone)
    (retry,) = [pattern for pattern in found["patterns"] if pattern["id"] == "retry-backoff"]
    assert retry["strength"] == "strong"
    assert {(row["path"], row["start"]) for row in retry["evidence"]} >= {("a.py", 3), ("src/b.py", 4)}
    assert [(one["name"], one["path"], one["start"]) for one in found["components"]] == [
        ("add", "src/help.py", 1)
    ]
    assert found["receipt"]["not_read"][0]["paths"] == ["poetry.lock"]
    assert found == yielded(clone, "--snapshot")


def test_a_range_tells_only_what_it_brought(clone):
    found = yielded(clone, "--range", "HEAD~2..HEAD")
    (retry,) = [pattern for pattern in found["patterns"] if pattern["id"] == "retry-backoff"]
    assert {row["path"] for row in retry["evidence"]} == {"src/b.py"}
    assert all(row["introduced"] for row in retry["evidence"])
    assert [commit["message"] for commit in found["commits"]] == ["step 2", "step 1"]


def test_the_text_names_lines_and_what_was_not_read(clone):
    output = run(clone, "--range", "HEAD~2..HEAD").stdout
    assert "src/b.py:4 (new)" in output
    assert "1 × lock file (poetry.lock)" in output


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("HEAD", "write A..B"),
        ("HEAD~1...HEAD", "write A..B"),
        ("..HEAD", "write A..B"),
        ("nowhere..HEAD", "there is no commit nowhere"),
        ("--output=x..HEAD", "there is no commit --output=x"),
        ("HEAD..HEAD~1", "try HEAD~1..HEAD"),
    ],
)
def test_a_range_that_is_none_is_refused_with_the_remedy(clone, span, said):
    result = run(clone, f"--range={span}")
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_range_over_a_fork_names_where_the_two_part(clone):
    author = ("-c", "user.name=A", "-c", "user.email=a@b")
    side = (
        run_git(clone, *author, "commit-tree", "main^{tree}", "-p", "main~1", "-m", "side").decode().strip()
    )
    base = run_git(clone, "rev-parse", "main~1").decode().strip()
    assert f"try {base[:12]}..{side}" in run(clone, f"--range=main..{side}").stderr


def test_what_is_no_repository_is_said(tmp_path):
    result = run(tmp_path)
    assert (result.exit_code, "not a git repository" in result.stderr) == (1, True)


def test_a_range_and_a_snapshot_together_are_refused(clone):
    assert run(clone, "--snapshot", "--range", "HEAD~1..HEAD").exit_code == 2
