"""What waits for Claude is asked once and read once more, whichever process dies when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from builders import pushed

from devnexus.events import SnapshotRequested
from devnexus.state import create_tables, open_state, transaction
from extractor.claude.calls import Call, Claimed, Known, Limits, OutcomeLost, OverBudget
from extractor.claude.request import Usage
from extractor.claude.said import Said
from extractor.claude.sql_calls import SqlCalls
from extractor.claude.sql_tables import CLAUDE_TABLES, WAITING
from extractor.claude.sql_waiting import SqlWaiting

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
AMPLE = Limits(per_day=1000, per_repository=1000)
PUSHES = [pushed("0", f"c{number}") for number in range(30)]
IDS = [push.id for push in PUSHES]


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def question(number, **fields):
    usual = {"id": f"call-{number}", "repository": "github.com/1", "in_batch": True, "record_id": IDS[number]}
    fields = {"name": "acme/api", "model": "m", "reader": "r", "pieces": (f"piece:{number}",), **fields}
    return Call(**{**usual, **fields})


QUESTIONS = [question(number) for number in range(3)]


@pytest.fixture
def engine(database_url):
    engine = open_state(database_url)
    create_tables(engine, CLAUDE_TABLES)
    yield engine
    engine.dispose()


@pytest.fixture
def waiting(engine):
    return SqlWaiting(engine)


@pytest.fixture
def calls(engine):
    return SqlCalls(engine)


def listed(waiting, most=3):
    for number in range(most):
        waiting.add(PUSHES[number], "the day's calls are used up", now=at(number))


def ids(waiters):
    return [waiter.event.id for waiter in waiters]


def test_the_oldest_comes_first_as_it_was_listed(waiting):
    snapshot = SnapshotRequested(repository=PUSHES[0].repository, cause="backfill", asked_by="installation-1")
    waiting.add(PUSHES[1], "overloaded", now=at(1))
    waiting.add(snapshot, "it waits for a batch", now=at(0))
    first, second = waiting.next(10, now=at(2))
    assert (first.event, first.because, first.since) == (snapshot, "it waits for a batch", at(0))
    assert (second.event, second.because, second.since) == (PUSHES[1], "overloaded", at(1))


def test_what_is_listed_twice_is_listed_once_since_it_was_first(waiting):
    waiting.add(PUSHES[0], "overloaded", now=at(0))
    waiting.add(PUSHES[0], "over\0budget", now=at(5))
    (one,) = waiting.next(10, now=at(6))
    assert (one.since, one.because, waiting.count()) == (at(0), r"over\u0000budget", 1)


def test_processes_that_take_at_once_get_different_pushes(waiting):
    listed(waiting, 30)
    barrier = Barrier(4)

    def take(_):
        barrier.wait()
        return [id_ for _ in range(5) for id_ in ids(waiting.next(3, now=at(60)))]

    with ThreadPoolExecutor(4) as pool:
        taken = [id_ for some in pool.map(take, range(4)) for id_ in some]
    assert len(taken) == len(set(taken))
    assert {*taken} | {*ids(waiting.next(30, now=at(60)))} == {*IDS}


def test_what_a_process_took_before_it_died_comes_again_behind_those_that_never_were(waiting):
    listed(waiting)
    assert ids(waiting.next(2, now=at(10))) == IDS[:2]
    assert ids(waiting.next(3, now=at(19))) == IDS[2:3]
    assert ids(waiting.next(3, now=at(20.1))) == IDS[:2]


def test_a_batch_holds_its_questions_and_what_waits_for_it_also_after_a_restart(waiting, database_url):
    listed(waiting)
    assert waiting.sending("k", QUESTIONS[:2], IDS[:2], AMPLE, now=at(10)) == QUESTIONS[:2]
    waiting.sent("k", "msgbatch_1")
    again = open_state(database_url)
    (batch,) = SqlWaiting(again).under_way()
    again.dispose()
    assert (batch.key, batch.batch, batch.sent_at) == ("k", "msgbatch_1", at(10))
    assert (batch.calls, ids(batch.waiters)) == (tuple(QUESTIONS[:2]), IDS[:2])
    assert ids(waiting.next(9, now=at(60))) == IDS[2:3], "what is under way is not given"


def test_a_batch_that_nobody_was_told_the_name_of_is_under_way_until_it_is_found(waiting, calls):
    listed(waiting)
    waiting.sending("k", QUESTIONS, IDS[:3], AMPLE, now=at(10))
    (batch,) = waiting.under_way()
    assert batch.batch is None
    assert calls.claim(QUESTIONS[0], AMPLE, now=at(60)) == OutcomeLost("it is asked in a batch")
    assert waiting.sending("other", QUESTIONS, IDS[:3], AMPLE, now=at(60)) == []
    assert [one.key for one in waiting.under_way()] == ["k"], "nothing is noted of an empty batch"


def test_a_batch_that_was_never_sent_leaves_everything_as_it_was(waiting, calls):
    limits = Limits(3, 3)
    listed(waiting)
    waiting.next(3, now=at(9))
    waiting.sending("k", QUESTIONS, IDS[:3], limits, now=at(10))
    waiting.never_sent("k")
    assert waiting.under_way() == []
    assert ids(waiting.next(9, now=at(11))) == IDS[:3]
    assert waiting.sending("k2", QUESTIONS, IDS[:3], limits, now=at(12)) == QUESTIONS


def test_the_budget_holds_for_batches_and_what_it_leaves_out_waits_on(waiting):
    listed(waiting)
    assert waiting.sending("k", QUESTIONS, IDS[:3], Limits(2, 9), now=at(10)) == QUESTIONS[:2]
    assert ids(waiting.under_way()[0].waiters) == IDS[:2]
    assert ids(waiting.next(9, now=at(30))) == IDS[2:3]


def test_what_a_batch_was_not_made_for_waits_on_though_its_question_is_asked(waiting):
    listed(waiting)
    assert waiting.sending("k", QUESTIONS, IDS[:2], AMPLE, now=at(10)) == QUESTIONS
    assert ids(waiting.next(9, now=at(30))) == IDS[2:3]


def test_batches_and_calls_at_once_never_exceed_the_budget_together(waiting, calls):
    limits, barrier = Limits(per_day=40, per_repository=25), Barrier(8)

    def claim(thread):
        barrier.wait()
        some = [
            question(
                n,
                id=f"call-{thread}-{n}",
                repository=f"github.com/{n % 3}",
                in_batch=thread % 2 == 0,
            )
            for n in range(12)
        ]
        if thread % 2 == 0:
            return len(waiting.sending(f"k{thread}", some, [], limits, now=NOON))
        return sum(calls.claim(one, limits, now=NOON) == Claimed() for one in some)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(8))) == 40


def test_only_what_has_no_answer_yet_is_kept_after_a_crash_in_between(waiting, calls):
    listed(waiting)
    waiting.sending("k", QUESTIONS[:2], IDS[:2], AMPLE, now=at(10))
    waiting.sent("k", "msgbatch_1")
    calls.answered(QUESTIONS[0], {"piece:0": Known(Said())}, Usage(), 0.5, now=at(70))
    (batch,) = waiting.under_way()
    assert (batch.calls, ids(batch.waiters)) == ((QUESTIONS[1],), IDS[:2])


def test_what_waited_for_a_batch_that_was_taken_is_off_the_list(waiting):
    listed(waiting)
    waiting.sending("k", QUESTIONS[:2], IDS[:2], AMPLE, now=at(10))
    waiting.taken("k")
    waiting.taken("k")
    assert (waiting.under_way(), waiting.count()) == ([], 1)


def test_what_a_batch_left_unanswered_is_free_again_when_it_is_taken(waiting, calls):
    limits = Limits(2, 2)
    listed(waiting)
    waiting.sending("k", QUESTIONS[:2], IDS[:2], limits, now=at(10))
    calls.answered(QUESTIONS[0], {"piece:0": Known(Said())}, Usage(), 0.5, now=at(70))
    waiting.taken("k")
    assert calls.claim(QUESTIONS[1], limits, now=at(71)) == Claimed()
    waiting.taken("k")
    assert isinstance(calls.claim(QUESTIONS[2], limits, now=at(72)), OverBudget)


def test_what_was_listed_again_while_its_batch_was_taken_stays_and_can_be_asked_at_once(waiting):
    listed(waiting)
    waiting.next(2, now=at(9))
    waiting.sending("k", QUESTIONS[:2], IDS[:2], AMPLE, now=at(10))
    waiting.add(PUSHES[0], "a part of it was overloaded", now=at(70))
    waiting.taken("k")
    assert ids(waiting.next(9, now=at(71))) == [IDS[0], IDS[2]]


def test_what_was_read_meanwhile_is_off_the_list_though_a_batch_holds_it(waiting):
    listed(waiting)
    waiting.sending("k", QUESTIONS[:2], IDS[:2], AMPLE, now=at(10))
    waiting.done(IDS[0])
    assert ids(waiting.under_way()[0].waiters) == IDS[1:2]
    assert waiting.count() == 2


def test_what_another_version_listed_holds_up_nobody(waiting, engine):
    listed(waiting)
    with transaction(engine) as connection:
        connection.execute(WAITING.update().where(WAITING.c.record_id == IDS[0]).values(event="{}"))
    assert ids(waiting.next(9, now=at(10))) == IDS[1:3]
    assert waiting.count() == 3


def test_nothing_is_left_of_a_repository_that_is_to_be_forgotten(waiting):
    listed(waiting)
    waiting.forget("github.com/2")
    assert waiting.count() == 3
    waiting.forget("github.com/1")
    assert waiting.count() == 0
