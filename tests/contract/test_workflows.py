"""The steps of `.github/workflows/analyze.yml` as scripts, with the environment that GitHub gives a run."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from actions_run import check_out, push_event, run_environment
from fakes.git_history import make_repository
from fakes.github_gate import WRITING_TOKEN
from fakes.knowledge import make_store
from packaging.requirements import Requirement

from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import HISTORY

ROOT = Path(__file__).parents[2]
RETRY = "import tenacity\n\n@tenacity.retry(wait=tenacity.wait_exponential())\ndef call():\n    pass\n"
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
FAKE_PYTHON = f"""#!/bin/sh
[ "$1 $2 $3" = "-m pip install" ] && echo "$@" > "$RUNNER_TEMP/installed" || exec {sys.executable} "$@"
"""


def workflow(name):
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text())


ANALYZE = workflow("analyze.yml")
STEPS = ANALYZE["jobs"]["analyze"]["steps"]
CHECKOUT = next(step["with"] for step in STEPS if "actions/checkout" in step.get("uses", ""))
INTERFACE = ANALYZE[True]["workflow_call"]  # YAML takes `on` for true


class Runner:
    """A machine of GitHub: one workspace a run, with `python` and `devnexus` on its path."""

    def __init__(self, folder):
        self.api = {}
        self._folder = folder
        self._upstream = folder / "upstream.git"
        self.shas = make_repository(
            self._upstream, [{"a.txt": "1\n"}, {"client.py": RETRY}, {"a.txt": "2\n"}, {"b.py": RETRY}]
        )
        self._bin = folder / "bin"
        self._bin.mkdir()
        (self._bin / "python").write_text(FAKE_PYTHON)
        (self._bin / "python").chmod(0o755)
        (self._bin / "devnexus").symlink_to(Path(sys.executable).parent / "devnexus")

    def run(self, name, before, after, *, inputs=None, secrets=None):
        """The `run:` steps of the workflow; what they print, and the workspace. The last status is told."""
        workspace = self._folder / name
        variables = {**run_environment(workspace, push_event(before, after)), **self.api}
        check_out(self._upstream, workspace / CHECKOUT["path"], after, depth=CHECKOUT.get("fetch-depth", 1))
        (workspace / "dev-nexus").symlink_to(ROOT)
        printed, status = "", 0
        for step in STEPS:
            if "run" in step and status == 0:
                given = {
                    key: _evaluated(value, inputs or {}, secrets or {})
                    for key, value in step.get("env", {}).items()
                }
                done = self._script(step["run"], {**variables, **given}, workspace)
                printed, status = printed + done.stdout + done.stderr, done.returncode
        return status, printed, workspace

    def _script(self, text, variables, workspace):
        script = workspace / "step.sh"
        script.write_text(text)
        base = {"PATH": f"{self._bin}:{os.environ['PATH']}", "HOME": str(workspace)}
        return subprocess.run(
            ["bash", "-e", script],
            cwd=workspace,
            env={**base, **variables},
            capture_output=True,
            text=True,
            timeout=120,
        )


def _evaluated(text, inputs, secrets):
    """GitHub's expressions, as far as our environments use them."""

    def value(match):
        kind, name, comparison = re.fullmatch(r"(inputs|secrets|vars)\.([\w-]+)( != '')?", match[1]).groups()
        assert kind == "vars" or name in INTERFACE[kind], f"{name} is not declared"
        found = {"inputs": inputs, "secrets": secrets, "vars": {}}[kind].get(name, "")
        return found if comparison is None else str(found != "").lower()

    return EXPRESSION.sub(value, text)


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


@pytest.fixture
def store(tmp_path):
    store = make_store(tmp_path / "kb.git")
    yield store
    store.close()


def records(store):
    return stored_records(store, HISTORY, at=store.head())


def test_a_run_writes_the_push_with_all_its_commits_the_summary_and_the_artifact(runner, store, tmp_path):
    first, *_, last = runner.shas
    status, printed, workspace = runner.run(
        "run", first, last, inputs={"knowledge": str(tmp_path / "kb.git")}
    )
    assert status == 0, printed
    push = next(record for record in records(store) if record.subject == "push")
    assert (push.record_id, push.commit_count) == (
        f"github.com/42:refs/heads/main:{first}..{last}@2026-01-02T00:00:00Z",
        3,
    )
    assert "- introduced: Retry with backoff" in (workspace / "summary.md").read_text()
    upload = next(step for step in STEPS if "upload-artifact" in step.get("uses", ""))
    artifact = json.loads((workspace / upload["with"]["path"]).read_text())
    assert artifact["changes"]["commit_sha"] == last
    assert not list(workspace.rglob("injected"))


