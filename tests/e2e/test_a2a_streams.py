"""Streams of A2A from the real process: dropped ones leave nothing, and SIGTERM ends open ones in order."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from builders import known
from fakes.knowledge import make_store, put
from google.cloud.pubsub_v1 import PublisherClient
from streamed import gateway, message, settled, state_of, task_id_of, waiting_miner

from devnexus.topology import load_topology

LOOK = ("trigger_deep_analysis", {"repository": "acme/api"})
LESSON = (
    "add_lesson_learned",
    {"repository": "acme/api", "category": "reliability", "lesson": "Give the pool a timeout"},
)
HELD_UP_SECONDS = 2.0
"""A busy machine takes its time; whoever waits for a stream to end waits for ever."""

GOING_ON = {"TASK_STATE_SUBMITTED", "TASK_STATE_WORKING"}


@pytest.fixture
def folder(tmp_path):
    with closing(make_store(tmp_path / "knowledge.git")) as store:
        put(store, [known("acme/api", 1, patterns=["retry-backoff"])])
    return tmp_path


@pytest.fixture
def project(pubsub, monkeypatch):
    """A project whose topics nobody listens to: what is written there is never committed."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    name = f"streams-{uuid.uuid4().hex[:8]}"
    publisher = PublisherClient()
    for topic in load_topology().topics:
        publisher.create_topic(name=f"projects/{name}/topics/{topic.name}")
    publisher.stop()
    return {"GOOGLE_CLOUD_PROJECT": name, "PUBSUB_EMULATOR_HOST": pubsub}


def started(folder, database_url, miner, **environment):
    return gateway(folder, DATABASE_URL=database_url, PATTERN_MINER_URL=miner.server.url, **environment)


def opened(running, count, *, name="ada"):
    """So many streams of calls that wait for the miner, each with its first event read, and their tasks."""
    streams = [running.stream(*LOOK, name=name) for _ in range(count)]
    return streams, [task_id_of(next(iter(stream))) for stream in streams]


def wave(running, miner):
    """Fifty streams of two callers, dropped while their calls go on; their tasks have ended after it."""
    miner.hold()
    ended = []
    for name in ("ben", "eva"):
        streams, tasks = opened(running, 25, name=name)
        for stream in streams:
            stream.drop()
        ended += [(task, name) for task in tasks]
    assert running.task(ended[-1][0], name="eva")["status"]["state"] in GOING_ON
    miner.answer()
    settled(running.counts, lambda counts: not counts["kinds"])
    return [running.task(task, name=name)["status"]["state"] for task, name in ended]


def test_200_dropped_streams_leave_nothing_behind_and_their_tasks_complete(folder, database_url):
    with waiting_miner() as miner, started(folder, database_url, miner) as running:
        assert wave(running, miner) == ["TASK_STATE_COMPLETED"] * 50
        before, (threads, files, kilobytes) = running.counts(), running.footprint()
        ends = [state for _ in range(4) for state in wave(running, miner)]
        after, (threads_after, files_after, kilobytes_after) = running.counts(), running.footprint()
    assert ends == ["TASK_STATE_COMPLETED"] * 200
    assert after == before
    assert (threads_after - threads, files_after - files) <= (2, 2)
    assert kilobytes_after - kilobytes < 10_000


def test_health_is_told_while_40_streams_are_open_and_these_are_kept_alive(folder):
    with waiting_miner() as miner, gateway(folder, PATTERN_MINER_URL=miner.server.url) as running:
        streams = [stream for name in ("ben", "eva") for stream in opened(running, 20, name=name)[0]]
        assert max(running.health_seconds() for _ in range(200)) < HELD_UP_SECONDS
        assert next(line for line in streams[0].lines if line.startswith(b":")).startswith(b": ping")
        miner.answer()
        assert [stream.states()[-1] for stream in streams] == ["COMPLETED"] * 40


def test_sigterm_ends_streams_in_order_and_what_goes_on_says_so(folder, database_url, project):
    with (
        waiting_miner() as miner,
        started(folder, database_url, miner, **project) as running,
        ThreadPoolExecutor(10) as clients,
    ):
        parked = running.rpc("SendMessage", {"message": message(None, None)}).json()["result"]["task"]
        looking, (looked_at, *_) = opened(running, 6)
        told = running.stream(*LESSON)
        lesson = task_id_of(next(iter(told)))
        waiting = clients.submit(running.rpc, "SendMessage", {"message": message(*LESSON)})
        listening = [running.subscribe(task) for task in (looked_at, lesson, parked["id"])]
        settled(lambda: running.task(lesson), lambda task: "event_id" in task.get("metadata", {}))
        said = [clients.submit(list, stream) for stream in (*looking, told, *listening)]
        assert running.stop() < 8
        *looks, write, look_heard, write_heard, parked_heard = [heard.result() for heard in said]
    for look in (*looks, look_heard):
        assert state_of(look[-1]) == "FAILED"
        assert "The instance that worked on it was stopped" in str(look[-1])
    assert {state_of(event) for event in (*write, *write_heard)} == {"WORKING"}
    assert [state_of(event) for event in parked_heard] == ["INPUT_REQUIRED"]
    answer = waiting.result().json()["result"]["task"]
    assert answer["status"]["state"] == "TASK_STATE_WORKING"
    assert "event_id" in answer["metadata"]
    assert [line for line in running.log if line["severity"] == "ERROR"] == []
