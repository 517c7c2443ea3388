"""What is kept of what was said, on whichever database `--database` names."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from notices import BILLING, RETRY, computed, notice

from devnexus.events import NotificationRequested
from devnexus.state import create_tables, open_state
from notifier.remarks import remarks
from notifier.runs import Brought
from notifier.sql_deliveries import SqlDeliveries
from notifier.sql_runs import RUN_TABLES, SqlRuns
from notifier.sql_said import SAID_TABLES, SqlSaid
from notifier.sql_tables import TABLES

NOW = 1_790_000_000.25
AT_ONCE = 4
DAY = 86_400


@pytest.fixture
def engines(database_url):
    """Several notifiers' ways into one database."""
    some = [open_state(database_url) for _ in range(AT_ONCE)]
    for tables in (TABLES, SAID_TABLES, RUN_TABLES):
        create_tables(some[0], tables)
    yield some
    for engine in some:
        engine.dispose()


def at_once(engines, do):
    barrier = Barrier(AT_ONCE)

    def one(number):
        barrier.wait()
        return do(number, engines[number])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_of_events_that_bring_the_same_remark_at_once_one_makes_it(engines):
    (remark,) = remarks(notice())
    for round_ in range(5):
        events = [computed(revision=f"{round_}{n}".zfill(40), introduced=(RETRY,)) for n in range(AT_ONCE)]
        told = at_once(
            engines,
            lambda n, engine, events=events, now=NOW + round_ * 40 * 86_400: SqlSaid(engine).not_yet_told(
                events[n], "team", [remark], now=now
            ),
        )
        assert sorted(map(len, told)) == [0, 0, 0, 1]


@pytest.mark.parametrize("members", [1, 6])
def test_what_was_given_up_was_not_told_be_it_by_itself_or_with_others(engines, members):
    (remark,), said, store = remarks(notice()), SqlSaid(engines[0]), SqlDeliveries(engines[0])
    events = [computed(revision=f"{n:040x}", introduced=(RETRY,)) for n in range(members + 1)]
    assert said.not_yet_told(events[0], "team", [remark], now=NOW) == {remark}
    for event in events[:members]:
        told = NotificationRequested(cause="live", about=event.id, target="team", notice=notice())
        store.record(told, now=NOW)
    store.digest("team", now=NOW)
    (id_,) = store.due("team", now=NOW, most=9)
    claim = store.claim(id_, now=NOW, until=NOW + 9)
    assert said.not_yet_told(events[-1], "team", [remark], now=NOW) == set()
    store.give_up(claim, reason="answered 400", now=NOW)
    assert said.not_yet_told(events[-1], "team", [remark], now=NOW) == {remark}
    assert said.not_yet_told(events[0], "team", [remark], now=NOW) == set()


def test_events_that_begin_a_run_at_once_are_of_one_run(engines):
    at_once(
        engines,
        lambda n, engine: SqlRuns(engine).note(f"event{n}", "backfill", Brought(BILLING), now=NOW + n / 10),
    )
    (run,) = SqlRuns(engines[0]).finished(now=NOW + 601, quiet=600, longest=DAY)
    assert (len(run.brought), run.cause) == (1, "backfill")
    assert list(SqlRuns(engines[0]).finished(now=NOW + 601, quiet=600, longest=DAY)) == [run]
    SqlRuns(engines[0]).told(run.id, now=NOW + 601)
    assert list(SqlRuns(engines[0]).finished(now=NOW + 601, quiet=600, longest=DAY)) == []
