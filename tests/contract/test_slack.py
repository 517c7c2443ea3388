"""What the notifier tells Slack stands there, and what Slack refuses is understood."""

from datetime import UTC, datetime

import pytest
from fakes.slack import READING_TOKEN, TOKEN
from notices import notice, requested

from devnexus.events.notification_requested import Digest
from notifier.channel import DeliveryFailed, Surroundings
from notifier.channels.slack import CHANNEL, SlackFields, content

DELIVERY = requested().id


def send(slack, message, **fields):
    environment = {
        "HOOK": f"{slack.base}{slack.hook}",
        "TOKEN": TOKEN,
        "READING": READING_TOKEN,
        "SLACK_API_URL": f"{slack.base}/api",
    }
    surroundings = Surroundings(environment, allow_private_targets=True)
    CHANNEL.open(SlackFields(**fields), surroundings).send(DELIVERY, message, datetime.now(UTC))


def test_what_is_told_by_webhook_and_as_an_app_stands_in_the_channel(slack):
    one, both = notice(), Digest(messages=(notice(), notice()))
    send(slack, one, webhook="HOOK")
    send(slack, both, token="TOKEN", slack_channel=slack.channel)
    first, second = slack.messages()
    assert (first["text"], first["blocks"]) == (content(one)["text"], content(one)["blocks"])
    assert (second["text"], second["blocks"]) == (content(both)["text"], content(both)["blocks"])
    assert second["metadata"]["event_payload"] == {"delivery_id": DELIVERY}


def test_a_delivery_that_is_told_twice_can_be_recognised(slack):
    for _ in range(2):
        send(slack, notice(), token="TOKEN", slack_channel=slack.channel)
    first, second = slack.messages()
    assert first["metadata"] == second["metadata"]


@pytest.mark.parametrize(
    ("token", "channel", "reason"),
    [
        ("TOKEN", lambda slack: slack.archived, "is_archived.*unarchive"),
        ("TOKEN", lambda slack: "C0NOWHERE", "channel_not_found.*by its id"),
        ("READING", lambda slack: slack.channel, "missing_scope.*chat:write"),
    ],
)
def test_a_target_that_takes_nothing_any_more_is_disabled(slack, token, channel, reason):
    with pytest.raises(DeliveryFailed, match=reason) as failed:
        send(slack, notice(), token=token, slack_channel=channel(slack))
    assert failed.value.disables
