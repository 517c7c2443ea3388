"""What the extractor may rely on when it asks and pays, with any number of processes on one database."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest

from devnexus.state import create_tables, open_state
from extractor.claude.calls import Busy, Call, Claimed, Known, Limits, OutcomeLost, OverBudget
from extractor.claude.request import Usage
from extractor.claude.said import Said, SaidPattern
from extractor.claude.sql_calls import SqlCalls
from extractor.claude.sql_tables import CLAUDE_TABLES

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
REPOSITORY, READER = "github.com/7", "claude:claude-sonnet-5-5:1"
AMPLE = Limits(per_day=1000, per_repository=1000)
SAID = Known(Said(patterns=(SaidPattern(name="retry-backoff", quote="@retry(wait=wait_exponential())"),)))
USAGE = Usage(input_tokens=1000, output_tokens=200, cache_read_tokens=3000, cache_write_tokens=10)


def call(number=1, repository=REPOSITORY, **fields):
    fields = {"pieces": (f"piece:{number}",), "record_id": f"{repository}:push-{number}", **fields}
    return Call(
        reader=READER,
        id=f"call-{number}",
        repository=repository,
        name="acme/api",
        model="claude-sonnet-5-5",
        **fields,
    )


@pytest.fixture
def calls(database_url):
    engine = open_state(database_url)
    create_tables(engine, CLAUDE_TABLES)
    yield SqlCalls(engine)
    engine.dispose()


def answer(calls, one, now=NOON, known=SAID):
    calls.answered(one, dict.fromkeys(one.pieces, known), USAGE, 0.25, now=now)


def test_what_was_said_is_known_from_then_on_to_its_repository_and_reader_alone(calls):
    assert calls.claim(call(), AMPLE, now=NOON) == Claimed()
    assert calls.known(REPOSITORY, READER, ["piece:1"]) == {}
    answer(calls, call())
    assert calls.known(REPOSITORY, READER, ["piece:2", "piece:1", "piece:1"]) == {"piece:1": SAID}
    assert calls.known("github.com/8", READER, ["piece:1"]) == {}
    assert calls.known(REPOSITORY, "claude:other:1", ["piece:1"]) == {}


def test_an_answer_without_use_is_known_as_such(calls):
    calls.claim(call(), AMPLE, now=NOON)
    answer(calls, call(), known=Known(None, "it refused to answer"))
    assert calls.known(REPOSITORY, READER, ["piece:1"]) == {"piece:1": Known(None, "it refused to answer")}


def test_nothing_that_was_said_is_too_odd_to_be_kept(calls):
    odd = Known(Said(patterns=(SaidPattern(name="\0", quote="\x1b'\N{ROBOT FACE}\0"),)))
    known = {"blob:1": odd, "blob:2": Known(None, "a\0b\ud800")}
    calls.remember(REPOSITORY, READER, known, now=NOON)
    told = calls.known(REPOSITORY, READER, known)
    assert (told["blob:1"], told["blob:2"].because) == (odd, r"a\u0000b\ud800")


def test_thousands_of_digests_are_asked_for_at_once(calls):
    calls.remember(REPOSITORY, READER, {f"blob:{number}": SAID for number in range(3000)}, now=NOON)
    assert len(calls.known(REPOSITORY, READER, [f"blob:{number}" for number in range(4000)])) == 3000


def test_what_was_kept_first_stays(calls):
    calls.remember(REPOSITORY, READER, {"blob:1": SAID}, now=NOON)
    calls.remember(REPOSITORY, READER, {"blob:1": Known(Said())}, now=NOON)
    assert calls.known(REPOSITORY, READER, ["blob:1"]) == {"blob:1": SAID}


def test_one_of_many_gets_a_call_and_the_others_are_told_how_long_to_wait(calls):
    barrier = Barrier(8)

    def claim(_):
        barrier.wait()
        return calls.claim(call(), AMPLE, now=NOON)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(claim, range(8)))
    assert sum(one == Claimed() for one in told) == 1
    assert all(0 < one.seconds <= 600 for one in told if isinstance(one, Busy))
    assert calls.claim(call(2), Limits(2, 2), now=NOON) == Claimed(), "the others took none of the budget"


def test_a_budget_is_never_exceeded_by_one(calls):
    limits, barrier = Limits(per_day=100, per_repository=30), Barrier(8)

    def claim_all(thread):
        barrier.wait()
        return [
            calls.claim(call(f"{thread}-{n}", repository=f"github.com/{n % 4}"), limits, now=NOON)
            for n in range(30)
        ]

    with ThreadPoolExecutor(8) as pool:
        told = [one for some in pool.map(claim_all, range(8)) for one in some]
    assert sum(one == Claimed() for one in told) == 100
    assert {type(one) for one in told} == {Claimed, OverBudget}


_ANOTHER_PROCESS = """
import sys
from datetime import UTC, datetime
from devnexus.state import open_state
from extractor.claude.calls import Call, Claimed, Limits
from extractor.claude.sql_calls import SqlCalls

url, process = sys.argv[1:]
calls = SqlCalls(open_state(url))
sys.stdin.readline()
won = 0
for n in range(30):
    repository = f"github.com/{n % 4}"
    one = Call(f"call-{process}-{n}", repository, "acme/api", "push", "model", "reader", (f"piece:{n}",))
    won += calls.claim(one, Limits(50, 20), now=datetime(2026, 11, 28, tzinfo=UTC)) == Claimed()
