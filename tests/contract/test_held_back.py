"""Targets that want a pause between messages, and targets that are gone, on either database."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from delivery_world import DeliveryWorld
from notices import requested

from devnexus.values import Value
from notifier.channel import ChannelKind, DeliveryFailed
from notifier.deliveries import CLAIM_SECONDS

DAY, MOMENT = 86_400, 0.0001
PACED = ChannelKind(fields=Value, open=lambda fields, surroundings: None, pace_seconds=2.0)


@pytest.fixture
def world(database_url):
    made = DeliveryWorld(database_url)
    yield made
    made.close()


@pytest.fixture
def paced(world):
    world.kinds["team"] = PACED
    world.deliveries = world.notifier()
    return world


def accept(world, *numbers, target="team"):
    for number in numbers:
        world.deliveries.accept(requested(target, number))
        world.now += MOMENT


def ids(*numbers, target="team"):
    return [requested(target, number).id for number in numbers]


def gone(count=1):
    return [DeliveryFailed("example.org answered 410", disables=True) for _ in range(count)]


def errors(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


def test_a_paced_target_is_told_the_first_at_once_and_the_others_one_pause_after_another(paced):
    accept(paced, 1, 2, 3)
    accept(paced, 4, target="audit")
    assert (paced.team.sent, len(paced.audit.sent)) == (ids(1), 1)
    assert paced.round().next_in == pytest.approx(2.0, abs=0.01)
    assert paced.later(1.9) == 0
    assert (paced.later(0.1), paced.later(0), paced.later(2.0)) == (1, 0, 1)
    assert paced.team.sent == ids(1, 2, 3)
    assert paced.round().next_in is None


def test_what_comes_later_does_not_overtake_what_waits_for_its_turn(paced):
    accept(paced, 1, 2)
    paced.now += 2
    accept(paced, 3)
    assert paced.team.sent == ids(1, 2)


def test_the_pause_begins_when_the_attempt_has_ended(paced):
    def slow():
        paced.now += 10

    paced.team.before = slow
    accept(paced, 1, 2)
    paced.team.before = lambda: None
    assert (paced.later(1.9), paced.later(0.1)) == (0, 1)


def test_a_message_that_a_paced_target_refused_is_followed_by_a_pause_too(paced):
    paced.team.failures = [DeliveryFailed("no", permanent=True)]
    accept(paced, 1, 2)
    assert paced.team.sent == ids(1)
    assert paced.later(2) == 1


def test_of_two_notifiers_that_claim_at_once_for_a_paced_target_one_gets_a_turn(paced):
    for number in range(20):
        paced.store.record(requested(number=number), now=paced.now)
    at_once = Barrier(8)

    def take(number):
        at_once.wait()
        id_ = requested(number=number).id
        return paced.store.claim_turn(id_, "team", now=paced.now, until=paced.now + CLAIM_SECONDS)

    with ThreadPoolExecutor(8) as pool:
        taken = [one for one in pool.map(take, range(8)) if one]
    assert len(taken) == 1
    assert paced.store.targets_due(now=paced.now) == []
    paced.store.end_turn(taken[0], quiet_until=paced.now + 2)
    assert paced.store.targets_due(now=paced.now + 2) == ["team"]


def test_a_notifier_that_dies_during_its_turn_holds_the_target_back_until_its_claim_expires(paced):
    for number in (1, 2):
        paced.store.record(requested(number=number), now=paced.now)
    dead = paced.store.claim_turn(*ids(1), "team", now=paced.now, until=paced.now + CLAIM_SECONDS)
    assert paced.round(CLAIM_SECONDS - 1).next_in == pytest.approx(1)
    assert paced.later(1) == 1
    assert paced.row(requested(number=1)).unclear == 1
    paced.store.end_turn(dead, quiet_until=0.0)  # it was not dead, only slow
    assert paced.later(1.9) == 0


def test_a_turn_that_is_taken_for_nothing_is_given_back(paced):
    accept(paced, 1)
    paced.store.record(requested(number=2), now=paced.now + 2)
    paced.now += 2
    assert paced.store.claim_turn(*ids(1), "team", now=paced.now, until=paced.now + 60) is None
    assert paced.later(0) == 1


def test_a_target_that_is_gone_is_said_once_and_what_it_should_be_told_waits(world, caplog):
    world.team.failures = gone(9)
    accept(world, 1, 2, 3)
    accept(world, 4, target="audit")
    assert world.team.sent == ids(1)
    assert {row.state for row in world.rows() if row.target == "team"} == {"waiting"}
    assert (world.later(10 * DAY), world.round().next_in) == (0, None)
    (said,) = errors(caplog)
    assert "team is disabled: example.org answered 410" in said
    assert "devnexus notifications test team" in said
    assert len(world.audit.sent) == 1


def test_a_target_that_is_enabled_is_told_all_that_waited_in_order(world):
    world.team.failures = gone()
    accept(world, 1, 2, 3)
    world.now += DAY
    assert world.store.enable("team")
    assert not world.store.enable("team")
    assert world.later(0) == 3
    assert world.team.sent[1:] == ids(1, 2, 3)


def test_a_target_that_goes_away_again_is_said_again(world, caplog):
    world.team.failures = gone(2)
    accept(world, 1)
    world.store.enable("team")
    world.later(1)
    assert len(errors(caplog)) == 2


def test_attempts_that_were_under_way_when_a_target_was_disabled_are_no_second_word(world, caplog):
    requests = [requested(number=number) for number in range(2)]
    for request in requests:
        world.store.record(request, now=world.now)
    claims = [world.store.claim(one.id, now=world.now, until=world.now + 60) for one in requests]
    assert [world.store.disable(one, reason="410", now=world.now) for one in claims] == [True, False]
    assert {(row.state, row.claimed_until, row.unclear) for row in world.rows()} == {("waiting", None, 0)}


def test_what_waited_for_a_month_for_a_disabled_target_is_given_up_with_the_reason(world, caplog):
    world.team.failures = gone()
    accept(world, 1)
    world.now += 10 * DAY
    accept(world, 2)
    world.later(20.5 * DAY)
    first, second = (world.row(requested(number=number)) for number in (1, 2))
    assert (first.state, second.state) == ("given_up", "waiting")
    assert first.last_error.startswith("the target is disabled since 1970-")
    assert first.last_error.endswith(": example.org answered 410")
    assert "team will not be told" in errors(caplog)[1]


def test_a_disabled_target_that_left_the_routes_and_came_back_is_still_disabled(world):
    world.team.failures = gone()
    accept(world, 1)
    team = world.channels.pop("team")
    assert world.later(DAY) == 0
    world.channels["team"] = team
    assert world.later(DAY) == 0
    assert world.row(requested()).state == "waiting"
    world.store.enable("team")
    assert world.later(DAY) == 1
    assert world.row(requested()).state == "delivered"


def test_what_is_finished_for_three_months_is_forgotten_and_what_waits_is_not(world):
    accept(world, 1)
    world.now += DAY
    accept(world, 2)
    waiting = requested("audit")
    world.audit.failures = [DeliveryFailed("down", retry_after=DAY)] * 200
    world.deliveries.accept(waiting)
    world.later(89.5 * DAY)
    assert {row.id for row in world.rows()} == {*ids(2), waiting.id}
    world.later(2 * DAY)
    assert {row.id for row in world.rows()} == {waiting.id}
