"""How tasks stand, and what was worked out before, in either database."""

from datetime import UTC, datetime

import pytest

from a2a_gateway.callers.caller import ANONYMOUS, Caller
from a2a_gateway.tasks.port import Outcome, Task
from a2a_gateway.tasks.sql_results import RESULT_TABLES, SqlResults
from a2a_gateway.tasks.sql_tasks import TASK_TABLES, SqlTasks
from devnexus.state import create_tables, open_state

ANA = Caller("ana@example.com", is_verified=True)
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    now = BEGAN.timestamp()

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def engine(database_url):
    engine = open_state(database_url)
    create_tables(engine, TASK_TABLES)
    create_tables(engine, RESULT_TABLES)
    yield engine
    engine.dispose()


@pytest.fixture
def tasks(engine, clock):
    return SqlTasks(engine, clock=clock)


def begin(tasks, id_="one"):
    task = Task(id_, "check", "queued", "", BEGAN)
    tasks.begin(task, ANA)
    return task


def test_a_task_is_found_as_it_stands_and_by_its_caller_only(tasks):
    begun = begin(tasks)
    assert tasks.find("one", ANA) == begun
    assert tasks.find("one", ANONYMOUS) is None
    assert tasks.beat({"one": "reading"}) == set()
    assert tasks.find("one", ANA) == Task("one", "check", "running", "reading", BEGAN)
    outcome = Outcome("completed", answer='{"text":"\\u0000\\udc80"}')
    tasks.end({"one": outcome})
    assert tasks.find("one", ANA).outcome == outcome
    tasks.end({"one": Outcome("failed", error="too late")})
    tasks.beat({"one": "too late"})
    assert tasks.find("one", ANA) == Task("one", "check", "completed", "reading", BEGAN, outcome)


def test_that_a_task_is_unwanted_is_known_where_it_runs(tasks):
    begin(tasks, "one")
    begin(tasks, "two")
    tasks.give_up("one", ANA)
    tasks.give_up("two", ANONYMOUS)
    assert tasks.beat({"one": "", "two": ""}) == {"one"}


def test_a_task_whose_instance_died_has_failed_and_the_remedy_is_told(tasks, clock):
    begin(tasks)
    clock.now += 59
    assert tasks.find("one", ANA).status == "queued"
    tasks.beat({"one": "reading"})
    clock.now += 61
    found = tasks.find("one", ANA)
    assert (found.status, found.outcome.error) == (
        "failed",
        "The instance that worked on it is gone, and what it did is lost. Send the call again.",
    )


def test_tasks_of_yesterday_are_dropped(tasks, clock):
    begin(tasks, "one")
    clock.now += 86_401
    begin(tasks, "two")
    assert (tasks.find("one", ANA), tasks.find("two", ANA).id) == (None, "two")


def test_results_are_kept_for_others_as_long_as_there_is_room_for_them(engine, clock):
    results = SqlResults(engine, clock=clock, most=10)
    results.keep("a", "12345")
    clock.now += 1
    results.keep("b", "67890")
    assert (results.get("a"), results.get("b"), results.get("c")) == ("12345", "67890", None)
    clock.now += 1
    results.keep("b", "678901")
    assert (results.get("a"), results.get("b")) == (None, "678901")
    clock.now += 31 * 86_400
    assert results.get("b") is None


def test_without_its_database_nothing_was_worked_out_before(engine):
    results = SqlResults(open_state("postgresql://nobody@127.0.0.1:9/none"))
    results.keep("a", "1")
    assert results.get("a") is None
