"""Two writers at once, killed at random, on either Pub/Sub: nothing is lost, nothing stands twice."""

import os
import sys
from pathlib import Path
from random import Random

import pytest
from chaos.events import events
from chaos.world import Left, World
from fakes.git_store import MemoryStore

from devnexus.codec import encode
from devnexus.knowledge.layout import HISTORY, PROJECTIONS
from kb_writer.group_commit import Writer

EVENTS = int(os.environ.get("CHAOS_EVENTS", "300"))
SEED = 20261124
PER_SECOND = 38
KILL_EVERY = (1.0, 3.0)
FEWEST_KILLS = EVENTS // 100

WRITER = (sys.executable, "-m", "kb_writer")
CARELESS_WRITER = (sys.executable, str(Path(__file__).parents[1] / "chaos" / "careless_writer.py"))

POISON = (
    b"\xff{",
    {
        "content-type": "application/json",
        "ce-id": "poison",
        "ce-source": "/chaos",
        "ce-specversion": "1.0",
        "ce-type": "lesson.learned.v1",
    },
)
"""A message whose bytes can never be read."""

ROUNDS = 5
"""How often the careless writers may be lucky."""


@pytest.fixture
def endpoint(pubsub, monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    return pubsub


def test_two_writers_that_are_killed_lose_nothing_and_repeat_nothing(endpoint, tmp_path):
    random = Random(SEED)
    records = events(EVENTS, repositories=20, random=random)
    world = World(tmp_path, WRITER, pubsub=endpoint, random=random)
    left = disturbed(world, records, random, per_second=PER_SECOND, kill_every=KILL_EVERY, quiet_seconds=90)
    assert_nothing_is_lost(left, records)
    assert left.kills >= FEWEST_KILLS


def test_writers_that_ignore_the_expected_head_are_caught(endpoint, tmp_path):
    def rounds():
        for number in range(ROUNDS):
            random = Random(SEED + number)
            records = events(80, repositories=2, random=random)
            (tmp_path / str(number)).mkdir()
            world = World(tmp_path / str(number), CARELESS_WRITER, pubsub=endpoint, random=random)
            left = disturbed(world, records, random, per_second=40, kill_every=(1e9, 1e9), quiet_seconds=4)
            assert_nothing_is_lost(left, records)

    with pytest.raises(AssertionError, match="lost"):
        rounds()


def disturbed(world, records, random, *, per_second, kill_every, quiet_seconds):
    """What is left once the world has taken these records, a tenth of them twice, and the poison."""
    messages = [encode(record, source="/chaos") for record in records]
    messages += random.sample(messages, k=len(messages) // 10)
    random.shuffle(messages)
    messages.insert(len(messages) // 2, POISON)
    with world:
        world.publish(messages, per_second=per_second, kill_every=kill_every)
        world.wait_for(
            {record.id for record in records}, seconds=60 + len(records) / 10, quiet_seconds=quiet_seconds
        )
        return world.stop()


def undisturbed(records):
    """What one writer that nobody disturbs makes of these records at once."""
    store = MemoryStore()
    Writer(store).group_commit(records)
    return store.read([HISTORY, PROJECTIONS], at=store.head())


def assert_nothing_is_lost(left: Left, records):
    expected = undisturbed(records)
    ids = left.ids()
    lost = {record.id for record in records} - ids.keys()
    where = f"({len(left.parked)} messages are dead letters)"
    assert not lost, f"{len(lost)} of {len(records)} records are lost {where}: {sorted(lost)[:5]}"
    assert [id_ for id_, times in ids.items() if times > 1] == []
    differing = {path for path in {*left.files, *expected} if left.files.get(path) != expected.get(path)}
    assert not differing, f"something is lost in {sorted(differing)[:5]}"
    assert {len(parents) for _, *parents in left.commits} == {1}
    assert left.along_first_parents == len(left.commits) + 1
    assert {commit for commit, _ in left.commits} - left.announced == set()
    assert left.parked
    assert [message for message in left.parked if message != POISON] == []
