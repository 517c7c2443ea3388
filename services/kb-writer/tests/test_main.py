"""The writer's loop: what its heartbeat tells, and how it ends."""

import os
import threading

import pytest

from devnexus.errors import ConfigurationError, Unavailable
from kb_writer import main
from kb_writer.main import start_heartbeat, work

LONG_AGO = 1_000_000_000


class ScriptedPuller:
    """Each pull gives the next of `outcomes`; the last one is followed by `stop`."""

    def __init__(self, stop, *outcomes):
        self._stop, self._outcomes = stop, list(outcomes)

    def pull(self, max_messages, *, patiently):
        outcome = self._outcomes.pop(0)
        if not self._outcomes:
            self._stop.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Consumer:
    def __init__(self):
        self.consumed = []

    def consume(self, messages):
        self.consumed += messages

    def announce(self):
        pass

    def pause_seconds(self):
        return 0.0


@pytest.fixture
def heartbeat(tmp_path):
    """A heartbeat of long ago."""
    path = tmp_path / "heartbeat"
    path.touch()
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def run(heartbeat, *outcomes):
    stop, consumer = threading.Event(), Consumer()
    work(ScriptedPuller(stop, *outcomes), consumer, heartbeat=heartbeat, stop=stop)
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
