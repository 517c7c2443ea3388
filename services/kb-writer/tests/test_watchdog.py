"""A writer to which nothing comes any more ends, whatever it waits for, and says why."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from fakes.knowledge import make_store

from kb_writer.watchdog import HANGS

RUN = """if True:
    import os, signal, threading, time
    from kb_writer import main
    {before}
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    main.run(os.environ, stop, silent_seconds={seconds})
"""


@pytest.fixture
def start(tmp_path):
    """Starts a real writer with a Pub/Sub at that address."""
    make_store(tmp_path / "kb.git").close()
    processes = []

    def start(pubsub, *, seconds, before=""):
        environment = {
            **os.environ,
            "GOOGLE_CLOUD_PROJECT": "p",
            "KNOWLEDGE": str(tmp_path / "kb.git"),
            "PUBSUB_EMULATOR_HOST": pubsub,
            "HEARTBEAT_FILE": str(tmp_path / "heartbeat"),
            "METRICS_PORT": "",
        }
        code = RUN.format(before=before, seconds=seconds)
        processes.append(
            subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def last_words(process):
    output, _ = process.communicate(timeout=60)
    lines = [json.loads(line) for line in output.splitlines()]
    (critical,) = [line for line in lines if line["severity"] == "CRITICAL"]
    assert lines[-1] == critical
    return critical


def test_a_writer_whose_pubsub_takes_connections_and_never_answers_ends(start):
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        writer = start(f"127.0.0.1:{hanging.getsockname()[1]}", seconds=6)
        said = last_words(writer)
    assert writer.returncode == HANGS
    assert "no sign of life for 6 s (cannot pull from projects/p/subscriptions/kb-writer" in said["message"]
    assert "does Pub/Sub answer" in said["message"]


def test_a_call_that_never_comes_back_ends_too_with_where_it_hangs(start):
    hang = "main.Puller.pull = lambda *_, **__: time.sleep(3600)"
    writer = start("127.0.0.1:1", seconds=3, before=hang)
    said = last_words(writer)
    assert writer.returncode == HANGS
    assert "a call that has not come back" in said["message"]
    assert "in work" in said["main_thread"]


def test_a_writer_that_is_answered_pauses_on_purpose_or_was_frozen_for_a_while_goes_on(start):
    answered = "main.Puller.pull = lambda *_, **__: []"
    pausing = "main.Consumer.pause_seconds = lambda *_: 0.2; main.Consumer.announce = lambda _: None"
    writer = start("127.0.0.1:1", seconds=3, before=f"{answered}; {pausing}")
    time.sleep(5)
    writer.send_signal(signal.SIGSTOP)
    time.sleep(4)
    writer.send_signal(signal.SIGCONT)
    time.sleep(1)
    assert writer.poll() is None
    writer.send_signal(signal.SIGTERM)
    assert writer.wait(10) == 0