def test_two_runs_at_once_both_land(runner, store, tmp_path):
    pushes = list(zip(runner.shas, runner.shas[1:], strict=False))[:2]
    inputs = {"knowledge": str(tmp_path / "kb.git")}

    def run(push):
        return runner.run(push[1][:7], *push, inputs=inputs)

    with ThreadPoolExecutor() as pool:
        for status, printed, _ in pool.map(run, pushes):
            assert status == 0, printed
    landed = {(record.before, record.after) for record in records(store) if record.subject == "push"}
    assert landed == set(pushes)


def test_the_secrets_of_the_original_name_a_base_on_github_where_two_runs_at_once_land(runner, github):
    base = github.new_base()
    runner.api = {"GITHUB_API_URL": github.gate.url}
    secrets = {
        "KNOWLEDGE_BASE_REPO": base,
        "KNOWLEDGE_TOKEN": WRITING_TOKEN,
        "DISCORD_WEBHOOK_URL": "https://x",
    }
    pushes = list(zip(runner.shas, runner.shas[1:], strict=False))[:2]

    def run(push):
        return runner.run(push[1][:7], *push, secrets=secrets)

    with ThreadPoolExecutor() as pool:
        for status, printed, _ in pool.map(run, pushes):
            assert status == 0, printed
            assert "::notice::The secret DISCORD_WEBHOOK_URL has no effect yet" in printed
            assert "ORCHESTRATOR_URL" not in printed
    landed = {(one.before, one.after) for one in records(github.store(base)) if one.subject == "push"}
    assert landed == set(pushes)


def test_a_base_that_the_token_does_not_open_fails_the_run_with_the_remedy(runner, github):
    runner.api = {"GITHUB_API_URL": github.gate.url}
    secrets = {"KNOWLEDGE_BASE_REPO": github.new_base(), "KNOWLEDGE_TOKEN": "ghs_expired"}
    status, printed, _ = runner.run("run", *runner.shas[:2], secrets=secrets)
    assert status == 1
    assert "renew KNOWLEDGE_TOKEN" in printed and "ghs_expired" not in printed


def test_without_a_base_the_run_fails_and_says_what_is_missing(runner):
    status, printed, workspace = runner.run("run", *runner.shas[:2])
    assert status == 1
    assert "--knowledge (or KNOWLEDGE) is not set" in printed


def test_a_range_fetches_up_on_what_was_missed(runner, store, tmp_path):
    first, second, third, last = runner.shas
    inputs = {"knowledge": str(tmp_path / "kb.git"), "range": f"{first}..{third}"}
    status, printed, _ = runner.run("run", third, last, inputs=inputs)
    assert status == 0, printed
    assert {record.before for record in records(store) if record.subject == "push"} == {first}


def test_what_is_installed_is_what_the_project_offers(runner):
    _, printed, workspace = runner.run("run", *runner.shas[:2])
    command = shlex.split((workspace / "installed").read_text())
    constraints, wanted = command[command.index("-c") + 1], command[-1]
    assert (workspace / constraints).is_file()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert Requirement(wanted.replace("./dev-nexus", "dev-nexus")).extras <= extras.keys()


def test_the_caller_in_the_documentation_has_at_most_12_lines_and_names_what_there_is():
    page = (ROOT / "docs" / "github-actions.md").read_text()
    caller = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0]
    assert len(caller.splitlines()) <= 12
    (job,) = yaml.safe_load(caller)["jobs"].values()
    assert job["uses"].endswith("/dev-nexus/.github/workflows/analyze.yml@main")
    assert job["with"].keys() <= INTERFACE["inputs"].keys()
    assert job["secrets"].keys() <= INTERFACE["secrets"].keys()
    for name in [*INTERFACE["inputs"], *INTERFACE["secrets"]]:
        assert f"`{name}`" in page


@pytest.mark.parametrize("name", ["analyze.yml", "audit.yml", "ci.yml"])
def test_workflows_may_only_read_and_put_no_value_into_a_script(name):
    content = workflow(name)
    steps = [step for job in content["jobs"].values() for step in job["steps"]]
    assert content["permissions"] == {"contents": "read"}
    assert [step["run"] for step in steps if EXPRESSION.search(step.get("run", ""))] == []
    for step in steps:
        if "actions/checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
