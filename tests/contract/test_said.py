"""What is kept of what was said, on whichever database `--database` names."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from notices import BILLING, RETRY, computed, notice

from devnexus.state import create_tables, open_state
from notifier.remarks import remarks
from notifier.runs import Brought
from notifier.sql_runs import RUN_TABLES, SqlRuns
from notifier.sql_said import SAID_TABLES, SqlSaid

NOW = 1_790_000_000.25
AT_ONCE = 4
DAY = 86_400


@pytest.fixture
def engines(database_url):
    """Several notifiers' ways into one database."""
    some = [open_state(database_url) for _ in range(AT_ONCE)]
    create_tables(some[0], SAID_TABLES)
    create_tables(some[0], RUN_TABLES)
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
