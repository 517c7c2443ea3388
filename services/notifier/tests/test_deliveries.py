"""Deliveries over time, with the clock in the test's hand: retries, cool-downs, ends."""

import base64
import logging
import time
from collections import Counter

import pytest
from delivery_world import DeliveryWorld, Target
from fakes.webhook_target import WebhookTarget
from notices import requested

from devnexus.errors import Rejected
from notifier.channel import DeliveryFailed, Surroundings
from notifier.channels.webhook import CHANNEL, WebhookFields
from notifier.deliveries import CLAIM_SECONDS, DUE_PER_TARGET
from notifier.schedule import MOST_ATTEMPTS, wait_after

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.fixture
def world(tmp_path):
    made = DeliveryWorld(f"sqlite:///{tmp_path / 'state.db'}")
    yield made
    made.close()


def down(times=1, **how):
    return [DeliveryFailed("example.org answered 500", **how) for _ in range(times)]


def test_a_notice_is_delivered_at_once_and_not_again(world):
    request = requested()
    world.deliveries.accept(request)
    assert world.later(DAY) == 0
    assert world.team.sent == [request.id]
    row = world.row(request)
    assert (row.state, row.attempts, row.unclear, row.received) == ("delivered", 1, 0, 1)
    assert (row.finished_at, row.claimed_until, row.last_error) == (1_000_000.0, None, None)


def test_one_of_three_targets_that_fails_four_times_costs_the_others_nothing(world):
    with WebhookTarget() as fine, WebhookTarget() as good, WebhookTarget(*[503] * 4) as bad:
        key = base64.b64encode(bytes(32)).decode()
        surroundings = Surroundings({"KEY": key}, allow_private_targets=True)
        servers = {"fine": fine, "good": good, "bad": bad}
        world.channels = {
            name: CHANNEL.open(WebhookFields(url=server.url, secret="KEY"), surroundings)
            for name, server in servers.items()
        }
        world.deliveries = world.notifier()
        for name in servers:
            world.deliveries.accept(requested(name))
        attempts = [world.later(seconds) for seconds in (6, 6 * MINUTE, 40 * MINUTE, 3 * HOUR, 6 * HOUR)]
    assert attempts == [1, 1, 1, 1, 0]
    assert fine.ids() == [requested("fine").id]
    assert good.ids() == [requested("good").id]
    assert bad.ids() == [requested("bad").id] * 5
    assert len({one.headers["webhook-timestamp"] for one in bad.received}) == 5
    assert len({one.headers["webhook-signature"] for one in bad.received}) == 5
    assert world.row(requested("bad")).attempts == 5


def test_a_redelivered_event_makes_no_second_copy_but_is_counted(world):
    for _ in range(3):
        world.deliveries.accept(requested())
    assert len(world.team.sent) == 1
    assert world.row(requested()).received == 3


def test_a_redelivery_does_not_hurry_what_waits(world):
    world.team.failures = down()
    world.deliveries.accept(requested())
    world.deliveries.accept(requested())
    assert len(world.team.sent) == 1


def test_retries_follow_the_schedule_and_end(world, caplog):
    world.team.failures = down(MOST_ATTEMPTS)
    request = requested()
    world.deliveries.accept(request)
    waits = []
    while world.row(request).state == "waiting":
        waits.append(world.row(request).due_at - world.now)
        assert world.later(waits[-1] - 0.01) == 0
        assert world.later(0.02) == 1
    steps = [5, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24))]
    assert waits == [pytest.approx(step, rel=0.1) for step in steps]
    assert (world.row(request).state, world.row(request).attempts) == ("given_up", 10)
    assert world.row(request).last_error == "example.org answered 500"
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 1
    assert world.later(100 * DAY) == 0


def test_deliveries_of_one_moment_do_not_all_come_back_at_one_moment():
    waits = {wait_after(1, f"delivery {n}", failures_before=0, retry_after=None).delivery for n in range(100)}
    assert len(waits) == 100
    assert all(4.5 <= wait <= 5.5 for wait in waits)


def test_a_permanent_failure_is_the_end(world):
    world.team.failures = down(permanent=True)
    world.deliveries.accept(requested())
    assert world.row(requested()).state == "given_up"
    world.deliveries.accept(requested(number=2))
    assert world.row(requested(number=2)).state == "delivered"


@pytest.mark.parametrize(("asked", "waits"), [(HOUR, HOUR), (1, 5), (10 * DAY, DAY), (-5, 5)])
def test_a_target_is_left_alone_as_long_as_it_asks_up_to_a_day_and_never_shorter_than_planned(
    world, asked, waits
):
    world.team.failures = down(retry_after=asked)
    world.deliveries.accept(requested())
    assert world.row(requested()).due_at - world.now == pytest.approx(waits, rel=0.1)
    world.now += 1
    world.deliveries.accept(requested(number=2))
    assert world.row(requested(number=2)).due_at == pytest.approx(world.row(requested()).due_at)


def test_while_a_target_cools_down_new_notices_wait_without_an_attempt(world):
    world.team.failures = down(2)
    world.deliveries.accept(requested())
    world.later(6)
    attempts = len(world.team.sent)
    for number in range(2, 12):
        world.deliveries.accept(requested(number=number))
    world.deliveries.accept(requested("audit"))
    assert len(world.team.sent) == attempts
    assert len(world.audit.sent) == 1
    assert world.row(requested(number=2)).due_at == pytest.approx(world.now + 5 * MINUTE, abs=30)
    assert world.later(6 * MINUTE) == 11
    assert sorted(world.team.sent[attempts:]) == sorted(requested(number=n).id for n in range(1, 12))


