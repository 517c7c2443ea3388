"""`devnexus costs` as an operator reads it, on the store of a run and on one that is named."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from builders import pushed
from click.testing import CliRunner
from fakes.knowledge import make_store

from devnexus.state import create_tables, open_state
from devnexus_cli.main import main
from extractor.claude.calls import Call, Known, Limits
from extractor.claude.request import Usage
from extractor.claude.said import Said
from extractor.claude.sql_calls import SqlCalls
from extractor.claude.sql_tables import CLAUDE_TABLES
from extractor.claude.sql_waiting import SqlWaiting

USAGE = Usage(input_tokens=1000, output_tokens=200, cache_read_tokens=3000, cache_write_tokens=10)
AMPLE = Limits(1000, 1000)
NOW = datetime.now(UTC)


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """The store of a run whose home is the current folder's."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "KNOWLEDGE"):
        monkeypatch.delenv(name, raising=False)
    engine = open_state(f"sqlite:///{tmp_path}/.devnexus/state.db")
    create_tables(engine, CLAUDE_TABLES)
    yield engine
    engine.dispose()


def call(number=1, name="acme/api", **fields):
    fields = {"model": "claude-sonnet-5-5", "record_id": "push", **fields}
    return Call(
        id=f"call-{number}",
        repository=f"github.com/{name}",
        name=name,
        reader="reader",
        pieces=("p",),
        **fields,
    )


def ask(engine, one, cost=0.25, at=NOW):
    calls = SqlCalls(engine)
    calls.claim(one, AMPLE, now=at)
    calls.answered(one, {"p": Known(Said())}, USAGE, cost, now=at)


def costs(*words):
    return CliRunner().invoke(main, ["costs", *words])


def line(output, word):
    (found,) = [one for one in output.splitlines() if word in one]
    return found.split()


def test_each_day_and_model_has_its_line_the_newest_first(engine):
    yesterday = NOW - timedelta(days=1)
    ask(engine, call(1))
    ask(engine, call(2, in_batch=True))
    ask(engine, call(3, model="claude-haiku-5-5"), cost=0.0012, at=yesterday)
    ask(engine, call(4), at=NOW - timedelta(days=8))
    output = costs().output
    assert output.index(f"{NOW:%Y-%m-%d}") < output.index(f"{yesterday:%Y-%m-%d}")
    assert line(output, "claude-sonnet-5-5")[1:] == (
        "claude-sonnet-5-5 2 1 2,000 20 6,000 400 0.5000".split()
    )
    assert line(output, "total")[1:] == "3 1 3,000 30 9,000 600 0.5012".split()


def test_the_dearest_repository_comes_first(engine):
    ask(engine, call(1, "acme/api"))
    ask(engine, call(2, "acme/web"), cost=1)
    output = costs().output
    assert output.index("acme/web") < output.index("acme/api")
    assert line(output.partition("DEAREST")[2], "acme/web  ")[-1] == "1.0000"


def test_it_says_what_is_left_of_today_as_devnexus_yaml_limits_it(engine, tmp_path):
    store = make_store(tmp_path / ".devnexus" / "knowledge.git")
    text = b"claude:\n  calls_per_day: 3\n  calls_per_repository: 2\n"
    store.commit({"devnexus.yaml": text}, message="limit", expected_head=store.head())
    ask(engine, call())
    assert "1 of 3 calls used, 2 left; at most 2 for one repository" in costs().output
    assert json.loads(costs("--json").output)["today"]["calls_left"] == 2


def test_without_a_knowledge_base_it_says_what_it_cannot_know(engine):
    ask(engine, call())
    result = costs()
    assert (result.exit_code, "1 call used; how many may be is not known" in result.output) == (0, True)


def test_what_waits_and_what_was_lost_is_said(engine):
    waiting = SqlWaiting(engine)
    waiting.add(pushed("0", "a"), "overloaded", now=NOW - timedelta(hours=3))
    SqlCalls(engine).claim(call(), AMPLE, now=NOW - timedelta(minutes=11))
    output = costs().output
    assert "1 push or snapshot waits for Claude, the oldest for 3 h" in output
    assert "1 call was made whose outcome is not known" in output


def test_an_unknown_price_is_named_aloud(engine):
    ask(engine, call(model="claude-sonnet-9"))
    assert "the price of claude-sonnet-9 is not known here" in costs().output
    assert "claude-sonnet-9" in json.loads(costs("--json").output)["unpriced_models"]


def test_where_nothing_was_asked_it_says_so(engine):
    result = costs("--days", "1")
    assert result.exit_code == 0
    assert f"Claude was asked nothing since {NOW:%Y-%m-%d}" in result.output
    assert "nothing waits for Claude" in result.output


def test_json_is_one_object_that_says_the_same(engine):
    ask(engine, call())
    told = json.loads(costs("--json").output)
    assert told["total"] == {"calls": 1, "in_batches": 0, **USAGE.model_dump(), "cost_usd": 0.25}
    assert (told["waiting"], told["lost_calls"], told["today"]["calls_used"]) == (0, 0, 1)


def test_without_a_store_it_says_how_to_name_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = costs()
    assert result.exit_code == 1
    assert "--database" in result.output
    assert "is not there" in costs("--database", "sqlite:///none.db").output


def test_the_status_has_a_line_for_claude(engine):
    ask(engine, call())
    output = CliRunner().invoke(main, ["status"]).output
    assert "1 call today, 0.25 USD; 0 pushes and snapshots wait for it" in output
