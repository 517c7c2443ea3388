"""What becomes of a push when Claude reads it too, and when it does not."""

import json
from datetime import timedelta

import pytest
from breaker_push import BREAKER, claude, new_breaker, receipt, silent, standing
from builders import NOON, repository
from fakes.claude_world import MODELS, claims

from devnexus.git import run_git
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.fold import fold
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
from extractor.claude.request import NotAnswered


def test_what_claude_says_and_the_code_proves_is_known_with_its_line(world):
    one = world()
    (record,) = one.push(*new_breaker(one))
    (claim,) = record.files[0].claims
    assert (claim.pattern, claim.line) == ("circuit-breaker", 1)
    pattern = standing(record)["circuit-breaker"]
    assert (pattern.source, pattern.confidence, pattern.evidence[0].path) == ("claude", 0.6, "src/breaker.py")
    told = receipt(record)
    assert (told.outcome, told.files, told.known, told.claims, told.calls) == ("read", 1, 0, 1, 1)
    assert (told.input_tokens, told.cache_read_tokens, told.output_tokens) == (1000, 2000, 100)
    assert told.cost_usd == pytest.approx(0.0032)
    assert one.claude.waiting.count() == 0


def test_a_push_without_a_word_of_patterns_takes_nothing_away(world):
    one = world()
    shas = one.has(
        [
            {"README.md": "Shop\n"},
            {"src/breaker.py": BREAKER},
            {"src/breaker.py": f"{BREAKER}\n\nLIMIT = 3\n"},
            {"src/breaker.py": BREAKER.replace("class CircuitBreaker:", "class Other:")},
        ]
    )
    first, second, third = one.pushes(shas)
    assert "circuit-breaker" in standing(first, second)
    assert "circuit-breaker" not in standing(first, second, third)


@pytest.mark.parametrize(
    ("model", "because", "waits"),
    [
        (claude({}, stop="refused"), "refused", False),
        (claude('{"files": [{"fi', stop="cut"), "cut", False),
        (claude("Sure! Here is my answer."), "no JSON", False),
        (silent(NotAnswered("Claude is overloaded", retry_after_seconds=5)), "overloaded", True),
        (silent(NotAnswered("the key is wrong", for_good=True)), "the key is wrong", False),
    ],
    ids=["refusal", "cut", "no JSON", "overloaded", "for good"],
)
def test_without_a_usable_answer_the_rules_answer_and_the_receipt_says_why(world, model, because, waits):
    one = world(model)
    (record,) = one.push(*new_breaker(one))
    told = receipt(record)
    assert (told.outcome, record.files[0].claims) == ("not-read", None)
    assert because in told.because
    assert [(group.count, group.paths) for group in told.left_out] == [(1, ("src/breaker.py",))]
    assert one.claude.waiting.count() == (1 if waits else 0)


def test_an_invented_line_is_dropped_and_counted(world):
    one = world(claude(claims(("circuit-breaker", "class Invented(CircuitBreaker):"))))
    (record,) = one.push(*new_breaker(one))
    assert (record.files[0].claims, receipt(record).unverified) == ((), 1)


def test_of_several_analyses_of_a_push_the_one_that_claude_read_counts_in_any_order(world):
    shas = new_breaker(world())
    (by_both,) = world().push(*shas)
    by_rules = by_both.model_copy(
        update={"receipt": by_both.receipt.model_copy(update={"claude": None}), "analysis": "rules"}
    )
    newer_rules = by_rules.model_copy(
        update={"receipt": by_rules.receipt.model_copy(update={"rules_version": 99}), "analysis": "newer"}
    )
    for order in ([by_both, by_rules, newer_rules], [newer_rules, by_both, by_rules]):
        assert analyses(order) == [by_both]


def test_nothing_is_sent_of_what_people_do_not_let_claude_read(world):
    model = claude()
    one = world(model, organisation=parse(Organisation, b"claude: {default: false}"))
    shas = new_breaker(one)
    private = repository().model_copy(update={"private": True})
    (by_default,) = one.push(*shas)
    one.organisation = Organisation()
    (of_private,) = one.push(*shas, repository=private)
    assert model.asked == []
    assert "devnexus.yaml" in receipt(by_default).because
    assert "private" in receipt(of_private).because
    one.organisation = parse(Organisation, b"claude: {repositories: [acme/*]}")
    one.push(*shas, repository=private)
    assert len(model.asked) == 1


def test_a_repository_may_say_no(world):
    model = claude()
    one = world(model)
    shas = one.has([{"README.md": "x\n"}, {"src/breaker.py": BREAKER, ".devnexus.yml": "claude: false\n"}])
    record, *_ = one.push(*shas)
    assert model.asked == []
    assert "claude: false" in receipt(record).because
    assert one.claude.waiting.count() == 0


def test_nothing_is_sent_of_excluded_paths(world):
    model = claude()
    one = world(model, organisation=parse(Organisation, b"paths: {exclude: [vault/]}"))
    others = {
        "vault/a.py": "class Sealed:\n",
        "own/b.py": "class Ours:\n",
        ".devnexus.yml": "exclude: [own/]\n",
    }
    one.push(*one.has([{"README.md": "x\n"}, {"src/breaker.py": BREAKER, **others}]))
    (request,) = model.asked
    sent = json.dumps([request.brief, request.repository, request.material])
    assert "src/breaker.py" in sent
    assert not [word for word in ("vault", "Sealed", "own/b.py", "Ours") if word in sent]


