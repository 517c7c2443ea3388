"""What people and agents are shown of what Claude read: with its part named, and what is not proven apart."""

import re
from html import unescape

import pytest
from builders import RETRY, pushed, reading, record_of, repository, row, snapshot_record
from claims import CACHING, claim, claimed, read_by_claude

from a2a_gateway.knowledge.claude_words import fate_of_claims, part_of_claude
from devnexus.events.patterns_extracted import ClaudeReceipt, Decision, NotRead, Suggestion

SCRIPT = "<script>alert(1)</script>"
ATTACK = '"><img src=x onerror=alert(1)>{{ 7*7 }}'
WHERE = repository().model_copy(update={"url": "https://github.com/acme/api"})
TOOK = {
    "files": 2,
    "known": 1,
    "left_out": (NotRead(reason="prose: proves no pattern", count=3, paths=("README.md",)),),
    "calls": 1,
    "input_tokens": 1200,
    "output_tokens": 340,
    "cache_read_tokens": 8000,
    "cost_usd": 0.0123,
    "claims": 7,
    "unverified": 2,
    "unproven": 1,
}
GUESS = Suggestion(kind="pattern", name="Saga", meant=RETRY.id, path="src/app.py", line=4, quote="saga()")


def suggested(*suggestions):
    """A push in which both see one pattern, Claude alone another, and of which it suggests this."""
    files = (
        claimed("src/app.py", claim("retry(a)", 3), claim("cache.get(k)", 8, CACHING.id), status="added"),
        reading("src/other.py", row(line=5, introduced=True)),
    )
    record = record_of(pushed("0", "a", repository=WHERE), *files, patterns=(RETRY, CACHING))
    return read_by_claude(record, **TOOK).model_copy(update={"suggestions": suggestions})


def text_of(page):
    return re.sub(r"\s+([.,;:])", r"\1", re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page))))


def receipt_of(world):
    (address,) = re.findall(r'"(/receipts/[^"]+)"', world.page("/repositories/acme/api"))
    return world.page(address)


def section(page, name):
    """What one section of the page shows, as it is written."""
    return page.partition(f'aria-labelledby="{name}"')[2].partition("</section>")[0]


def test_a_receipt_tells_what_claude_read_what_that_took_and_what_became_of_its_claims(empty):
    empty.learn(suggested())
    text = text_of(section(receipt_of(empty), "claude"))
    assert "Claude read 2 files. What it says of 1 file was known already, and cost nothing." in text
    assert (
        "Claude made 7 claims; dropped: 2 because its quote does not stand in what Claude was given"
        " and 1 because the code proves nothing of the kind."
    ) in text
    assert "3 files (prose: proves no pattern): README.md and 2 others" in text
    assert "Model claude-x, brief 1 Calls 1 call, 0.0123 USD" in text
    assert "1,200 tokens in, 8,000 from the cache, 0 into it, 340 out" in text


def test_claims_are_places_of_patterns_with_their_reader_named(empty):
    empty.learn(suggested())
    seen = section(receipt_of(empty), "patterns")
    assert "Redis caching new lines src/app.py:8 new, seen by Claude" in text_of(seen)
    assert "src/app.py:3 new, seen by Claude src/other.py:5 new" in text_of(seen)
    assert "/src/app.py#L8-L8" in seen
    told = empty.execute("get_receipt", repository="acme/api").json()
    assert [(one["id"], one["source"], one["places"]) for one in told["patterns"]] == [
        (CACHING.id, "claude", ["src/app.py:8"]),
        (RETRY.id, "both", ["src/app.py:3", "src/other.py:5"]),
    ]


def test_what_claude_says_of_a_line_that_the_rules_see_too_is_one_place(empty):
    both = claimed("a.py", claim(line=3)).model_copy(update={"rows": (row(line=3),)})
    empty.learn(record_of(pushed("0", "a"), both))
    assert "a.py:3 new, seen by the rules and Claude" in text_of(receipt_of(empty))


def test_in_a_snapshot_nothing_that_claude_says_is_new(empty):
    empty.learn(snapshot_record("a", claimed("a.py", claim(line=3))))
    seen = text_of(section(receipt_of(empty), "patterns"))
    assert "a.py:3 seen by Claude" in seen and "new" not in seen


