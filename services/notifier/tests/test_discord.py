"""The channel `discord`, against a Discord that is strict: what is shown, limits, and what refusals mean."""

import datetime as dt
import json

import pytest
from any_message import messages
from fakes.discord import HOOK, FakeDiscord, faults_of, says
from hypothesis import Phase, given, settings
from notices import ORDERS, RETRY, notice, requested

from devnexus.errors import ConfigurationError
from devnexus.events.notification_requested import Digest
from devnexus.events.similarity_computed import Named
from notifier.channel import DeliveryFailed, Surroundings
from notifier.channels.discord import CHANNEL, DiscordFields, content

DELIVERY = requested().id
NOTICE = notice(introduced=(RETRY,), left=(ORDERS,), url="https://github.com/acme/billing")


@pytest.fixture
def discord():
    with FakeDiscord() as discord:
        yield discord


def opened(discord, hook=HOOK):
    environment = {"HOOK": discord.url.removesuffix("/hook") + hook}
    return CHANNEL.open(DiscordFields(webhook="HOOK"), Surroundings(environment, allow_private_targets=True))


def send(channel, message=NOTICE):
    channel.send(DELIVERY, message, dt.datetime.now(dt.UTC))


def test_a_notice_is_a_line_and_an_embed_with_what_else_there_is(discord):
    send(opened(discord))
    (request,) = discord.received
    assert request.path == f"{HOOK}?wait=true"
    assert json.loads(request.body) == {
        "content": r"acme/billing\: Retry with backoff is new \(src/http.py\:14, strong\)",
        "embeds": [
            {
                "title": "acme/billing",
                "url": "https://github.com/acme/billing",
                "description": "• no longer like acme/orders",
                "color": 0x6E7781,
            }
        ],
        "allowed_mentions": {"parse": []},
    }


def test_a_webhook_may_lead_into_a_thread(discord):
    send(opened(discord, f"{HOOK}?thread_id=7"))
    assert discord.received[0].path == f"{HOOK}?thread_id=7&wait=true"


def test_a_digest_shows_each_message_and_how_many_found_no_room():
    shown = content(Digest(messages=(NOTICE,) * 12))
    assert shown["content"].splitlines() == [r"12 messages\: acme/billing", "and 2 more messages"]
    assert len(shown["embeds"]) == 10
    assert shown["embeds"][0]["description"].startswith("• Retry with backoff is new")


@settings(max_examples=80, deadline=None, phases=[Phase.generate])
@given(messages)
def test_whatever_a_message_says_discord_takes_it_and_obeys_nothing_in_it(message):
    assert list(faults_of(content(message))) == []


def test_many_long_titles_and_long_lines_stay_within_the_sum():
    here = Named(id="github.com/9", name=f"{'a' * 39}/{'b' * 100}")
    long = tuple(RETRY.model_copy(update={"name": "x" * 500}) for _ in range(20))
    digest = Digest(messages=(NOTICE.model_copy(update={"repository": here, "gone": long}),) * 10)
    assert list(faults_of(content(digest))) == []


def refused(discord, answer):
    discord.answers.append(answer)
    with pytest.raises(DeliveryFailed) as failed:
        send(opened(discord))
    assert "s3cr3t" not in str(failed.value)
    return failed.value


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (says(404, message="Unknown Webhook", code=10015), "make a new webhook"),
        (says(401, message="Invalid Webhook Token", code=50027), "make a new webhook"),
        (says(403, message="Missing Permissions", code=50013), "make a new webhook"),
        (says(400, message="needs a thread", code=220001), "thread_id"),
        (404, "make a new webhook"),
    ],
)
def test_a_webhook_that_is_gone_is_disabled_and_it_says_what_to_do(discord, answer, remedy):
    failed = refused(discord, answer)
    assert (failed.disables, remedy in str(failed)) == (True, True)


def test_a_message_that_discord_cannot_take_is_given_up_alone(discord):
    failed = refused(discord, says(400, message="Invalid Form Body", code=50035))
    assert (failed.permanent, failed.disables, "code 50035" in str(failed)) == (True, False, True)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "2"}, {"retry_after": 1.337, "global": False}, 1.337),
        ({"Retry-After": "2"}, {"retry_after": 0}, 0),
        ({"Retry-After": "2"}, {}, 2),
        *(({"Retry-After": "2"}, {"retry_after": wrong}, 2) for wrong in ("1", True, -1, 1e300, None, [1])),
        ({}, {}, None),
    ],
)
def test_too_many_messages_wait_as_long_as_discord_asks(discord, headers, body, seconds):
    failed = refused(discord, says(429, headers, **body))
    assert (failed.permanent, failed.retry_after) == (False, seconds)


@pytest.mark.parametrize(
    "answer",
    [
        500,
        302,
        (403, {}, b"<html>blocked s3cr3t"),
        says(401, code="10015"),
        says(403, code=[1]),
        says(502, code=10**400),
        (429, {}, b"[1]"),
        (429, {}, b"[" * 60_000),
    ],
)
def test_any_other_answer_is_a_failure_that_may_pass(discord, answer):
    failed = refused(discord, answer)
    assert (failed.permanent, len(str(failed)) < 100) == (False, True)


def test_a_target_that_cannot_work_stops_the_start_and_shows_no_secret():
    surroundings = Surroundings({"HOOK": "discord.com/api/webhooks/1/s3cr3t"})
    with pytest.raises(
        ConfigurationError, match=r"webhook: HOOK does not hold .*discord\.com/api"
    ) as stopped:
        CHANNEL.open(DiscordFields(webhook="HOOK"), surroundings)
    assert "s3cr3t" not in str(stopped.value)