def test_a_repository_has_no_more_calls_than_its_part_of_the_day(world):
    limits = parse(Organisation, b"claude: {calls_per_day: 9, calls_per_repository: 1}")
    one = world(organisation=limits)
    shas = one.has([{"README.md": "x\n"}, {"src/breaker.py": BREAKER}, {"src/other.py": f"{BREAKER}X = 1\n"}])
    first, second = one.pushes(shas)
    assert receipt(first).outcome == "read"
    assert receipt(second).because == "the day's 1 calls of this repository are used up"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (BREAKER.replace("\n", "\r\n"), 1),
        (f"\ufeff{BREAKER}", 1),
        (BREAKER.rstrip("\n"), 1),
        (f"X = '\u2028'\x0c\n{BREAKER}\n\n{BREAKER}", 2),
    ],
    ids=["windows", "byte order mark", "no line feed at the end", "separators and twice the same"],
)
def test_a_claim_lives_as_long_as_its_line_however_files_are_written(world, text, line):
    one = world()
    shas = one.has(
        [{"README.md": "x\n"}, {"src/breaker.py": text}, {"src/breaker.py": f"# it is\n{text}"}]
        + [{"src/breaker.py": "X = 1\n"}]
    )
    first, second, third = one.pushes(shas)
    assert [claim.line for claim in first.files[0].claims] == [line]
    assert "circuit-breaker" in fold([first, second]).project().standing_patterns
    assert "circuit-breaker" not in fold([first, second, third]).project().standing_patterns


def test_secrets_in_files_paths_and_messages_reach_nobody(world):
    model = claude({"files": []})
    secret = "ghp_" + "a1B2c3D4e5" * 4
    one = world(model)
    shas = one.has([{"README.md": "x\n"}, {f"src/{secret}.py": f'TOKEN = "{secret}"\n\n{BREAKER}'}])
    one.push(*shas)
    (request,) = model.asked
    assert secret not in json.dumps([request.brief, request.repository, request.material])


def test_bulk_work_is_read_by_rules_at_once_and_listed_for_a_batch(world):
    model = claude()
    one = world(model)
    shas = new_breaker(one)
    records = [
        *one.push(*shas, cause="backfill"),
        *one.push(*shas, recovered=True, pushed_at=NOON + timedelta(hours=1)),
        *one.snapshot(shas[1]),
    ]
    assert model.asked == []
    assert {receipt(record).because for record in records} == {"it waits for a batch"}
    assert {receipt(record).model for record in records} == {MODELS.bulk}
    assert one.claude.waiting.count() == len({record.record_id for record in records})


def test_what_rules_see_as_well_is_surer(world):
    quote = "@tenacity.retry(wait=tenacity.wait_exponential(max=30))"
    retry = f"import tenacity\n\n\n{quote}\ndef call():\n    return 1\n"
    one = world(claude(claims(("retry-backoff", quote))))
    (record,) = one.push(*one.has([{"README.md": "x\n"}, {"src/client.py": retry}]))
    alone = record.model_copy(
        update={"files": tuple(file.model_copy(update={"claims": None}) for file in record.files)}
    )
    both, rules = standing(record)["retry-backoff"], standing(alone)["retry-backoff"]
    assert (both.source, rules.source) == ("both", "rules")
    assert both.confidence == pytest.approx(1 - (1 - rules.confidence) * 0.4, abs=0.001)


def test_of_a_forced_push_the_snapshot_is_read_and_the_push_says_nothing_of_claude(world):
    model = claude()
    one = world(model)
    before, after = new_breaker(one)
    (record,) = one.push(after, before)
    assert (record.coverage, record.receipt.claude) == ("commits", None)
    assert (model.asked, one.claude.waiting.count()) == ([], 0)


def test_programs_that_push_decide_nothing(world):
    decides = {"quote": '"httpx==0.28.1",', "kind": "choice", "title": "httpx"}
    said = {"files": [{"file": 1, "patterns": [], "decisions": [decides], "components": []}]}
    one = world(claude(said))
    asks = '[project]\nname = "api"\ndependencies = [\n  "httpx==0.28.1",\n]\n'
    before, after = one.has([{"README.md": "x\n"}, {"pyproject.toml": asks}])
    (by_people,) = one.push(before, after)
    bot = ("-c", "user.name=dependabot[bot]", "-c", "user.email=bot@example.org")
    clone = one.folder / "acme" / "api"
    tree = run_git(clone, "rev-parse", f"{after}^{{tree}}").decode().strip()
    commit = run_git(clone, *bot, "commit-tree", tree, "-p", before, "-m", "Bump").decode().strip()
    (by_bot,) = one.push(before, commit)
    assert [(decision.title, decision.source) for decision in by_people.decisions] == [
        ("httpx ==0.28.1", "claude")
    ]
    assert by_bot.decisions == ()
