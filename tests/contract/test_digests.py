"""What waits for one target becomes one message, on either database; nothing is lost or told twice by it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from builders import sha
from delivery_world import DeliveryWorld
from notices import notice, requested

from devnexus.errors import Rejected
from devnexus.events import NotificationRequested
from devnexus.events.notification_requested import Digest
from devnexus.state import transaction
from devnexus.values import Value
from notifier.channel import ChannelKind, DeliveryFailed
from notifier.deliveries import CLAIM_SECONDS
from notifier.digests import MOST_CHARACTERS, digest_of, how_many_fit
from notifier.sql_tables import DELIVERIES

HOUR = 3600


def digested(pace=0.0):
    return ChannelKind(fields=Value, open=lambda fields, surroundings: None, digests=True, pace_seconds=pace)


@pytest.fixture
def world(database_url):
    made = DeliveryWorld(database_url)
    made.kinds["team"] = digested()
    made.deliveries = made.notifier()
    yield made
    made.close()


def message(number, size=0):
    """A request whose message can be told apart from the others'."""
    told = notice(commit=f"{number}".ljust(size, "."))
    return requested(number=number).model_copy(update={"notice": told})


def record(world, *numbers, size=0):
    for number in numbers:
        world.store.record(message(number, size), now=world.now)
        world.now += 0.0001


def accept(world, *numbers):
    for number in numbers:
        world.deliveries.accept(message(number))
        world.now += 0.0001


def told(world):
    """The numbers that the target was told of, in order, whether one by one or together."""
    messages = [one for some in world.team.messages for one in getattr(some, "messages", (some,))]
    return [int(one.commit.rstrip(".")) for one in messages]


def digests(world):
    return [one for one in world.team.messages if isinstance(one, Digest)]


def test_five_that_wait_are_told_one_by_one_and_six_as_one(world):
    record(world, *range(5))
    assert [world.later(0) for _ in range(6)] == [1, 1, 1, 1, 1, 0]
    assert (told(world), digests(world)) == ([*range(5)], [])
    record(world, *range(5, 11))
    assert [world.later(0) for _ in range(2)] == [1, 0]
    assert told(world) == [*range(11)]
    assert len(digests(world)) == 1
    member, digest = world.row(message(7)), world.rows()[-1]
    assert (member.state, member.digest_id, member.attempts) == ("digested", world.team.sent[-1], 0)
    (digest,) = [row for row in world.rows() if row.members]
    assert (digest.id, digest.members, digest.state) == (world.team.sent[-1], 6, "delivered")
    assert digest.created_at == world.row(message(5)).created_at


def test_other_targets_are_told_one_by_one(world):
    for number in range(9):
        world.store.record(requested("audit", number), now=world.now)
    assert world.later(0) == 9
    assert not any(row.members for row in world.rows())


def test_a_member_that_arrives_again_is_not_told_again(world):
    record(world, *range(6))
    world.later(0)
    world.deliveries.accept(message(3))
    assert world.later(HOUR) == 0
    assert world.row(message(3)).received == 2


def test_a_digest_has_its_own_retries_and_the_same_id_at_each(world):
    record(world, *range(6))
    world.team.failures = [DeliveryFailed("answered 500")] * 3
    assert [world.later(seconds) for seconds in (0, 6, 6 * 60, 40 * 60)] == [1] * 4
    assert len(set(world.team.sent)) == 1
    assert told(world) == [*range(6)]


def test_what_is_refused_as_one_is_told_one_by_one_so_that_one_bad_message_takes_no_others_along(world):
    record(world, *range(6))
    refused = DeliveryFailed("answered 400", permanent=True)
    world.team.failures = [refused]
    world.team.before = lambda: len(world.team.sent) == 4 and world.team.failures.append(refused)
    assert [world.later(0) for _ in range(8)] == [1] * 7 + [0]
    assert told(world) == [0, 1, 2, 4, 5]
    assert Counter(world.team.sent).most_common(1)[0][1] == 1
    assert Counter(row.state for row in world.rows()) == {"delivered": 5, "given_up": 2}


def test_a_digest_that_may_have_been_told_is_not_told_again_in_its_parts(world):
    record(world, *range(6))
    world.store.digest("team", now=world.now)
    (id_,) = world.store.due("team", now=world.now, most=9)
    world.store.claim(id_, now=world.now, until=world.now + CLAIM_SECONDS)  # and then a crash
    world.team.failures = [DeliveryFailed("answered 400", permanent=True)]
    assert [world.later(CLAIM_SECONDS) for _ in range(2)] == [1, 0]
    assert told(world) == []