def test_a_target_that_is_down_costs_one_attempt_a_round_however_much_waits(world):
    world.team.failures = down(100)
    for number in range(1, 20):
        world.deliveries.accept(requested(number=number))
    assert len(world.team.sent) == 1
    assert world.later(6) == 1
    assert world.later(6) == 0
    assert world.later(6 * MINUTE) == 1


def test_one_notice_that_a_target_never_takes_holds_up_the_others_for_minutes_not_hours(world):
    class Picky(Target):
        def send(self, delivery_id, notice, at):
            self.sent.append(delivery_id)
            if delivery_id == requested(number=1).id:
                raise DeliveryFailed("example.org answered 500")

    picky = world.channels["team"] = Picky()
    began = world.now
    for number in range(1, 10):
        world.deliveries.accept(requested(number=number))
    while len(set(picky.sent)) < 9:
        world.later(5)
    assert world.now - began < 15 * MINUTE


def test_one_target_s_notices_go_out_in_the_order_they_came(world):
    world.team.failures = down()
    for number in range(1, 10):
        world.deliveries.accept(requested(number=number))
        world.now += 0.1
    world.later(6)
    assert world.team.sent[1:] == [requested(number=number).id for number in range(1, 10)]


def test_a_round_attempts_only_so_many_of_one_target_and_the_rest_in_the_next(world):
    world.team.failures = down()
    for number in range(DUE_PER_TARGET + 5):
        world.deliveries.accept(requested(number=number))
    world.team.sent.clear()
    assert world.later(6) == DUE_PER_TARGET
    assert world.later(0) == 5
    assert set(Counter(world.team.sent).values()) == {1}


def test_a_target_that_these_routes_do_not_name_is_told_once_they_do(world):
    team = world.channels.pop("team")
    world.deliveries.accept(requested())
    row = world.row(requested())
    assert (row.state, row.last_error) == ("waiting", "the routes name no such target")
    world.channels["team"] = team
    world.later(6)
    assert world.row(requested()).state == "delivered"


def test_an_attempt_whose_outcome_nobody_kept_is_made_again_once_its_claim_expired(world):
    request = requested()
    world.store.record(request, now=world.now)
    assert world.store.claim(request.id, now=world.now, until=world.now + CLAIM_SECONDS)  # and then a crash
    world.deliveries.accept(request)
    assert world.later(CLAIM_SECONDS - 1) == 0
    assert world.team.sent == []
    assert world.later(1) == 1
    row = world.row(request)
    assert (row.state, row.attempts, row.unclear) == ("delivered", 2, 1)


def test_a_delivery_that_ends_the_process_each_time_is_given_up_in_the_end(world):
    request = requested()
    world.store.record(request, now=world.now)
    for _ in range(MOST_ATTEMPTS):
        assert world.store.claim(request.id, now=world.now, until=world.now + CLAIM_SECONDS)
        world.now += CLAIM_SECONDS
    world.later(0)
    row = world.row(request)
    assert (row.state, row.unclear, world.team.sent) == ("given_up", MOST_ATTEMPTS, [])


def test_a_bug_in_one_channel_does_not_stop_the_others_and_does_not_hide(world):
    world.team.failures, world.audit.failures = down(), down()
    world.deliveries.accept(requested())
    world.deliveries.accept(requested("audit"))
    world.team.failures = [KeyError("a bug")]
    world.later(6)
    assert world.row(requested("audit")).state == "delivered"
    row = world.row(requested())
    assert (row.state, row.last_error) == ("waiting", "a bug in the channel: KeyError")
    assert world.later(6 * 60) == 1
    assert world.row(requested()).state == "delivered"


def test_once_the_process_is_asked_to_end_nothing_new_is_begun(world):
    world.team.failures = down()
    for number in range(5):
        world.deliveries.accept(requested(number=number))
    world.team.sent.clear()
    world.team.before = world.stop.set
    assert world.later(6) == 1
    assert len(world.team.sent) == 1


@pytest.mark.parametrize("name", ["te am", "team\r\nx: y", "täm", "", "t" * 600])
def test_an_id_that_no_header_can_carry_is_refused_for_good(world, name):
    request = requested(name) if name else requested().model_copy(update={"about": "a b"})
    with pytest.raises(Rejected):
        world.deliveries.accept(request)
    assert world.later(0) == 0


def test_a_slow_target_is_left_for_the_next_round_so_that_others_have_their_turn(world, monkeypatch):
    monkeypatch.setattr("notifier.deliveries.ROUND_SECONDS", 0.1)
    for number in range(3):
        world.store.record(requested(number=number), now=world.now)
    world.team.before = lambda: time.sleep(0.15)
    assert [world.later(0) for _ in range(4)] == [1, 1, 1, 0]


def test_what_a_target_asked_for_stands_whatever_becomes_of_an_attempt_beside_it(world):
    for number in (1, 2, 3):
        world.store.record(requested(number=number), now=world.now)
    asked, beside, last = (
        world.store.claim(requested(number=n).id, now=world.now, until=world.now + CLAIM_SECONDS)
        for n in (1, 2, 3)
    )
    later = world.now + 3600
    world.store.postpone(asked, reason="429", due_at=later, cool_until=later)
    world.store.postpone(beside, reason="timeout", due_at=world.now + 5, cool_until=world.now + 5)
    world.store.delivered(last, now=world.now)
    assert world.store.due("team", now=world.now + 60, most=9) == []
    assert len(world.store.due("team", now=later + 1, most=9)) == 2
