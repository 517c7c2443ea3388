"""Whether the table of `make soak` says so when something is lost, stands twice, or grows."""

import signal
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from soak.found import DeadLetter, Ending, Found, Notice
from soak.ledger import Ledger, Push
from soak.memory import Growth, Sample, growth
from soak.plan import planned
from soak.reckoning import adds_up, as_text, reckon

SERVICES = ("receiver", "writer", "notifier")
STEADY = {"writer": Growth(first=100.0, last=120.0, most=130.0)}
POISON = DeadLetter("kb-writer", "poison-1", "not JSON")
FOUND = Found(
    records=Counter(("push 1#a", "push 1#b", "push 2#a", "snapshot 2#a", "lesson 1")),
    analyses=Counter(("push 1", "push 2", "snapshot 2", "lesson 1")),
    letters=(POISON,),
    commits=3,
    notices={"notice:team": Notice("delivered", 1), "notice:chat": Notice("digested", 2)},
    undelivered={"kb-writer": 0},
    endings=(Ending("notifier", 3, "disk full"),),
)
"""What has to be there after what `sent` sends."""


def sent():
    ledger = Ledger()
    for push in (Push("push 1", "usual", None), Push("push 2", "forced", "snapshot 2")):
        ledger.made(push)
        ledger.attempted()
        ledger.accepted(push.id)
    ledger.was_refused("503")
    ledger.tells("lesson 1")
    ledger.has_lesson("lesson 1")
    ledger.poisoned("poison-1", "kb-writer")
    return ledger


def problems(found=FOUND, ledger=None, memory=STEADY):
    lines = reckon(ledger or sent(), found, memory)
    told = [line.problem for line in lines if line.problem]
    assert adds_up(lines) == (not told)
    return told


def without(counter, name):
    return counter - Counter({name: 1})


def with_one_more(counter, name):
    return counter + Counter({name: 1})


def test_what_is_all_there_adds_up():
    assert problems() == []


@pytest.mark.parametrize("id_", ["push 1", "push 2", "snapshot 2", "lesson 1"])
def test_what_was_accepted_and_is_not_there_is_lost(id_):
    found = replace(FOUND, analyses=without(FOUND.analyses, id_))
    assert problems(found) == [f"1 lost: {id_}"]


def test_a_push_among_the_dead_letters_is_not_lost_and_yet_does_not_add_up():
    letter = DeadLetter("extractor-commits", "push 1", "gave up")
    found = replace(FOUND, analyses=without(FOUND.analyses, "push 1"), letters=(POISON, letter))
    assert problems(found) == ["1 parked: push 1", "1 unexpected: push 1 in extractor-commits: gave up"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"records": with_one_more(FOUND.records, "push 1#a")}, "1 twice: push 1#a"),
        ({"analyses": with_one_more(FOUND.analyses, "push 1")}, "1 count twice: push 1"),
        ({"letters": ()}, "1 not parked: poison-1"),
        ({"letters": (POISON, POISON)}, "1 twice: poison-1"),
        ({"unannounced": 1}, "1 never announced"),
        ({"uncomputed": 1}, "1 repositories without a comparison"),
        ({"undecided": 1}, "1 comparisons without a decision"),
        ({"notices": {"n:team": Notice("given_up", 0)}}, "1 never arrived: n:team (given_up)"),
        ({"undelivered": {"kb-writer": 2}}, "2 kb-writer"),
        ({"verified": ("page.json is missing",)}, "1 finding: page.json is missing"),
        ({"endings": (Ending("notifier", 1, ""),)}, "1 without a reason: notifier with status 1"),
        ({"slow_ends": ("notifier (10.0 s)",)}, "1 killed then: notifier (10.0 s)"),
        ({"tracebacks": ("extractor: KeyError",)}, "1 bug: extractor: KeyError"),
    ],
)
def test_whatever_else_is_wrong_is_named(changed, problem):
    assert problems(replace(FOUND, **changed)) == [problem]


def test_what_nobody_accepted_in_the_end_does_not_add_up():
    ledger = sent()
    ledger.made(Push("push 3", "usual", None))
    ledger.tells("lesson 2")
    assert problems(ledger=ledger) == ["1 never accepted: push 3", "1 never accepted: lesson 2"]


def test_an_answer_that_nobody_may_get_does_not_add_up():
    ledger = sent()
    ledger.got_wrong("query_patterns answered 500")
    assert problems(ledger=ledger) == ["1 wrong: query_patterns answered 500"]


def test_the_table_marks_the_line_that_does_not_add_up():
    found = replace(FOUND, analyses=without(FOUND.analyses, "push 1"))
    text = list(as_text(reckon(sent(), found, STEADY)))
    (marked,) = (number for number, line in enumerate(text) if line.startswith("!"))
    assert "recorded" in text[marked] and text[marked + 1].strip() == "1 lost: push 1"


def test_a_process_that_grows_beyond_its_bound_does_not_add_up():
    assert problems(memory={"writer": Growth(first=100.0, last=141.0, most=160.0)}) == ["it grows"]
    assert problems(memory={"writer": Growth(first=100.0, last=140.0, most=190.0)}) == []
    assert problems(memory={"writer": Growth(first=None, last=None, most=90.0)}) == []


def test_growth_is_that_of_the_median_from_the_first_to_the_last_quarter():
    leaking = [Sample(at=float(second), mb=100.0 + second, age=float(second)) for second in range(100)]
    assert growth(leaking) == Growth(first=16.0 + 100, last=87.0 + 100, most=199.0)


def test_processes_that_still_start_do_not_count():
    young = [Sample(at=float(second), mb=50.0, age=1.0) for second in range(100)]
    assert growth(young) == Growth(None, None, 50.0)
    both = [*young, *(Sample(at=100.0 + second, mb=100.0, age=60.0) for second in range(100))]
    assert growth(both) == Growth(first=None, last=100.0, most=100.0)


def test_a_seed_always_plans_the_same():
    def plan(seed):
        return planned(Random(seed), 300, faults=["a", "b"], services=SERVICES)

    assert plan(1) == plan(1) != plan(2)


def test_every_minute_has_every_fault_and_ends_every_service():
    plan = planned(Random(1), 240, faults=["a", "b"], services=SERVICES)
    for minute in range(4):
        began = [one.fault for one in plan.troubles if minute * 60 <= one.begins < (minute + 1) * 60]
        assert sorted(began) == ["a", "b"]
    for minute in range(2):
        killed = {one.service for one in plan.kills if minute * 60 <= one.at < (minute + 1) * 60}
        assert killed == set(SERVICES)
    assert {one.number for one in plan.kills} == {signal.SIGKILL, signal.SIGTERM}
    assert max(one.at for one in plan.kills) < 160
    assert max(one.ends for one in plan.troubles) < 240