def test_suggestions_stand_apart_as_not_proven_and_nowhere_else(empty):
    empty.learn(suggested(GUESS))
    page = receipt_of(empty)
    apart = section(page, "suggestions")
    assert "What Claude suggests, not proven Nothing in the code proves what follows." in text_of(apart)
    assert "pattern “Saga”, which may mean Retry with backoff: src/app.py:4 saga()" in text_of(apart)
    assert page.count("Saga") == apart.count("Saga") == 1
    for other in ("/", "/overview", "/repositories/acme/api", f"/patterns/{RETRY.id}"):
        assert "Saga" not in empty.page(other)
    told = empty.execute("get_receipt", repository="acme/api").json()
    assert told["unproven_suggestions"] == [GUESS.model_dump(mode="json")]
    assert "Saga" not in str({**told, "unproven_suggestions": None})


def test_without_suggestions_there_is_no_such_section(empty):
    empty.learn(suggested())
    assert "suggestions" not in receipt_of(empty)


def test_what_claude_is_made_to_say_is_text_and_never_markup(empty):
    evil = {
        "name": f"{SCRIPT}\u202e",
        "quote": f"{ATTACK}\u202e\x07",
        "path": f"{SCRIPT}/a.py",
        "meant": ATTACK,
    }
    left_out = (NotRead(reason=SCRIPT, count=1, paths=(ATTACK,)),)
    record = read_by_claude(
        suggested(GUESS.model_copy(update=evil)), "partly", because=SCRIPT, left_out=left_out
    )
    empty.learn(record)
    page = receipt_of(empty)
    assert "&lt;script&gt;" in section(page, "suggestions") and "{{ 7*7 }}" in page
    assert "<script" not in page and "<img" not in page and "\u202e" not in page and "\x07" not in page
    links = re.findall(r'href="([^"]*)"', section(page, "suggestions"))
    assert links and all(link.startswith("https://github.com/acme/api/blob/") for link in links)


def test_many_suggestions_and_files_are_cut_and_counted(empty):
    long = GUESS.model_copy(update={"quote": "ä" * 300, "name": "n" * 200})
    left_out = tuple(NotRead(reason=f"{n} " + "r" * 300, count=20, paths=("p" * 90,) * 20) for n in range(40))
    empty.learn(read_by_claude(suggested(*[long] * 200), left_out=left_out))
    assert "and 150 more suggestions" in receipt_of(empty)
    answer = empty.execute("get_receipt", repository="acme/api")
    told = answer.json()
    assert 0 < len(told["unproven_suggestions"]) < told["suggestion_count"] == 200
    assert 0 < len(told["claude"]["left_out"]) < 40 and len(answer.content) < 70_000


def test_who_sees_a_pattern_is_said_where_the_rules_do_not_see_it_alone(empty):
    empty.learn(suggested())
    here = text_of(empty.page("/repositories/acme/api"))
    assert "Redis caching likely 0.60 data, since 1 March 2026, seen by Claude src/app.py:8" in here
    assert "since 1 March 2026, seen by the rules and Claude src/other.py:5 src/app.py:3" in here
    assert "since 1 March 2026, seen by Claude" in text_of(empty.page(f"/patterns/{CACHING.id}"))


def test_of_what_the_rules_see_alone_nothing_is_said(told):
    for page in ("/repositories/acme/api", f"/patterns/{RETRY.id}"):
        assert "seen by" not in told.page(page)
    assert "The rules read it alone: Claude had no part in it." in text_of(receipt_of(told))
    answer = told.execute("get_receipt", repository="acme/api").json()
    assert (answer["claude"], answer["unproven_suggestions"]) == (None, [])


def test_a_decision_says_who_found_it_where_it_is_not_the_rules(empty):
    choice = Decision(kind="choice", title="redis", confidence=0.6, path="a.toml", line=2, source="claude")
    record = suggested().model_copy(update={"decisions": (choice,)})
    empty.learn(record)
    assert "choice, 1 March 2026, seen by Claude a.toml:2" in text_of(empty.page("/repositories/acme/api"))
    (decided,) = empty.execute("list_decisions").json()["decisions"]
    assert decided["source"] == "claude"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"outcome": "read"}, "Nothing in it was for Claude to read."),
        (
            {"outcome": "not-read", "because": "the budget is spent"},
            "Claude did not read it: the budget is spent.",
        ),
        (
            {"outcome": "partly", "because": "it is overloaded", "files": 1},
            "Claude read part of it: it is overloaded. Claude read 1 file.",
        ),
    ],
)
def test_the_outcome_is_said_in_words(told, words):
    receipt = ClaudeReceipt(model="claude-x", prompt=1, **told)
    assert (part_of_claude(receipt), fate_of_claims(receipt)) == (words, "")
