"""What `kb show` and `kb log` tell of what Claude read."""

import pytest
from builders import RETRY, pushed, reading, record_of, row, sha
from claims import CACHING, claim, claimed, read_by_claude
from click.testing import CliRunner
from fakes.knowledge import make_store

from devnexus.events.patterns_extracted import Decision, Suggestion
from devnexus_cli.kb.record_text import receipt_text
from devnexus_cli.main import main
from kb_writer.group_commit import Writer

CHOICE = Decision(kind="choice", title="redis", confidence=0.6, path="a.toml", line=2, source="claude")
GUESS = Suggestion(kind="pattern", name="Sagas\u202e", path="src/app.py", line=4, quote="saga()\x1b[2J")
FILES = (
    claimed("src/app.py", claim("cache.get(k)", 8, CACHING.id), claim("retry(a)", 3)),
    reading("src/other.py", row(line=5)),
)
PUSH = record_of(pushed("0", "a"), *FILES, patterns=(RETRY, CACHING)).model_copy(
    update={"decisions": (CHOICE,), "suggestions": (GUESS,)}
)


@pytest.fixture
def devnexus(tmp_path):
    store = make_store(tmp_path / "knowledge.git")
    Writer(store).group_commit([read_by_claude(PUSH, files=2, known=1, cost_usd=0.0123)])
    store.close()
    return lambda *words: (
        CliRunner().invoke(main, ["kb", *words, "--knowledge", str(tmp_path / "knowledge.git")]).stdout
    )


def test_the_log_says_what_claude_read_and_counts_what_it_suggests_without_its_words(devnexus):
    told = devnexus("log", "acme/api")
    assert (
        "2 of 2 files read, Claude read 2 and knew 1, 0.0123 USD); 1 suggestion that nothing proves" in told
    )
    assert "Sagas" not in told and "saga()" not in told


def test_a_page_says_who_sees_a_pattern_or_found_a_decision_besides_the_rules(devnexus):
    lines = devnexus("show", "acme/api").splitlines()
    assert "  Redis caching       likely  src/app.py:8  seen by Claude" in lines
    assert "  Retry with backoff  strong  src/app.py:3, src/other.py:5  seen by the rules and Claude" in lines
    assert "  redis  a.toml:2  seen by Claude" in lines
    assert any(line.startswith("last reading: ") and "Claude read 2" in line for line in lines)
    assert "Sagas" not in "".join(lines)


def test_claims_are_rows_of_a_pattern(devnexus):
    lines = devnexus("show", "acme/api", "--pattern", "retry-backoff").splitlines()
    assert lines == [
        "Retry with backoff  retry-backoff  2 rows",
        f"  src/app.py:3-3  {sha('a')[:12]}  claude 0.60",
        f"  src/other.py:5-5  {sha('a')[:12]}  code 0.60",
    ]


@pytest.mark.parametrize(
    ("outcome", "because", "said"),
    [
        ("not-read", "the budget is spent", "not by Claude: the budget is spent"),
        ("partly", "it is overloaded", "Claude read 0 but not all: it is overloaded, 0.0000 USD"),
    ],
)
def test_a_receipt_says_why_claude_did_not_read_it(outcome, because, said):
    receipt = read_by_claude(PUSH, outcome, because=because).receipt
    assert receipt_text(receipt).endswith(said)
    assert "Claude" not in receipt_text(PUSH.receipt)
