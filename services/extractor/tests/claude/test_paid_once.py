"""Nothing is paid for twice, whatever crashes, comes again or is done at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from breaker_push import BREAKER, SAYS, claude, new_breaker, receipt, silent, standing
from builders import NOON, pushed_commits
from fakes.claude_world import ScriptedClaude, answered

from devnexus.errors import Unavailable
from devnexus.knowledge.history import record_line
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
from extractor.claude.request import NotAnswered, OutcomeUnknown


@pytest.mark.parametrize("content", [{}, "no JSON"], ids=["refused", "no JSON"])
def test_what_was_paid_for_in_vain_is_not_asked_again(world, content):
    model = claude(content, stop="refused" if content == {} else "complete")
    one = world(model)
    shas = new_breaker(one)
    (first,), (second,) = one.push(*shas), one.push(*shas)
    assert len(model.asked) == 1
    assert record_line(first) == record_line(second)
    assert receipt(first).cost_usd > 0


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
    """Tests are not asked about: what changed as one is not known, whatever was known before."""
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
