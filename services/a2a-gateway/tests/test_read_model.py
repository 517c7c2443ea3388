"""What is served follows the head of the knowledge base, and says so where it cannot."""

import logging
import threading
import time

import pytest
from builders import known

from a2a_gateway.answer import Answer, Question
from a2a_gateway.callers.caller import LOCAL
from a2a_gateway.knowledge.read_model import (
    FRESH_SECONDS,
    LOOK_EVERY_SECONDS,
    SAY_EVERY_SECONDS,
    ReadModel,
)
from a2a_gateway.skill import ReadingSkill
from devnexus.errors import Unavailable
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.store import Damaged


def names(reading):
    return sorted(reading.names.values())


def test_a_commit_is_seen_a_second_later(world):
    assert len(world.reading().view.pages) == 5
    world.put(known("acme/new", 6))
    assert len(world.reading().view.pages) == 5
    world.now += LOOK_EVERY_SECONDS
    reading = world.reading()
    assert (len(reading.view.pages), reading.revision) == (6, world.store.head())
    assert reading.stale_seconds == 0


def test_what_a_caller_wrote_is_there_for_their_next_call(writer):
    issue = {"service_type": "gke", "issue_type": "crash", "severity": "low", "log_snippet": "x"}
    told = writer.execute("add_runtime_issue", repository="acme/api", **issue).json()
    assert told["committed"]
    changed = writer.execute("update_runtime_issue", issue_id=told["issue_id"], status="fixed")
    assert (changed.status_code, changed.json()["previous_status"]) == (200, "open")


@pytest.mark.parametrize("failure", [Unavailable("away"), Damaged("broken"), OSError("no disk")])
def test_an_outage_serves_what_was_there_with_its_age_and_ends_by_itself(world, failure, monkeypatch):
    world.reading()

    def fail():
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(world, "head", fail, raising=False)
        world.now += 90
        reading = world.reading()
        assert (len(reading.view.pages), reading.stale_seconds) == (5, 90)
        world.now += 30
        assert world.reading().stale_seconds == 120
    world.now += LOOK_EVERY_SECONDS
    assert world.reading().stale_seconds == 0


def test_answers_say_how_old_they_are_in_an_outage(world):
    world.execute("get_repository_list")
    world.is_down = True
    world.now += 90
    assert world.execute("get_repository_list").json()["stale_seconds"] == 90
    assert "what was known 90 seconds ago" in world.page("/overview")


def test_the_log_says_once_a_minute_how_old_what_is_served_may_be(world, caplog):
    caplog.set_level(logging.INFO, logger="a2a_gateway.knowledge.read_model")

    def said():
        world.model.say_age()
        ages = [(one.levelname, one.age_ms) for one in caplog.records if "age" in one.getMessage()]
        caplog.clear()
        return ages

    world.reading()
    assert (said(), said()) == ([("INFO", 0)], [])
    world.is_down = True
    world.now += SAY_EVERY_SECONDS
    world.reading()
    assert said() == [("WARNING", 60_000)]
    world.now += SAY_EVERY_SECONDS
    assert said() == [("WARNING", 120_000)]


def test_the_age_is_said_where_nobody_asks_for_anything(world, caplog):
    caplog.set_level(logging.INFO, logger="a2a_gateway.knowledge.read_model")
    world.model.keep_looking()
    until = time.monotonic() + 10
    while not caplog.records:
        assert time.monotonic() < until
        time.sleep(0.01)
    world.model.end()
    assert [one.age_ms for one in caplog.records] == [0]


def test_before_anything_was_read_there_is_an_error_and_never_an_empty_answer(world):
    world.is_down = True
    answer = world.execute("get_repository_list")
    assert (answer.status_code, answer.json()["success"]) == (503, False)
    assert "cannot be read" in answer.json()["error"]
    assert world.client.get("/overview").status_code == 503
    call = {"skill_name": "get_repository_list"}
    answer = world.client.post("/a2a/execute", json=call)
    assert (answer.status_code, answer.json()["data"]) == (503, None)
    world.is_down = False
    world.now += LOOK_EVERY_SECONDS
    assert world.execute("get_repository_list").json()["total_count"] == 5


