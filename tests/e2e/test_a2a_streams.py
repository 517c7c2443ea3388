"""Streams of A2A from the real process: dropped ones leave nothing, and SIGTERM ends open ones in order."""

import time
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
PING_SECONDS = 15
MOST_THREADS_MORE = 40
"""Those that answer are started when they are first needed, and stay."""


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


def opened(running, count, *, name="ada"):
    """So many streams of calls that wait for the miner, each with its first event read, and their tasks."""
    streams = [running.stream(*LOOK, name=name) for _ in range(count)]
    return streams, [task_id_of(next(iter(stream))) for stream in streams]


def test_200_dropped_streams_leave_nothing_behind_and_their_tasks_complete(folder):
    tasks = []
    with gateway(folder) as running:
        pass
    with waiting_miner() as miner, gateway(folder, PATTERN_MINER_URL=miner.server.url) as running:
        ...
