"""Bulk work takes turns, a few at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from devnexus.errors import Unavailable
from extractor.behind_live import TURNS, BehindLive
from extractor.gunicorn_settings import threads

PUSHED_AT_ONCE = 8
"""Of one subscription, by the Pub/Sub on this machine."""


def test_of_many_a_few_are_read_at_a_time_and_all_in_the_end():
    bulk, lock = BehindLive(), threading.Lock()
    inside, most, done = 0, 0, []
    full, go_on = threading.Event(), threading.Event()

    def read(number):
        nonlocal inside, most
        with bulk.turn():
            with lock:
                inside += 1
                most = max(most, inside)
            if inside == TURNS:
                full.set()
            assert go_on.wait(10)
            with lock:
                inside -= 1
                done.append(number)

    with ThreadPoolExecutor(PUSHED_AT_ONCE) as pool:
        reading = [pool.submit(read, number) for number in range(PUSHED_AT_ONCE)]
        assert full.wait(10)
        go_on.set()
        for one in reading:
            one.result()
    assert (most, sorted(done)) == (TURNS, list(range(PUSHED_AT_ONCE)))


def test_who_waits_too_long_is_sent_away_to_come_again_and_the_turn_is_not_lost():
    bulk = BehindLive(1, patience_seconds=0.01)
    with bulk.turn(), pytest.raises(Unavailable), bulk.turn():
        pass
    with pytest.raises(ValueError), bulk.turn():
        raise ValueError("a bug")
    with bulk.turn():
        pass


def test_a_live_push_finds_a_thread_while_bulk_work_holds_as_many_as_it_can():
    assert threads >= 2 * PUSHED_AT_ONCE
