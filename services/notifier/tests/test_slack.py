"""The channel `slack`, against a Slack that is strict: both ways in, limits, and what refusals mean."""

import datetime as dt
import json

import pytest
from any_message import HOSTILE, messages
from fakes.slack import CHANNEL as ROOM
from fakes.slack import HOOK, TOKEN, FakeSlack, faults_of, says
from hypothesis import Phase, given, settings
from notices import RETRY, notice, requested

from devnexus.errors import ConfigurationError
from devnexus.events.notification_requested import Digest
from notifier.channel import DeliveryFailed, Surroundings
from notifier.channels.slack import CHANNEL, SlackFields, content

DELIVERY = requested().id


@pytest.fixture
def slack():
    with FakeSlack() as slack:
        yield slack


def surroundings(slack, **environment):
    base = slack.url.removesuffix("/hook")
    known = {"HOOK": f"{base}{HOOK}", "TOKEN": TOKEN, "SLACK_API_URL": f"{base}/api"}
    return Surroundings({**known, **environment}, allow_private_targets=True)


def by_hook(slack):
    return CHANNEL.open(SlackFields(webhook="HOOK"), surroundings(slack))


def by_token(slack, channel=ROOM, **environment):
    return CHANNEL.open(SlackFields(token="TOKEN", slack_channel=channel), surroundings(slack, **environment))


def send(channel, message=None):
    channel.send(DELIVERY, message or notice(), dt.datetime.now(dt.UTC))


def shown(message):
    """The texts in the blocks, in order."""
    blocks = content(message)["blocks"]
    return [(one.get("text") or one["elements"][0])["text"] for one in blocks]


@pytest.mark.parametrize("way", [by_hook, by_token])
def test_a_notice_is_a_heading_a_line_for_each_fact_and_a_link(slack, way):
    told = notice(introduced=(RETRY, RETRY.model_copy(update={"name": "Polling"})), url="https://g.example/b")
    send(way(slack), told)
    (message,) = slack.messages()
    assert [block["type"] for block in message["blocks"]] == ["header", "section", "context"]
    assert shown(told) == [
        "acme/billing",
        "• Retry with backoff is new (src/http.py:14, strong)\n• Polling is new (src/http.py:14, strong)",
        "<https://g.example/b|acme/billing>",
    ]
    assert message["text"].splitlines() == [
        "acme/billing: Retry with backoff is new (src/http.py:14, strong)",
        "Polling is new (src/http.py:14, strong)",
    ]
    assert message["unfurl_links"] is False


def test_the_delivery_id_stands_in_the_metadata_so_that_duplicates_can_be_told_apart(slack):
    send(by_token(slack))
    send(by_token(slack, "#general"))
    assert [one["metadata"]["event_payload"] for one in slack.messages()] == [{"delivery_id": DELIVERY}] * 2
    assert slack.received[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_digest_shows_each_message_and_how_many_found_no_room():
    digest = Digest(messages=(notice(),) * 23)
    texts = shown(digest)
    assert texts[0] == "23 messages: acme/billing"
    assert texts[1:3] == ["acme/billing", "• Retry with backoff is new (src/http.py:14, strong)"]
    assert texts.count("acme/billing") == 20
    assert texts[-1] == "and 3 more messages"


def test_what_is_too_long_is_cut_at_a_line_and_the_rest_is_counted():
    many = tuple(RETRY.model_copy(update={"name": f"Pattern {number}"}) for number in range(200))
    lines = shown(notice(introduced=many))[1].splitlines()
    assert lines[0] == "• Pattern 0 is new (src/http.py:14, strong)"
    assert lines[-1] == f"and {200 - len(lines) + 1} more"
    assert all(line.endswith("strong)") for line in lines[:-1])
    assert len(lines) > 50


def test_one_name_does_not_take_the_place_of_all_others():
    endless = RETRY.model_copy(update={"name": "x" * 100_000})
    lines = shown(notice(introduced=(endless, RETRY)))[1].splitlines()
    assert (len(lines[0]), lines[0][-1]) == (600, "…")
    assert lines[1] == "• Retry with backoff is new (src/http.py:14, strong)"


@settings(max_examples=80, deadline=None, phases=[Phase.generate])
@given(messages)
def test_whatever_a_message_says_slack_takes_it_and_obeys_nothing_in_it(message):
    assert list(faults_of(content(message))) == []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_names_are_shown_as_they_are_in_text_that_has_no_markup(hostile):
    told = notice(introduced=(RETRY.model_copy(update={"name": hostile}),))
    section = content(told)["blocks"][1]["text"]
    assert (section["type"], section["emoji"]) == ("plain_text", False)
    assert "<" not in section["text"] and "\n" not in section["text"]


def refused(slack, channel, answer):
    slack.answers.append(answer)
    with pytest.raises(DeliveryFailed) as failed:
        send(channel)
    assert "s3cr3t" not in str(failed.value)
    return failed.value


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        ("invalid_auth", "token"),
        ("token_revoked", "token"),
        ("account_inactive", "token"),
        ("missing_scope", "chat:write"),
        ("channel_not_found", "by its id"),
        ("not_in_channel", "invite"),
        ("is_archived", "unarchive"),
        ("restricted_action", "administrator"),
    ],
)
def test_what_ends_every_message_to_a_channel_disables_it_and_says_what_to_do(slack, error, remedy):
    failed = refused(slack, by_token(slack), says(ok=False, error=error))
    assert (failed.disables, error in str(failed), remedy in str(failed)) == (True, True, True)


