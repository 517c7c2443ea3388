"""What deliveries rely on in their store, on whichever database `--database` names."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from notices import requested
from sqlalchemy import select

from devnexus.state import create_tables, open_state, transaction
from notifier.sql_deliveries import SqlDeliveries
from notifier.sql_tables import DELIVERIES, TABLES

NOW = 1_790_000_000.25
REQUEST = requested()


@pytest.fixture
def engines(database_url):
    """Two notifiers' ways into one database."""
    pair = [open_state(database_url) for _ in range(2)]
    create_tables(pair[0], TABLES)
    yield pair
    for engine in pair:
        engine.dispose()


@pytest.fixture
def store(engines):
    return SqlDeliveries(engines[0])


@pytest.fixture
def row(engines):
    """Gives the row of a request."""

    def row(request):
        with transaction(engines[0]) as connection:
            return connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == request.id)).one()

    return row


def due(store, now=NOW, target="team", most=100):
    return store.due(target, now=now, most=most)


def claim(store, request=REQUEST, now=NOW, seconds=60.0):
    return store.claim(request.id, now=now, until=now + seconds)


def test_what_is_recorded_comes_back_as_it_was(store, row):
    store.record(REQUEST, now=NOW)
    taken = claim(store)
    assert (taken.request, taken.attempt, taken.target) == (REQUEST, 1, "team")
    assert (row(REQUEST).created_at, row(REQUEST).due_at, row(REQUEST).claimed_until) == (NOW, NOW, NOW + 60)


def test_what_is_recorded_again_stays_as_it_is_and_is_counted(store, row):
    store.record(REQUEST, now=NOW)
    store.delivered(claim(store), now=NOW + 1)
    store.record(REQUEST, now=NOW + 2)
    kept = row(REQUEST)
    assert (kept.state, kept.received, kept.created_at, kept.finished_at) == ("delivered", 2, NOW, NOW + 1)


def test_of_many_who_want_to_attempt_a_delivery_one_gets_it(engines):
    stores = [SqlDeliveries(engine) for engine in engines]
    requests = [requested(number=number) for number in range(10)]
    for request in requests:
        stores[0].record(request, now=NOW)
    at_once = Barrier(8)

    def take_all(worker):
        at_once.wait()
        return [claim(stores[worker % 2], request) for request in requests]

    with ThreadPoolExecutor(8) as pool:
        taken = [one for some in pool.map(take_all, range(8)) for one in some if one]
    assert sorted(one.delivery_id for one in taken) == sorted(request.id for request in requests)


def test_the_same_event_recorded_by_many_at_once_is_one_delivery(engines, row):
    stores = [SqlDeliveries(engine) for engine in engines]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda worker: stores[worker % 2].record(REQUEST, now=NOW), range(16)))
    assert row(REQUEST).received == 16


def test_a_claim_holds_until_it_expires_and_then_counts_as_unclear(store, row):
    store.record(REQUEST, now=NOW)
    assert claim(store, seconds=60)
    assert claim(store, now=NOW + 59.9) is None
    assert due(store, now=NOW + 59.9) == []
    assert due(store, now=NOW + 60) == [REQUEST.id]
    assert claim(store, now=NOW + 60).attempt == 2
    assert (row(REQUEST).attempts, row(REQUEST).unclear) == (2, 1)


def test_a_failure_is_kept_and_the_delivery_waits(store, row):
    store.record(REQUEST, now=NOW)
    store.postpone(claim(store), reason="answered 500", due_at=NOW + 5, cool_until=NOW + 5)
    kept = row(REQUEST)
    assert (kept.state, kept.last_error, kept.claimed_until, kept.unclear) == (
        "waiting",
        "answered 500",
        None,
        0,
    )
    assert due(store, now=NOW + 4.9) == []
    assert claim(store, now=NOW + 4.9) is None
    assert claim(store, now=NOW + 5).attempt == 2


def test_what_is_finished_is_not_attempted_again(store, row):
    given_up = requested(number=2)
    for request in (REQUEST, given_up):
        store.record(request, now=NOW)
    store.delivered(claim(store), now=NOW)
    store.give_up(claim(store, given_up), reason="answered 410", now=NOW)
    assert due(store, now=NOW + 1e6) == []
    assert claim(store, now=NOW + 1e6) is claim(store, given_up, now=NOW + 1e6) is None
    assert (row(given_up).state, row(given_up).last_error) == ("given_up", "answered 410")


def test_who_lost_its_claim_cannot_undo_what_the_next_one_does(store, row):
    store.record(REQUEST, now=NOW)
    slow, next_one = claim(store), claim(store, now=NOW + 60)
    store.postpone(slow, reason="slow", due_at=NOW + 999, cool_until=NOW)
    store.give_up(slow, reason="slow", now=NOW + 61)
    assert (row(REQUEST).state, row(REQUEST).due_at) == ("waiting", NOW)
    store.delivered(next_one, now=NOW + 62)
    store.delivered(slow, now=NOW + 63)
    assert (row(REQUEST).state, row(REQUEST).finished_at) == ("delivered", NOW + 62)


def test_a_target_that_was_told_after_all_is_not_told_again(store, row):
    store.record(REQUEST, now=NOW)
    slow, next_one = claim(store), claim(store, now=NOW + 60)
    store.delivered(slow, now=NOW + 61)
    store.postpone(next_one, reason="down", due_at=NOW + 70, cool_until=NOW)
    assert (row(REQUEST).state, row(REQUEST).attempts) == ("delivered", 2)


def test_what_is_due_comes_oldest_first_and_only_so_much(store):
    order = [("team", 1), ("audit", 2), ("team", 3), ("team", 4), ("audit", 5)]
    for seconds, (target, number) in enumerate(order):
        store.record(requested(target, number), now=NOW + seconds)
    team = [requested(*one).id for one in order if one[0] == "team"]
    assert due(store, now=NOW + 9) == team
    assert due(store, now=NOW + 9, most=2) == team[:2]
    assert due(store, now=NOW + 2) == team[:2]
    assert store.targets_due(now=NOW + 9) == ["team", "audit"]
    assert store.targets_due(now=NOW) == ["team"]


def test_what_goes_to_a_target_that_cools_down_waits_and_the_others_do_not(store, row):
    waiting, new, other = requested(number=2), requested(number=3), requested("audit")
    for request in (REQUEST, waiting):
        store.record(request, now=NOW)
    store.postpone(claim(store), reason="down", due_at=NOW + 5, cool_until=NOW + 300)
    for request in (new, other):
        store.record(request, now=NOW + 1)
    assert row(new).due_at == NOW + 300
    assert store.targets_due(now=NOW + 299) == ["audit"]
    assert due(store, now=NOW + 299) == []
    assert claim(store, waiting, now=NOW + 299) is None
    assert len(due(store, now=NOW + 300)) == 3


def test_failures_of_a_target_are_counted_until_it_takes_something(store):
    requests = [requested(number=number) for number in range(4)]
    for request in requests:
        store.record(request, now=NOW)
    seen = []
    for request in requests[:2]:
        seen.append(claim(store, request))
        store.postpone(seen[-1], reason="down", due_at=NOW + 5, cool_until=NOW)
    seen.append(claim(store, requests[2]))
    store.delivered(seen[-1], now=NOW)
    seen.append(claim(store, requests[3]))
    assert [one.failures_before for one in seen] == [0, 1, 2, 0]
    assert requests[0].id in due(store, now=NOW + 5)
