"""Work that takes longer than a call: told of by an id, asked for on any instance, and given up."""

import asyncio
import threading
import time
from http import HTTPStatus

import pytest

from a2a_gateway.answer import Answer, CannotAnswer, Question
from a2a_gateway.callers.caller import LOCAL, Caller
from a2a_gateway.skill import AskingSkill
from a2a_gateway.tasks.pool import TaskPool
from a2a_gateway.tasks.queue import TaskQueue
from a2a_gateway.tasks.sql_tasks import TASK_TABLES, SqlTasks
from devnexus.errors import Unavailable
from devnexus.state import create_tables, open_state

BEN = Caller("ben@example.com", is_verified=True)


@pytest.fixture
def engine(tmp_path):
    engine = open_state(f"sqlite:///{tmp_path}/state.db")
    create_tables(engine, TASK_TABLES)
    yield engine
    engine.dispose()


class Slow:
    """A skill that goes on until it is let go, or cancelled."""

    def __init__(self):
        self.go = threading.Event()
        self.skill = AskingSkill(
            **{"id": "slow", "name": "Slow", "description": "Takes its time.", "tags": ()},
            **{"input": Question, "output": Answer, "run": self.run, "example": Question()},
        )

    def run(self, given, knowledge, world):
        until = time.monotonic() + 20
        while not self.go.wait(0.01) and time.monotonic() < until:
            world.progress("counting")
        return Answer()


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def pool(engine):
    return TaskPool(SqlTasks(engine), wait_seconds=0.1, beat_seconds=0.05)


@pytest.fixture
def serving(pool, slow, make_world):
    """The site, with tasks as they are in a service."""
    world = make_world(skills={"slow": slow.skill}, tasks=pool)
    world.put()
    yield world
    slow.go.set()
    pool.stop()
    pool.close()


def workflow(world, task_id, status):
    """How a task stands, once it is said to be so."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        shown = world.client.get(f"/a2a/workflow/{task_id}").json()
        if shown["status"] == status:
            return shown
        time.sleep(0.01)
    raise AssertionError(shown)


def test_what_takes_long_is_told_of_and_can_be_asked_for(serving, slow):
    queued = serving.execute("slow")
    assert queued.status_code == 202
    assert (queued.json()["success"], queued.json()["state"]) == (True, "async_queued")
    task_id = queued.json()["workflow_id"]
    running = workflow(serving, task_id, "running")
    assert (running["success"], running["progress_percent"], running["error"]) == (True, 0, None)
    assert running["metadata"]["current_step"] == "counting"
    slow.go.set()
    done = workflow(serving, task_id, "completed")
    assert (done["progress_percent"], done["answer"], done["results"]) == (
        100,
        {"success": True},
        [{"success": True}],
    )


def test_what_is_quick_is_answered_at_once_and_leaves_nothing_behind(serving, slow, pool):
    slow.go.set()
    assert serving.execute("slow").json()["success"] is True
    assert pool._here == {}


def test_another_instance_can_say_how_a_task_stands_and_cancel_it(serving, engine):
    task_id = serving.execute("slow").json()["workflow_id"]
    other = TaskPool(SqlTasks(engine))
    until = time.monotonic() + 10
    while other.find(task_id, LOCAL).step != "counting" and time.monotonic() < until:
        time.sleep(0.01)
    assert other.find(task_id, LOCAL).status == "running"
    assert other.cancel(task_id, LOCAL).id == task_id
    failed = workflow(serving, task_id, "failed")
    assert (failed["success"], failed["metadata"]["state"]) == (False, "cancelled")


def test_who_calls_by_skill_name_finds_the_task_where_their_envelope_has_it(serving):
    queued = serving.client.post("/a2a/execute", json={"skill_name": "slow", "input_data": {}})
    assert (queued.status_code, queued.json()["success"]) == (202, True)
    running = workflow(serving, queued.json()["task_id"], "running")
    assert running["timestamp"].endswith("Z") and running["execution_time_ms"] >= 0


def test_whoever_asked_can_cancel_and_nobody_else_can_ask_or_cancel(serving, pool):
    task_id = serving.execute("slow").json()["workflow_id"]
    assert pool.find(task_id, BEN) is None
    assert pool.cancel(task_id, BEN) is None
    assert serving.client.get("/a2a/workflow/none").status_code == 404
    answer = serving.client.post("/a2a/cancel", json={"task_id": task_id})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    workflow(serving, task_id, "failed")
    answer = serving.client.post("/a2a/cancel", json={"task_id": task_id})
    told = {"task_id": task_id, "status": "cancelled", "message": "It had ended before"}
    assert told.items() <= answer.json().items()


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (CannotAnswer("No such thing", status=HTTPStatus.NOT_FOUND), "No such thing"),
        (Unavailable("a secret host"), "What it depends on did not answer. Send the call again."),
        (KeyError("a secret"), "Internal error"),
    ],
)
def test_a_task_that_fails_says_why_and_a_bug_shows_nothing_of_the_inside(serving, slow, problem, said):
    def fail(given, knowledge, world):
        slow.go.wait(10)
        raise problem

    object.__setattr__(slow.skill, "run", fail)
    task_id = serving.execute("slow").json()["workflow_id"]
    slow.go.set()
    assert workflow(serving, task_id, "failed")["error"] == said


def test_when_the_instance_stops_callers_are_told_to_ask_again(engine, slow):
    async def stopping():
        pool = TaskPool(SqlTasks(engine), wait_seconds=0.05)
        work = lambda progress: slow.run(None, None, World(progress))  # noqa: E731
        told = await pool.run(work, caller=LOCAL, skill="slow")
        pool._wait_seconds = 10
        waiting = asyncio.create_task(pool.run(work, caller=LOCAL, skill="slow"))
        await asyncio.sleep(0.05)
        pool.stop()
        refused = await asyncio.gather(waiting, return_exceptions=True)
        pool.close()
        return told, refused

    told, (refused,) = asyncio.run(stopping())
    assert (refused.status, refused.fields["retry_after_seconds"]) == (503, 10)
    found = SqlTasks(engine).find(told.task_id, LOCAL)
    assert (found.status, found.outcome.error) == (
        "failed",
        "The instance that worked on it was stopped. Send the call again.",
    )


class World:
    def __init__(self, progress):
        self.progress = progress


def test_nobody_takes_all_threads_and_whoever_waits_gets_the_next():
    queue = TaskQueue(threads=3, per_caller=2)
    for caller, task in [("ana", 1), ("ana", 2), ("ana", 3), ("ben", 4), ("ben", 5)]:
        queue.add(caller, task)
    assert [queue.next(), queue.next(), queue.next(), queue.next()] == [1, 2, 4, None]
    queue.done("ben")
    assert queue.next() == 5
    queue.done("ana")
    assert queue.next() == 3


def test_the_line_has_an_end_and_the_call_beyond_it_is_told_when_to_try_again(serving):
    queue = serving.performer.tasks._queue
    while queue.has_room_for("anonymous"):
        queue.add("anonymous", None)
    answer = serving.execute("slow")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert queue.has_room_for("ben@example.com")
    queue._waiting.clear()