@pytest.mark.parametrize("error", ["msg_too_long", "msg_blocks_too_long", "invalid_blocks"])
def test_a_message_that_slack_cannot_take_is_given_up_alone(slack, error):
    failed = refused(slack, by_token(slack), says(ok=False, error=error))
    assert (failed.permanent, failed.disables) == (True, False)


@pytest.mark.parametrize(
    "answer",
    [
        *(says(ok=False, error=error) for error in ("fatal_error", "internal_error", "new_in_2030")),
        says(503, ok=False, error="service_unavailable"),
        says(ok=False, error="xoxb-1-s3cr3t"),
        says(ok=False, error=["invalid_auth"]),
        says(ok="true"),
        (200, {}, b"<html>s3cr3t"),
        (200, {}, b"[" * 60_000),
        (200, {}, b"[1]"),
        404,
        302,
    ],
)
def test_any_other_answer_of_a_method_is_a_failure_that_may_pass(slack, answer):
    assert not refused(slack, by_token(slack), answer).permanent


@pytest.mark.parametrize("way", [by_hook, by_token])
def test_too_many_messages_wait_as_long_as_slack_asks(slack, way):
    failed = refused(slack, way(slack), says(429, {"Retry-After": "30"}, ok=False, error="ratelimited"))
    assert (failed.permanent, failed.retry_after) == (False, 30)


@pytest.mark.parametrize(
    ("status", "body", "permanent", "disables"),
    [
        (404, b"no_service", True, True),
        (404, b"", True, True),
        (410, b"channel_is_archived", True, True),
        (403, b"invalid_token", True, True),
        (403, b"action_prohibited\n", True, True),
        (403, b"<html>s3cr3t blocked", False, False),
        (400, b"invalid_payload", True, False),
        (500, b"rollup_error", False, False),
        (302, b"", False, False),
    ],
)
def test_what_an_incoming_webhook_refuses(slack, status, body, permanent, disables):
    failed = refused(slack, by_hook(slack), (status, {}, body))
    assert (failed.permanent, failed.disables) == (permanent, disables)


@pytest.mark.parametrize(
    ("fields", "environment", "message"),
    [
        ({}, {}, "webhook: name either"),
        ({"webhook": "HOOK", "token": "TOKEN", "slack_channel": ROOM}, {}, "webhook: name either"),
        ({"webhook": "HOOK", "slack_channel": ROOM}, {}, "webhook: name either"),
        ({"token": "TOKEN"}, {}, "webhook: name either"),
        ({"webhook": "HOOK"}, {"HOOK": ""}, "webhook: HOOK is not set"),
        ({"webhook": "HOOK"}, {"HOOK": "T0/B0/s3cr3t"}, "webhook: HOOK does not hold .*hooks.slack.com"),
        ({"webhook": "HOOK"}, {"HOOK": "https://x:s3cr3t/"}, "webhook: HOOK does not hold"),
        ({"token": "TOKEN", "slack_channel": ROOM}, {"TOKEN": ""}, "token: TOKEN is not set"),
        ({"token": "TOKEN", "slack_channel": ROOM}, {"TOKEN": "s3cr3t\nX: y"}, "token: TOKEN does not hold"),
        ({"token": "TOKEN", "slack_channel": ROOM}, {"SLACK_API_URL": "x"}, "SLACK_API_URL: write a whole"),
    ],
)
def test_a_target_that_cannot_work_stops_the_start_and_shows_no_secret(slack, fields, environment, message):
    with pytest.raises(ConfigurationError, match=message) as stopped:
        CHANNEL.open(SlackFields(**fields), surroundings(slack, **environment))
    assert "s3cr3t" not in str(stopped.value)


def test_blocks_are_json_of_a_size_that_slack_takes_where_every_message_is_long():
    many = tuple(RETRY.model_copy(update={"name": "&" * 500}) for _ in range(50))
    digest = Digest(messages=(notice(introduced=many, url="https://github.com/acme/billing"),) * 50)
    assert len(json.dumps(content(digest)["blocks"], ensure_ascii=False)) < 13_000
