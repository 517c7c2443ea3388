"""`devnexus analyze` with a key: Claude reads the push too, and a run never fails because of it."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from actions_run import check_out, push_event, run_environment
from builders import pushed_commits
from click.testing import CliRunner
from fakes.anthropic_refusals import KEY
from fakes.anthropic_replies import OVERLOADED
from fakes.anthropic_server import FakeClaude
from fakes.claude_world import MODELS, READER
from fakes.git_history import make_repository
from fakes.knowledge import make_store

from devnexus.errors import Unavailable
from devnexus.knowledge.projection import read_projection
from devnexus_cli.analyze.claude import UnlessUnavailable
from devnexus_cli.main import main
from extractor.claude.matter import Matter
from extractor.policy import Policy

BREAKER = 'class CircuitBreaker:\n    def call(self):\n        raise RuntimeError("open")\n'
OLD = f"{BREAKER}\n    limit = 3\n"
SWITCH = "flags = load_flags()  # <b>@all [x](y)\n"
COMMITS = [{"README.md": "x\n", "first.py": OLD}, {"src/breaker.py": BREAKER, "src/flags.py": SWITCH}]
LETS = b"claude: {repositories: [acme/*]}\n"
QUOTE = "class CircuitBreaker:"


def says(asked):
    """That every file with a breaker shows one, and that flags are something nobody knows."""
    files = [
        {
            "file": int(number),
            "patterns": [
                {"name": "Circuit breaker", "quote": QUOTE, "why": "x"},
                {"name": "Load flags", "quote": "flags = load_flags()", "why": "x"},
                {"name": "Retry with backoff", "quote": "no such line", "why": "x"},
            ],
            "decisions": [],
            "components": [],
        }
        for number in re.findall(r'^File (\d+): "', asked.material, re.MULTILINE)
    ]
    return {"files": files}


class World:
    """A repository, a knowledge base, and runs of Actions, whose environment has a key or not."""

    def __init__(self, folder):
        self.folder = folder
        self.upstream = folder / "upstream" / "acme" / "api.git"
        self.shas = make_repository(self.upstream, COMMITS)
        self.store = make_store(folder / "kb.git")
        self.lets_claude_read(LETS)

    def lets_claude_read(self, text):
        self.store.commit({"devnexus.yaml": text}, message="people", expected_head=self.store.head())

    def run(self, claude=None, *more, name="run", **variables):
        run = self.folder / name
        environment = run_environment(run, push_event(*self.shas))
        if claude:
            environment |= {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": claude.url}
        check_out(self.upstream, run / "repository", self.shas[-1])
        command = [
            "analyze",
            "--repo",
            str(run / "repository"),
            "--output",
            str(run / "analysis.json"),
            *more,
        ]
        return CliRunner().invoke(main, command, env=environment | variables)

    def kept(self, claude=None, **how):
        result = self.run(claude, "--knowledge", str(self.folder / "kb.git"), **how)
        assert result.exit_code == 0, result.output
        return result.output

    def analysis(self, name="run"):
        return json.loads((self.folder / name / "analysis.json").read_text())

    def standing(self):
        (page,) = self.store.read(["repositories/"], at=self.store.head()).values()
        return read_projection(page).standing_patterns


@pytest.fixture
def world(tmp_path, monkeypatch):
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "DATABASE_URL", "KNOWLEDGE", "CLAUDE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("devnexus_cli.analyze.claude.installed_minilm", lambda: None)
    world = World(tmp_path)
    yield world
    world.store.close()


def test_what_claude_says_stands_in_the_base_and_in_the_summary_with_its_cost(world):
    with FakeClaude(says) as claude:
        said = world.kept(claude)
    assert [(one.model, one.custom_id) for one in claude.asked] == [
        ("claude-sonnet-5-5", None),
        ("claude-haiku-5-5", None),
    ]
    pattern = world.standing()["circuit-breaker"]
    assert (pattern.source, pattern.confidence) == ("claude", 0.6)
    assert re.search(r"Circuit breaker \(\w+ 0\.60, \S+\.py:1, as Claude says\)", said), said
    told = world.analysis()
    own, tree = told["receipt"]["claude"], told["tree_receipt"]["claude"]
    assert (own["outcome"], own["files"], own["calls"], tree["outcome"], tree["calls"]) == (
        "read",
        2,
        1,
        "read",
        1,
    )
    assert own["cost_usd"] > 0
    assert f"the push: 2 files read by claude-sonnet-5-5, 1 call, {own['cost_usd']:.4f} USD" in said
    assert f"the whole tree: 1 file read by claude-haiku-5-5, {tree['known']} known before" in said
    assert f"6 claims, of which {own['unverified']} quoted what is not there" in said


def test_what_the_code_does_not_prove_is_shown_as_a_suggestion_and_as_text(world):
    with FakeClaude(says) as claude:
        said = world.kept(claude)
    (suggestion,) = world.analysis()["suggestions"]
    assert (suggestion["name"], suggestion["path"], suggestion["line"]) == ("Load flags", "src/flags.py", 1)
    assert "### What Claude suggests, and no code proves" in said
    assert r"- pattern Load flags (src/flags.py:1: flags \= load_flags\(\)  \# \<b\>\@all \[x\]\(y\))" in said
    assert "load-flags" not in world.standing()


def test_names_that_no_words_tell_are_compared_by_meaning_where_the_model_is_there(world, monkeypatch):
    class Embeds:
        texts: list[str] = []

        def embed(self, text):
            self.texts.append(text)
            return np.zeros(2, np.float32)

    monkeypatch.setattr("devnexus_cli.analyze.claude.installed_minilm", Embeds)
    with FakeClaude(says) as claude:
        world.kept(claude)
    assert "Load flags" in Embeds.texts


def test_an_overloaded_claude_leaves_the_rules_alone_and_the_run_says_so(world):
    with FakeClaude(lambda _: OVERLOADED) as claude:
        said = world.kept(claude)
    assert "the push: read by rules alone: Claude" in said and "0 calls, 0.0000 USD" in said
    assert world.analysis()["receipt"]["claude"]["outcome"] == "not-read"
    assert "circuit-breaker" not in world.standing()


def test_a_run_after_a_failure_brings_what_the_first_could_not(world):
    with FakeClaude(says) as claude:
        claude.next = [OVERLOADED]
        world.kept(claude, name="one")
        assert "as Claude says" in world.kept(claude, name="two")
    assert world.standing()["circuit-breaker"].source == "claude"


@pytest.mark.parametrize(
    ("variables", "because"),
    [
        ({"DATABASE_URL": "mysql://root:hunter2hunter2@db"}, "not supported"),
        ({"ANTHROPIC_BASE_URL": "http://example.org"}, "https"),
        ({"ANTHROPIC_API_KEY": "", "ANTHROPIC_API_KEY_FILE": "/nowhere/key"}, "cannot be read"),
    ],
)
def test_a_claude_that_cannot_be_asked_fails_no_run(world, variables, because):
    with FakeClaude(says) as claude:
        said = world.kept(claude, **variables)
    assert claude.asked == []
    assert "read by rules alone: it could not be asked" in said.replace("\\", "") and because in said
    assert "hunter2" not in said + json.dumps(world.analysis())


def test_a_repository_that_people_keep_from_claude_is_not_sent(world):
    world.lets_claude_read(b"claude: {repositories: []}\n")
    with FakeClaude(says) as claude:
        said = world.kept(claude)
    assert claude.asked == []
    assert "it is private, and is not among the repositories" in said


def proposed(world):
    sides = {"base": {"sha": world.shas[0]}, "head": {"sha": world.shas[1]}}
    event = push_event(*world.shas) | {"pull_request": sides}
    event["repository"]["private"] = False
    return run_environment(world.folder / "pr", event, kind="pull_request")


def test_without_a_base_that_allows_it_nothing_is_sent(world):
    with FakeClaude(says) as claude:
        result = world.run(claude, **proposed(world))
    assert (result.exit_code, claude.asked) == (0, []), result.output
    assert "no knowledge base was given that says whether it may" in result.output


def test_what_is_handed_on_is_asked_about_where_it_goes(world):
    base = ("--knowledge", str(world.folder / "kb.git"))
    with FakeClaude(says) as claude:
        result = world.run(claude, "--publish", *base, **proposed(world))
    assert (result.exit_code, claude.asked) == (0, []), result.output
    assert "Claude" not in result.output


class Away:
    """An opinion whose store has gone away."""

    def read(self, matter, policy):
        raise Unavailable("the operational store did not answer")


def test_a_store_that_goes_away_meanwhile_leaves_the_rules_alone():
    matter = Matter(
        event=pushed_commits("a" * 40, "b" * 40), reading=READER.nothing(), files=[], contents=list
    )
    both = UnlessUnavailable(Away(), MODELS).read(matter, Policy(None, no_claude_because=None))
    told = both.reading.receipt.claude
    assert (told.outcome, told.model) == ("not-read", MODELS.live)
    assert told.because == "it could not be asked: the operational store did not answer"


def test_what_was_paid_for_is_found_again_where_the_store_stays(world):
    database = {"DATABASE_URL": f"sqlite:///{world.folder / 'claude.db'}"}
    with FakeClaude(says) as claude:
        world.kept(claude, name="one", **database)
        asked = len(claude.asked)
        assert "known already" in world.kept(claude, name="two", **database)
    assert len(claude.asked) == asked


def test_without_a_key_nothing_of_it_is_imported_or_said(world):
    run = world.folder / "run"
    environment = run_environment(run, push_event(*world.shas))
    check_out(world.upstream, run / "repository", world.shas[-1])
    script = (
        "import sys; from devnexus_cli.main import main\n"
        f"main(['analyze', '--repo', {str(run / 'repository')!r}, '--output', {str(run / 'a.json')!r}, "
        f"'--knowledge', {str(world.folder / 'kb.git')!r}], standalone_mode=False)\n"
        "assert not {'anthropic', 'httpx2', 'sqlalchemy'} & set(sys.modules)"
    )
    environment["ANTHROPIC_API_KEY"] = ""  # as the workflow passes on a secret that is not there
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Claude" not in done.stdout
