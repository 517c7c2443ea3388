"""The first look at some repositories: what it remarks on, what it reads, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import known
from click.testing import CliRunner
from fakes.git_history import make_repository

from devnexus.git import run_git
from devnexus_cli.demo import play_demo
from devnexus_cli.first_look.outliers import outliers
from devnexus_cli.first_look.remark import Remark, worth_telling
from devnexus_cli.first_look.risks import anti_patterns
from devnexus_cli.first_look.traces import has_trace
from devnexus_cli.main import main

DEMO = Path(__file__).parents[2] / "demo"
AWS_KEY = "AKIA" + "QWERTYUIOPASDFGH"
MADE_UP = "qJ7" + "vR2xK9mT4wZ8pL"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "organisation"
    play_demo(DEMO, folder)
    return folder


def run(*arguments):
    return CliRunner().invoke(main, ["try", *map(str, arguments)])


def told(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def nowhere(_projection, _words):
    return False


def package(version):
    return json.dumps({"name": "web", "dependencies": {"left": "1.0.0", "react": version}}, indent=2)


def test_the_copy_and_the_outlier_of_the_demo_are_found_with_their_lines(demo):
    remarks = told(demo)["remarks"]
    (copy,) = [remark for remark in remarks if remark["kind"] == "copy"]
    assert (copy["here"]["path"], copy["here"]["start"]) == ("src/billing/http.py", 35)
    assert (copy["sister"]["path"], copy["sister"]["end"]) == ("src/orders/http.py", 81)
    assert "local/orders changed it on 3 May 2026, local/billing has not since" in copy["text"]
    (outlier,) = [remark for remark in remarks if remark["kind"] == "outlier"]
    assert outlier["text"].startswith("local/reports shows no Retry with backoff; 4 of the 5")
    assert outlier["sister"]["path"] == "src/billing/http.py"


def test_a_first_look_is_short_and_names_every_repository(demo):
    result = run(demo)
    assert len(result.stdout.splitlines()) <= 25
    for name in ("orders", "billing", "shipping", "catalog", "reports", "fieldkit"):
        assert f"local/{name}" in result.stdout
    assert "lock file" in result.stdout


def test_thirty_repositories_are_still_25_lines(tmp_path):
    for number in range(30):
        make_repository(tmp_path / f"r{number}", [{"a.py": "x = 1\n"}])
    lines = run(tmp_path).stdout.splitlines()
    assert len(lines) <= 25
    assert any(line.startswith("and ") and "more repositories" in line for line in lines)


def test_all_shows_every_pattern_with_its_lines(demo):
    output = run("--all", demo).stdout
    assert len(output.splitlines()) > 25
    assert "src/orders/http.py:68" in output


def test_nothing_is_written(demo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(demo.rglob("*"))
    assert run(demo).exit_code == 0
    assert sorted(demo.rglob("*")) == before
    assert list(tmp_path.iterdir()) == []


def test_a_secret_is_told_by_kind_and_line_and_never_by_value(tmp_path):
    make_repository(tmp_path / "r", [{"src/app.py": f'x = 1\nKEY = "{AWS_KEY}"\n'}])
    result = run("--all", tmp_path / "r")
    assert "aws-access-key (src/app.py:2)" in result.stdout
    assert AWS_KEY not in result.stdout
    (remark,) = told(tmp_path / "r")["remarks"]
    assert (remark["kind"], remark["here"]["start"]) == ("secret", 2)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("client.yml", f'# token: "{MADE_UP}"\n'),
        ("src/slow.go", f'slowAuthHash = "{MADE_UP}"\n'),
        ("tests/test_app.py", f'KEY = "{AWS_KEY}"\n'),
        ("src/app.py", f'# for tests only\nKEY = "{AWS_KEY}"\n'),
        ("compose.yaml", 'URL: "postgresql://postgres:hunter2secret@db/app"\n'),
    ],
)
def test_a_stand_in_for_a_secret_is_no_remark(tmp_path, path, text):
    make_repository(tmp_path / "r", [{path: text}])
    assert told(tmp_path / "r")["remarks"] == []


def test_a_shared_package_a_major_version_apart_is_told_with_both_lines(tmp_path):
    make_repository(tmp_path / "a", [{"package.json": package("^17.0.2")}])
    make_repository(tmp_path / "b", [{"package.json": package("^18.2.0")}])
    make_repository(tmp_path / "c", [{"package.json": package(">=16")}])
    (remark,) = told(tmp_path)["remarks"]
    assert remark["kind"] == "version"
    assert "react ^17.0.2 (package.json:5), local/b for ^18.2.0 (package.json:5)" in remark["text"]


def test_one_thing_done_in_two_ways_is_told_with_both_packages(tmp_path):
    for name, tool in (("a", "tenacity"), ("b", "backoff"), ("c", "tenacity")):
        manifest = f'[project]\nname = "{name}"\ndependencies = [\n  "{tool}>=2",\n]\n'
        code = f"import {tool}\n\n{'@tenacity.retry' if tool == 'tenacity' else '@backoff.on_exception'}(x)\n"
        make_repository(tmp_path / name, [{"pyproject.toml": manifest, "src/call.py": code}])
    (remark,) = told(tmp_path)["remarks"]
    assert remark["text"] == (
        "Retry with backoff in two ways: local/a with tenacity (pyproject.toml:4), "
        "local/b with backoff (pyproject.toml:4)"
    )


@pytest.mark.parametrize("wrapper", ["flask-bcrypt", "django-hashers", "starbcrypt"])
def test_a_package_that_may_wrap_another_for_a_framework_is_no_second_way(tmp_path, wrapper):
    for name, tool in (("a", "bcrypt"), ("b", wrapper)):
        manifest = f'[project]\nname = "{name}"\ndependencies = [\n  "{tool}>=1",\n]\n'
        code = "import bcrypt\n\nhashed = bcrypt.hashpw(word, bcrypt.gensalt())\n"
        make_repository(tmp_path / name, [{"pyproject.toml": manifest, "src/word.py": code}])
    seen = told(tmp_path)
    assert [one["patterns"][0]["id"] for one in seen["repositories"]] == ["password-hashing"] * 2
    assert seen["remarks"] == []


def test_another_major_version_of_a_go_module_is_no_second_way(tmp_path):
    for name, version in (("a", "v4"), ("b", "v5")):
        module = f"github.com/golang-jwt/jwt/{version}"
        manifest = f"module example.org/{name}\n\nrequire {module} {version}.1.0\n"
        code = f'package main\n\nimport "{module}"\n\nvar token = jwt.NewWithClaims(method, claims)\n'
        make_repository(tmp_path / name, [{"go.mod": manifest, "main.go": code}])
    seen = told(tmp_path)
    assert ["jwt-auth" in [one["id"] for one in each["patterns"]] for each in seen["repositories"]] == [
        True
    ] * 2
    assert [one for one in seen["remarks"] if one["kind"] == "ways"] == []


def test_a_library_lacks_nothing_that_only_services_need():
    shared = ["ci-cd", "kafka", "orm"]
    service = [known(f"acme/s{n}", n, patterns=[*shared, "rest-api", "retry-backoff"]) for n in range(1, 5)]
    library = known("acme/library", 9, patterns=shared)
    assert list(outliers([*service, library], {}, nowhere)) == []
    late = known("acme/late", 9, patterns=[*shared, "rest-api"])
    assert list(outliers([*service, late], {late.repository_id: {"retry-backoff"}}, nowhere)) == []
    assert list(outliers([*service, late], {}, lambda _, words: bool(re.search(words, "retries")))) == []
    (remark,) = outliers([*service, late], {}, nowhere)
    assert (remark.repository, remark.sister and remark.sister.path) == ("acme/late", "src/retry-backoff.py")


def test_a_practice_leaves_traces_only_in_files_of_the_product(tmp_path):
    files = {"README.md": "Retries: none", "look.css": ".retry {}", "src/a.py": "BackOff()"}
    (head,) = make_repository(tmp_path / "r", [files])
    traces = [has_trace(tmp_path / "r", head, words) for words in ("back.?off|polly", "retr(y|ies)", "(")]
    assert traces == [True, False, True], "what git cannot look for is not claimed to be missing"


def test_what_is_better_avoided_is_a_risk_with_its_line():
    page = known("acme/api", 1, patterns=["tls-verification-off", "rest-api"])
    (remark,) = anti_patterns(page, frozenset({"tls-verification-off"}))
    assert (remark.kind, remark.here and remark.here.path) == ("risk", "src/tls-verification-off.py")
    assert worth_telling([remark]) == [remark]


def test_what_a_migration_did_once_is_told_only_to_who_asks_for_everything():
    page = known("acme/api", 1, patterns=["sql-by-string"])
    pattern = page.standing_patterns["sql-by-string"]
    row = pattern.evidence[0].model_copy(update={"path": "db/migrations/0001_start.py"})
    moved = {"sql-by-string": pattern.model_copy(update={"evidence": (row,)})}
    page = page.model_copy(update={"standing_patterns": moved})
    (remark,) = anti_patterns(page, frozenset({"sql-by-string"}))
    assert worth_telling([remark]) == []


def test_of_one_kind_at_most_two_are_told_so_that_others_have_a_turn():
    def remark(kind, number):
        return Remark(kind=kind, worth=0.9, text=f"{number}", repository=f"acme/{number}")

    told = worth_telling([*(remark("risk", n) for n in range(5)), remark("copy", 9)])
    assert [one.kind for one in told] == ["risk", "risk", "copy"]


def test_a_path_given_twice_is_read_once_and_said(tmp_path):
    make_repository(tmp_path / "r", [{"a.py": ""}])
    seen = told(tmp_path / "r", tmp_path / "r")
    assert len(seen["repositories"]) == 1
    assert "given twice" in seen["left_out"][0]


def test_one_repository_that_can_be_read_is_enough(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # room for the reason behind a long path
    make_repository(tmp_path / "r", [{"a.py": ""}])
    result = run(tmp_path / "r", tmp_path / "none")
    assert result.exit_code == 0
    assert "no such folder" in result.stdout


@pytest.mark.parametrize("kind", ["missing", "empty folder", "no commit", "partial", "file"])
def test_what_cannot_be_read_is_named_with_the_reason(tmp_path, kind):
    path = tmp_path / "x"
    if kind == "file":
        path.write_text("x")
    elif kind == "partial":
        make_repository(path, [{"a.py": ""}])
        subprocess.run(["git", "-C", path, "config", "extensions.partialClone", "origin"], check=True)
    elif kind != "missing":
        path.mkdir()
    if kind == "no commit":
        subprocess.run(["git", "init", "--quiet", path], check=True)
    reason = {
        "empty folder": "neither a git repository nor a folder of clones",
        "no commit": "no commit yet",
        "file": "this is a file",
        "partial": "git fetch --refetch",
    }.get(kind, "no such folder")
    result = run(path)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_damaged_clone_is_left_out_and_the_others_are_read(tmp_path):
    make_repository(tmp_path / "good", [{"a.py": ""}])
    make_repository(tmp_path / "bad", [{"a.py": ""}])
    tree = run_git(tmp_path / "bad", "rev-parse", "main^{tree}").decode().strip()
    (tmp_path / "bad" / "objects" / tree[:2] / tree[2:]).unlink()
    seen = told(tmp_path)
    assert [one["name"] for one in seen["repositories"]] == ["local/good"]
    assert any("bad" in reason for reason in seen["left_out"])


def test_a_detached_head_is_what_is_read(tmp_path):
    make_repository(tmp_path / "up", [{"a.py": ""}, {"b.py": ""}])
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", tmp_path / "up", clone], check=True)
    subprocess.run(["git", "-C", clone, "checkout", "--quiet", "--detach", "HEAD~1"], check=True)
    (seen,) = told(clone)["repositories"]
    assert seen["receipt"]["files"] == 1


def test_a_huge_tree_is_read_in_part_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr("extractor.reading.MAX_FILES", 3)
    make_repository(tmp_path / "r", [{f"f{n}.py": "" for n in range(5)}])
    assert "2 × beyond the first" in run(tmp_path / "r").stdout


def test_names_from_a_repository_cannot_steer_the_terminal(tmp_path):
    manifest = json.dumps({"name": "x", "description": "x\u202ered"}, indent=2)
    make_repository(tmp_path / "r", [{"package.json": manifest}])
    output = run("--all", tmp_path / "r").stdout
    assert ("\u202e" in output, "x\\u202ered" in output) == (False, True)


def test_a_repository_that_asks_not_to_be_read_is_left_alone(tmp_path):
    make_repository(tmp_path / "r", [{".devnexus.yml": "analyse: false\n", "a.py": ""}])
    result = run(tmp_path / "r")
    assert (result.exit_code, "asks not to be read" in result.stderr) == (1, True)


def test_ctrl_c_ends_at_once_with_one_line(tmp_path):
    make_repository(tmp_path / "r", [{f"f{n}.py": "def f():\n    pass\n" * 2_000 for n in range(200)}])
    command = [sys.executable, "-c", "from devnexus_cli.main import main; main()", "try", str(tmp_path / "r")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not _has_child(process.pid) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err.strip()) == (130, "", "Stopped; nothing was written.")


def _has_child(pid):
    return (
        bool(Path(f"/proc/{pid}/task/{pid}/children").read_text()) if os.path.exists(f"/proc/{pid}") else True
    )
