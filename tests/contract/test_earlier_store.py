"""An operational store that the version of 2026-11-27 made keeps working, also beside that version."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from delivery_world import DeliveryWorld
from notices import requested
from sqlalchemy import func, inspect, select

from devnexus.state import create_tables, open_state, transaction
from devnexus.values import Value, canonical_json
from notifier.channel import ChannelKind
from notifier.sql_tables import DELIVERIES, TABLES

DDL = """
CREATE TABLE deliveries (
    id TEXT NOT NULL,
    target TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    attempts INTEGER NOT NULL,
    unclear INTEGER NOT NULL,
    received INTEGER NOT NULL,
    due_at DOUBLE PRECISION NOT NULL,
    claimed_until DOUBLE PRECISION,
    last_error TEXT,
    created_at DOUBLE PRECISION NOT NULL,
    finished_at DOUBLE PRECISION,
    PRIMARY KEY (id)
);
CREATE INDEX deliveries_waiting ON deliveries (due_at) WHERE state = 'waiting';
CREATE TABLE failing_targets (
    target TEXT NOT NULL,
    failures INTEGER NOT NULL,
    cool_until DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (target)
)
"""
INSERT = """
INSERT INTO deliveries (id, target, body, state, attempts, unclear, received, due_at, created_at, last_error)
VALUES ('{id}', 'team', '{body}', '{state}', 1, 0, 1, 5.0, {created_at}, 'answered 500')
"""


def insert(request, state="waiting", created_at=999_000.5):
    body = canonical_json(request.payload()).decode()
    return INSERT.format(id=request.id, body=body, state=state, created_at=created_at)


@pytest.fixture
def earlier(database_url):
    """A database in which that version left one delivery that waits, and one that it delivered."""
    engine = open_state(database_url)
    with transaction(engine) as connection:
        for statement in (*DDL.split(";"), insert(requested()), insert(requested(number=2), "delivered")):
            connection.exec_driver_sql(statement)
    yield engine
    engine.dispose()


def test_what_it_held_is_held_and_what_waited_is_delivered(earlier, database_url):
    world = DeliveryWorld(database_url)
    waiting, done = world.row(requested()), world.row(requested(number=2))
    assert (waiting.state, waiting.created_at, waiting.last_error) == ("waiting", 999_000.5, "answered 500")
    assert (done.state, done.digest_id, done.members) == ("delivered", None, None)
    assert world.later(0) == 1
    assert world.team.sent == [requested().id]
    names = {index["name"] for index in inspect(earlier).get_indexes("deliveries")}
    assert names == {"deliveries_in_line", "deliveries_finished"}
    world.close()


def test_what_is_new_works_in_it(earlier, database_url):
    world = DeliveryWorld(database_url)
    world.kinds["team"] = ChannelKind(fields=Value, open=lambda fields, surroundings: None, digests=True)
    for number in range(3, 9):
        world.store.record(requested(number=number), now=world.now)
    world.deliveries = world.notifier()
    world.later(0)
    assert world.later(0) == 1
    assert [row.state for row in world.rows()].count("digested") == 6
    world.close()


def test_the_earlier_version_can_go_on_beside_it(earlier, database_url):
    world = DeliveryWorld(database_url)
    with transaction(earlier) as connection:
        connection.exec_driver_sql(insert(requested(number=3)))
    assert world.later(0) == 2
    world.close()


def test_of_several_that_start_at_once_one_makes_it_anew(earlier, database_url):
    engines = [open_state(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda engine: create_tables(engine, TABLES), engines))
    with transaction(earlier) as connection:
        assert connection.scalar(select(func.count()).select_from(DELIVERIES)) == 2
    assert "deliveries_before" not in inspect(earlier).get_table_names()
    for engine in engines:
        engine.dispose()
