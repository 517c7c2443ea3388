"""What becomes of a push when Claude reads it too, and when it does not."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from builders import NOON, pushed_commits, repository
from fakes.claude_world import MODELS, ClaudeWorld, ScriptedClaude, answered, claims

from devnexus.errors import Unavailable
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.fold import fold
from devnexus.knowledge.history import record_line
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
from extractor.claude.request import NotAnswered, OutcomeUnknown

BREAKER = """class CircuitBreaker:
    def call(self, function):
        if self.failures > 3:
            raise RuntimeError("open")
        return function()
"""
QUOTE = "class CircuitBreaker:"
SAYS = claims(("circuit-breaker", QUOTE))


def claude(content=SAYS, **options):
    return ScriptedClaude(lambda _: answered(content, **options))


def silent(answer):
    return ScriptedClaude(lambda _: answer)


@pytest.fixture
def world(tmp_path):
    made = []

    def make(model=None, **options):
        made.append(ClaudeWorld(tmp_path, model or claude(), **options))
        return made[-1]

    yield make
    for one in made:
        one.source.close()


def new_breaker(world):
    return world.has([{"README.md": "Shop\n"}, {"src/breaker.py": BREAKER}])


def standing(*records):
    return fold(records).project().standing_patterns


def receipt(record):
    return record.receipt.claude


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


@pytest.mark.parametrize("content", [{}, "no JSON"], ids=["refused", "no JSON"])
def test_what_was_paid_for_in_vain_is_not_asked_again(world, content):
    model = claude(content, stop="refused" if content == {} else "complete")
    one = world(model)
    shas = new_breaker(one)
    (first,), (second,) = one.push(*shas), one.push(*shas)
    assert len(model.asked) == 1
    assert record_line(first) == record_line(second)
    assert receipt(first).cost_usd > 0


def test_an_invented_line_is_dropped_and_counted(world):
    one = world(claude(claims(("circuit-breaker", "class Invented(CircuitBreaker):"))))
    (record,) = one.push(*new_breaker(one))
    assert (record.files[0].claims, receipt(record).unverified) == ((), 1)


def test_a_crash_between_the_answer_and_the_broker_is_paid_once(world):
    model = claude()
    one = world(model)
    shas = new_breaker(one)
    one.publisher.out_of_order = True
    with pytest.raises(Unavailable):
        one.push(*shas)
    one.publisher.out_of_order = False
    (record,) = one.push(*shas)
    (again,) = one.push(*shas)
    assert len(model.asked) == 1
    assert receipt(record).calls == 1
    assert record_line(record) == record_line(again)


def test_a_call_of_which_nobody_knows_the_outcome_is_not_repeated(world):
    def dies(_):
        raise OutcomeUnknown("the connection was lost")

    model = ScriptedClaude(dies)
    one = world(model)
    shas = new_breaker(one)
    (record,) = one.push(*shas)
    assert receipt(record).outcome == "not-read"
    assert one.claude.waiting.count() == 1
    with pytest.raises(Unavailable):  # for ten minutes another process may yet answer
        one.push(*shas)
    one.now += timedelta(minutes=11)
    one.push(*shas)
    assert len(model.asked) == 1


def test_a_bug_that_strikes_after_the_answer_is_not_paid_for_again_and_again(world):
    def fails(_):
        raise ZeroDivisionError

    model = ScriptedClaude(fails)
    one = world(model)
    shas = new_breaker(one)
    with pytest.raises(ZeroDivisionError):
        one.push(*shas)
    one.now += timedelta(minutes=11)
    (record,) = one.push(*shas)
    assert len(model.asked) == 1
    assert (receipt(record).outcome, one.claude.waiting.count()) == ("not-read", 1)


def test_of_two_extractors_with_one_push_one_asks_and_both_say_the_same(world, tmp_path):
    asked, go = threading.Event(), threading.Event()

    def slowly(_):
        asked.set()
        go.wait(10)
        return answered(SAYS)

    model = ScriptedClaude(slowly)
    one, other = world(model), world(model)
    shas = new_breaker(one)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(one.push, *shas)
        asked.wait(10)
        with pytest.raises(Unavailable) as busy:
            other.push(*shas)
        go.set()
        (record,) = first.result()
    assert 0 < busy.value.retry_after_seconds <= 600
    (again,) = other.push(*shas)
    assert len(model.asked) == 1
    assert record_line(record) == record_line(again)


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
    (past,) = one.push(*shas, cause="backfill")
    (tree,) = one.snapshot(shas[1])
    assert model.asked == []
    assert {receipt(past).because, receipt(tree).because} == {"it waits for a batch"}
    assert receipt(past).model == MODELS.bulk
    assert one.claude.waiting.count() == 2


def test_a_budget_is_kept_to_by_eight_threads_and_said_aloud(world):
    model = claude({"files": []})
    settings = parse(Organisation, b"claude: {calls_per_day: 10, calls_per_repository: 10}")
    one = world(model, organisation=settings)
    shas = one.has([{f"src/file{n}.py": f"value_{n} = {n}\n"} for n in range(25)])
    events = [pushed_commits(*pair) for pair in zip(shas, shas[1:], strict=False)]
    with ThreadPoolExecutor(8) as pool:
        records = {record.id: record for some in pool.map(one.take, events) for record in some}.values()
    assert len(model.asked) == 10
    assert sum(receipt(record).outcome == "read" for record in records) == 10
    assert sum("10 calls" in receipt(record).because for record in records) == 14
    assert one.claude.waiting.count() == 14


def test_repeated_changes_are_never_asked_about_twice(world):
    """A hundred pushes of which forty repeat: moves, reverts, new layouts, and the same change elsewhere."""
    model = claude({"files": []})
    one = world(model, organisation=parse(Organisation, b"claude: {calls_per_repository: 100}"))
    shas = one.has(_with_repetitions())
    one.pushes(shas)
    shown = [request.material.split("File 1: ", 1)[1] for request in model.asked]
    assert len(shas) == 101
    assert len(model.asked) == 60
    assert len(set(shown)) == 60


def _with_repetitions():
    yield {"README.md": "x\n"}
    for n in range(20):
        body = f"def function_{n}(value, other):\n    return value + {n}\n"
        more = f"\n\ndef further_{n}(value):\n    return [value, {n}]\n"
        yield {f"src/a{n}.py": body}
        yield {f"src/a{n}.py": body + more}
        yield {f"src/a{n}.py": body}  # the same as before
        yield {f"lib/b{n}.py": body}  # the same elsewhere
        yield {f"src/c{n}.py": f"VALUE_{n} = {n}\n"}


def test_a_move_and_a_new_layout_cost_nothing_and_lose_nothing(world):
    model = claude()
    one = world(model)
    shas = one.has(
        [
            {"README.md": "x\n"},
            {"src/breaker.py": BREAKER},
            {"src/breaker.py": None, "lib/breaker.py": BREAKER},
            {"lib/breaker.py": BREAKER.replace("    ", "  ").replace('"', "'")},
        ]
    )
    records = one.pushes(shas)
    assert len(model.asked) == 1
    pattern = standing(*records)["circuit-breaker"]
    assert [row.path for row in pattern.evidence] == ["lib/breaker.py"]


def test_a_revert_costs_nothing_and_brings_back_what_was_known(world):
    model = claude()
    one = world(model)
    shas = one.has(
        [
            {"README.md": "x\n"},
            {"src/breaker.py": BREAKER},
            {"src/breaker.py": "VALUE = 1\n"},
            {"src/breaker.py": BREAKER},
        ]
    )
    records = one.pushes(shas)
    assert len(model.asked) == 2
    assert "circuit-breaker" not in standing(*records[:2])
    assert "circuit-breaker" in standing(*records)


def test_what_a_file_learned_while_nobody_read_it_is_asked_about_when_it_counts_again(world):
    """Tests are not asked about, so one that was changed as a test is not known, whatever was known before."""
    model = claude()
    one = world(model)
    more = f"{BREAKER}\n\nclass Other:\n    pass\n"
    shas = one.has(
        [
            {"README.md": "x\n"},
            {"src/breaker.py": BREAKER},
            {"src/breaker.py": None, "tests/breaker.py": more},
            {"tests/breaker.py": None, "src/breaker.py": more},
        ]
    )
    one.pushes(shas)
    one.snapshot(shas[-1], one.live_opinion())
    assert "class Other:" in model.asked[-1].material


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


def test_redelivery_a_day_later_says_the_same_to_the_byte(world):
    model = claude()
    one = world(model)
    shas = new_breaker(one)
    (record,) = one.push(*shas)
    one.now += timedelta(days=1)
    other = world(silent(NotAnswered("Claude is down")))
    (again,) = other.push(*shas)
    assert record_line(record) == record_line(again)
    assert NOON == record.at