def test_what_was_attempted_before_keeps_its_own_id(world):
    record(world, 0, 1)
    world.store.claim(message(0).id, now=world.now, until=world.now + CLAIM_SECONDS)  # and then a crash
    world.team.failures = [DeliveryFailed("no answer within 10 s")]  # which may have taken it all the same
    world.later(0)
    record(world, *range(2, 8))
    world.now += CLAIM_SECONDS
    while world.later(0):
        pass
    assert sorted(told(world)) == [*range(8)]
    assert {message(0).id, message(1).id} < set(world.team.sent)
    (digest,) = digests(world)
    assert len(digest.messages) == 6


def test_a_target_that_fails_is_tried_with_one_message_before_the_others_become_one(world):
    record(world, 0)
    world.team.failures = [DeliveryFailed("answered 500")] * 3
    world.later(0)
    accept(world, *range(1, 30))
    for _ in range(2):
        world.later(6 * 60)
    assert len(world.team.sent) == 3
    assert not any(row.members for row in world.rows())
    for _ in range(9):
        world.later(6 * 60)
    assert sorted(told(world)) == [*range(30)]
    assert len(digests(world)) == 1


def test_what_waits_for_its_turn_becomes_one(world):
    world.kinds["team"] = digested(pace=1.0)
    world.deliveries = world.notifier()
    accept(world, *range(20))
    assert world.later(1) == 1
    assert told(world)[0] == 0 and sorted(told(world)) == [*range(20)]
    assert len(world.team.messages) == 2


def test_what_waited_for_a_disabled_target_becomes_one_when_it_is_enabled(world):
    world.team.failures = [DeliveryFailed("answered 410", disables=True)]
    accept(world, *range(250))
    assert len(world.rows()) == 250
    world.store.enable("team")
    while world.later(0):
        pass
    assert sorted(told(world)) == [*range(250)]
    assert [len(one.messages) for one in digests(world)] == [100, 100, 49]


def test_of_two_notifiers_that_look_at_once_each_message_is_in_one_digest(world):
    record(world, *range(230))
    at_once = Barrier(8)

    def look(_):
        at_once.wait()
        return sum(iter(lambda: world.store.digest("team", now=world.now), 0))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(look, range(8))) == 230
    while world.later(0):
        pass
    assert Counter(told(world)) == Counter(range(230))


def test_a_message_is_attempted_or_digested_never_both(world):
    record(world, *range(60))
    at_once = Barrier(2)

    def attempt():
        at_once.wait()
        until = world.now + CLAIM_SECONDS
        claims = [world.store.claim(message(n).id, now=world.now, until=until) for n in range(60)]
        return {claim.delivery_id for claim in claims if claim}

    with ThreadPoolExecutor(2) as pool:
        attempted = pool.submit(attempt)
        at_once.wait()
        world.store.digest("team", now=world.now)
    members = {row.id for row in world.rows() if row.state == "digested"}
    assert not members & attempted.result()
    assert len(members | attempted.result()) == 60


def test_a_crash_while_a_digest_is_made_leaves_everything_as_it_was(world):
    record(world, *range(6))
    before = world.rows()
    world.store.record(message(9), now=world.now)
    same_id = digest_of([message(number) for number in (*range(6), 9)])
    world.store.record(same_id, now=world.now)  # so that the insert fails after the members were read
    with pytest.raises(Exception, match="deliveries"):
        world.store.digest("team", now=world.now)
    assert world.rows()[:6] == before


def test_a_digest_is_bounded_and_what_does_not_fit_is_told_all_the_same(world):
    record(world, *range(8), size=MOST_CHARACTERS // 4)
    record(world, 8, size=2 * MOST_CHARACTERS)
    while world.later(0):
        pass
    assert told(world) == [*range(9)]
    assert [len(one.messages) for one in digests(world)] == [3, 3]
    assert how_many_fit([1] * 1000) == 100


def test_what_this_version_cannot_read_is_left_alone_and_holds_up_nothing(world):
    record(world, *range(8))
    with transaction(world.engine) as connection:
        odd = DELIVERIES.update().where(DELIVERIES.c.id == message(0).id)
        connection.execute(odd.values(body='{"cause":"live","about":"x","target":"team"}'))
    world.later(0)
    world.later(0)
    assert told(world) == [*range(1, 8)]
    row = world.row(message(0))
    assert (row.state, "cannot read it" in row.last_error) == ("waiting", True)


def test_a_digest_that_comes_as_an_event_is_a_message_and_no_member(world):
    whole = NotificationRequested(
        cause="live", about=sha("x"), target="team", digest=Digest(messages=(notice(), notice()))
    )
    world.store.record(whole, now=world.now)
    record(world, *range(6))
    while world.later(0):
        pass
    assert len(digests(world)) == 2
    with pytest.raises(Rejected):
        NotificationRequested.parse(
            {"cause": "live", "about": "x", "target": "y", "digest": {"messages": []}}
        )
