"""The writer's loop: what its heartbeat tells, and how it ends."""

import os
import threading
import time

import pytest

from devnexus.errors import ConfigurationError, Unavailable
from kb_writer import main
from kb_writer.main import start_heartbeat, work
from kb_writer.watchdog import Watchdog

LONG_AGO = 1_000_000_000


class ScriptedPuller:
    """Each pull gives the next of `outcomes`; the last one is followed by `stop`."""

    def __init__(self, stop, *outcomes):
        self._stop, self._outcomes = stop, list(outcomes)
        self.patience = []

    def pull(self, max_messages, *, patiently):
        self.patience.append(patiently)
        outcome = self._outcomes.pop(0)
        if not self._outcomes:
            self._stop.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Consumer:
    def __init__(self):
        self.consumed = []
        self.announced = 0
        self.pauses = []

    def consume(self, messages):
        self.consumed += messages

    def announce(self):
        self.announced += 1

    def pause_seconds(self):
        return self.pauses.pop(0) if self.pauses else 0.0


@pytest.fixture
def heartbeat(tmp_path):
    """A heartbeat of long ago."""
    path = tmp_path / "heartbeat"
    path.touch()
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def run(heartbeat, *outcomes):
    stop, consumer = threading.Event(), Consumer()
    work(ScriptedPuller(stop, *outcomes), consumer, heartbeat=Watchdog(heartbeat), stop=stop)
    return consumer.consumed


def test_a_pull_that_brings_nothing_is_a_heartbeat(heartbeat):
    assert run(heartbeat, []) == []
    assert heartbeat.stat().st_mtime > LONG_AGO


def test_what_was_in_hand_at_the_stop_is_consumed(heartbeat):
    assert run(heartbeat, ["a"], ["b", "c"]) == ["a", "b", "c"]


def test_a_pull_that_is_not_answered_is_no_heartbeat(heartbeat, monkeypatch):
    monkeypatch.setattr(main, "_PAUSE_SECONDS", 0.01)
    run(heartbeat, Unavailable("down"), Unavailable("down"))
    assert heartbeat.stat().st_mtime == LONG_AGO
    assert run(heartbeat, Unavailable("down"), ["a"]) == ["a"]
    assert heartbeat.stat().st_mtime > LONG_AGO


def test_the_heartbeat_of_an_earlier_process_is_taken_away(heartbeat):
    assert start_heartbeat(heartbeat) == heartbeat
    assert not heartbeat.exists()


def test_a_relative_heartbeat_is_below_the_folder_for_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert start_heartbeat("beat") == tmp_path / "beat"


def test_a_heartbeat_that_cannot_be_kept_stops_the_start(tmp_path):
    with pytest.raises(ConfigurationError, match="HEARTBEAT_FILE: .*none/beat cannot be written"):
        start_heartbeat(tmp_path / "none" / "beat")


def test_an_idle_writer_looks_for_commits_that_nobody_was_told_of_but_not_at_every_pull(heartbeat):
    stop, consumer = threading.Event(), Consumer()
    work(ScriptedPuller(stop, [], [], []), consumer, heartbeat=Watchdog(heartbeat), stop=stop)
    assert consumer.announced == 1


def test_a_pause_on_purpose_keeps_the_heartbeat_young_and_the_next_pull_brings_all_there_is(
    heartbeat, monkeypatch
):
    monkeypatch.setattr(main, "_LOOK_AROUND_SECONDS", 0.1)
    stop, consumer = threading.Event(), Consumer()
    consumer.pauses = [0.3, 0.2, 0.05]
    puller = ScriptedPuller(stop, ["a"], ["b"])
    started = time.monotonic()
    work(puller, consumer, heartbeat=Watchdog(heartbeat), stop=stop)
    assert time.monotonic() - started >= 0.25  # twice the longest look, then the last pause
    assert heartbeat.stat().st_mtime > LONG_AGO
    assert (consumer.consumed, puller.patience) == (["a", "b"], [True, False])