def test_while_one_looks_the_others_are_served_what_is_there_until_it_is_too_old(world):
    looking, go_on, calls = threading.Event(), threading.Event(), []

    class Slow:
        def head(self):
            calls.append(threading.current_thread().name)
            if len(calls) > 1:
                looking.set()
                go_on.wait(10)
            return world.store.head()

        def __getattr__(self, name):
            return getattr(world.store, name)

    now = [0.0]
    model = ReadModel(Slow(), clock=lambda: now[0])
    before = model.reading(LOCAL)
    now[0] += LOOK_EVERY_SECONDS
    world.put(known("acme/new", 6))
    slow = threading.Thread(target=model.reading, args=[LOCAL])
    slow.start()
    looking.wait(10)
    assert model.reading(LOCAL) is before
    now[0] += FRESH_SECONDS
    waiting = []
    patient = threading.Thread(target=lambda: waiting.append(model.reading(LOCAL)))
    patient.start()
    patient.join(0.2)
    assert patient.is_alive()
    go_on.set()
    patient.join(10)
    slow.join(10)
    assert waiting[0].revision == world.store.head()
    assert len(calls) == 2


def test_who_waits_too_long_gets_what_is_there_with_its_age(world, monkeypatch):
    monkeypatch.setattr("a2a_gateway.knowledge.read_model._PATIENCE_SECONDS", 0.05)
    model = ReadModel(world.store, clock=lambda: world.now)
    model.reading(LOCAL)
    world.now += FRESH_SECONDS + 1
    with model._looking:  # another thread, in a git that hangs
        assert model.reading(LOCAL).stale_seconds == 6


def test_repositories_that_claim_one_name_are_told_apart(empty):
    first, second = known("acme/api", 1), known("acme/api", 2, minute=1)
    holder = second.model_copy(update={"name_shared_with": ("github.com/1",)})
    files = {
        projection_path("acme/api"): holder.page(),
        projection_path("acme/api", "github.com/1"): first.page(),
    }
    empty.store.commit(files, message="both", expected_head=empty.store.head())
    assert names(empty.reading()) == ["acme/api", "acme/api@github.com+1"]
    listed = empty.execute("get_repository_list", include_metadata=False).json()
    assert (listed["repositories"], listed["total_count"]) == (["acme/api"], 1)
    assert "/repositories/acme/api%40github.com%2B1" in empty.page("/repositories/acme/api")
    assert "<h1>acme/api@github.com+1</h1>" in empty.page("/repositories/acme/api%40github.com%2B1")


def test_while_somebody_asks_it_looks_by_itself_and_nobody_waits(world, monkeypatch):
    monkeypatch.setattr("a2a_gateway.knowledge.read_model.LOOK_EVERY_SECONDS", 0.05)
    looking = set()

    class Store:
        def head(self):
            looking.add(threading.current_thread().name)
            return world.store.head()

        def __getattr__(self, name):
            return getattr(world.store, name)

    model = ReadModel(Store())
    model.warm_up()
    looking.clear()
    model.keep_looking()
    model._look_after_seconds = 60
    try:
        world.put(known("acme/new", 6))
        until = time.monotonic() + 10
        while model.at_hand(LOCAL).revision != world.store.head() and time.monotonic() < until:
            time.sleep(0.01)
        assert model.reading(LOCAL).revision == world.store.head()
        assert looking == {"read-model"}
    finally:
        model.end()


def test_nothing_is_at_hand_when_it_is_time_to_look_or_the_store_does_not_answer(world):
    assert world.model.at_hand(LOCAL) is None
    reading = world.reading()
    assert world.model.at_hand(LOCAL) is reading
    world.now += LOOK_EVERY_SECONDS
    assert world.model.at_hand(LOCAL) is None
    world.is_down = True
    world.reading()
    assert world.model.at_hand(LOCAL) is None


def test_health_is_told_while_all_threads_that_read_are_taken(make_world):
    go_on, inside = threading.Event(), threading.Semaphore(0)

    def wait(asked, knowledge):
        inside.release()
        go_on.wait(10)
        return Answer()

    skill = ReadingSkill(
        id="wait",
        name="Wait",
        description="Wait.",
        tags=(),
        input=Question,
        output=Answer,
        run=wait,
        example=Question(),
    )
    world = make_world(skills={"wait": skill})
    world.put(known("acme/api", 1))
    with world.client:
        asking = [threading.Thread(target=world.execute, args=["wait"]) for _ in range(60)]
        for thread in asking:
            thread.start()
        try:
            assert all(inside.acquire(timeout=10) for _ in range(4))
            assert world.client.get("/health").json()["status"] == "healthy"
            world.now += LOOK_EVERY_SECONDS
            assert world.client.get("/health").status_code == 200
        finally:
            go_on.set()
            for thread in asking:
                thread.join(10)