print(won)
"""


@pytest.mark.usefixtures("calls")
def test_nor_is_it_with_many_processes(database_url):
    command = [sys.executable, "-c", _ANOTHER_PROCESS, database_url]
    others = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(3)
    ]
    assert sum(int(other.communicate("go\n", timeout=60)[0]) for other in others) == 50


def test_a_late_answer_to_a_lost_call_leaves_the_batch_its_own(calls):
    calls.claim(call(), AMPLE, now=NOON)
    later = NOON + timedelta(minutes=11)
    assert calls.claim(call(in_batch=True), AMPLE, now=later) == Claimed()
    answer(calls, call(), now=later)
    answer(calls, call(in_batch=True), now=later + timedelta(hours=1))
    assert calls.spent(call().record_id).calls == 2, "both are paid for"


def test_a_failure_of_a_lost_call_gives_nothing_of_the_batch_back(calls):
    calls.claim(call(), AMPLE, now=NOON)
    later = NOON + timedelta(minutes=11)
    calls.claim(call(in_batch=True), AMPLE, now=later)
    calls.given_back(call(), now=later)
    assert isinstance(calls.claim(call(in_batch=True), AMPLE, now=later), Busy)


def test_a_repository_that_has_used_up_its_part_takes_nothing_from_the_others(calls):
    limits = Limits(per_day=3, per_repository=1)
    assert calls.claim(call(1), limits, now=NOON) == Claimed()
    for _ in range(5):
        assert "of this repository" in calls.claim(call(2), limits, now=NOON).because
    assert calls.claim(call(3, repository="github.com/8"), limits, now=NOON) == Claimed()
    assert calls.claim(call(4, repository="github.com/9"), limits, now=NOON) == Claimed()
    assert "3 calls are used up" in calls.claim(call(5, repository="github.com/10"), limits, now=NOON).because


def test_a_budget_of_nothing_lets_nothing_through(calls):
    assert isinstance(calls.claim(call(), Limits(0, 5), now=NOON), OverBudget)
    assert isinstance(calls.claim(call(), Limits(5, 0), now=NOON), OverBudget)


def test_the_budget_of_a_day_is_whole_again_on_the_next_in_utc(calls):
    limits = Limits(1, 1)
    assert calls.claim(call(1), limits, now=NOON) == Claimed()
    late = NOON.replace(hour=23, minute=59)
    assert isinstance(calls.claim(call(2), limits, now=late), OverBudget)
    assert calls.claim(call(2), limits, now=late + timedelta(minutes=1)) == Claimed()
    tokyo = timezone(timedelta(hours=9))
    assert isinstance(calls.claim(call(3), limits, now=late.astimezone(tokyo)), OverBudget)


def test_what_is_given_back_is_free_again_with_its_part_of_the_budget(calls):
    limits = Limits(1, 1)
    calls.claim(call(), limits, now=NOON)
    calls.given_back(call(), now=NOON + timedelta(days=1))
    calls.given_back(call(), now=NOON)
    assert calls.claim(call(), limits, now=NOON) == Claimed()
    assert isinstance(calls.claim(call(2), limits, now=NOON), OverBudget)


def test_a_call_whose_process_died_is_asked_once_more_in_a_batch_and_never_again(calls):
    calls.claim(call(), AMPLE, now=NOON)
    later = NOON + timedelta(minutes=10)
    assert calls.claim(call(), AMPLE, now=later - timedelta(seconds=1)) == Busy(1.0)
    assert isinstance(calls.claim(call(), AMPLE, now=later), OutcomeLost)
    assert calls.claim(call(in_batch=True), AMPLE, now=later) == Claimed()
    much_later = later + timedelta(minutes=20)
    assert isinstance(calls.claim(call(in_batch=True), AMPLE, now=much_later), OutcomeLost)


def test_a_call_that_was_just_answered_is_not_made_again(calls):
    calls.claim(call(), AMPLE, now=NOON)
    answer(calls, call())
    assert calls.claim(call(), AMPLE, now=NOON + timedelta(seconds=1)) == Busy(1.0)


def test_an_answer_that_comes_too_late_is_kept_all_the_same(calls):
    calls.claim(call(), AMPLE, now=NOON)
    answer(calls, call(), now=NOON + timedelta(hours=2))
    assert calls.known(REPOSITORY, READER, ["piece:1"]) == {"piece:1": SAID}


def test_what_a_push_took_is_the_same_whoever_asks(calls, database_url):
    for number in (1, 2):
        one = call(number, record_id="github.com/7:push")
        calls.claim(one, AMPLE, now=NOON)
        answer(calls, one)
    calls.claim(call(3, record_id="github.com/7:push"), AMPLE, now=NOON)
    engine = open_state(database_url)
    spent = SqlCalls(engine).spent("github.com/7:push")
    engine.dispose()
    assert (spent.calls, spent.cost_usd) == (2, 0.5)
    assert spent.usage == Usage(
        input_tokens=2000, output_tokens=400, cache_read_tokens=6000, cache_write_tokens=20
    )
    assert calls.spent("github.com/7:other").calls == 0
    assert calls.asked("github.com/7:push") == {"piece:1", "piece:2"}


def test_nothing_is_left_of_a_repository_that_is_to_be_forgotten(calls):
    calls.claim(call(), AMPLE, now=NOON)
    answer(calls, call())
    calls.forget(REPOSITORY)
    assert calls.known(REPOSITORY, READER, ["piece:1"]) == {}
    assert calls.spent(call().record_id).calls == 0


def test_what_is_older_than_400_days_goes(calls):
    calls.claim(call(), AMPLE, now=NOON)
    answer(calls, call())
    calls.forget_old(now=NOON + timedelta(days=399))
    assert calls.known(REPOSITORY, READER, ["piece:1"])
    calls.forget_old(now=NOON + timedelta(days=401))
    assert not calls.known(REPOSITORY, READER, ["piece:1"])
    assert calls.spent(call().record_id).calls == 0
