"""The channel `webhook`, against real servers: what is sent, and what counts as taken."""

import base64
import datetime as dt

import pytest
from fakes.webhook_target import WebhookTarget
from notices import notice, requested
from standardwebhooks import Webhook as Oracle

from devnexus.outbound import Outbound, web_address
from devnexus.secrets import Secret
from notifier.channel import DeliveryFailed, Surroundings
from notifier.channels.webhook import CHANNEL, Webhook, WebhookFields
from notifier.signature import signing_key

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
DELIVERY = requested().id


def webhook(url):
    address = web_address(url, allow_private=True)
    return Webhook(address=address, keys=[KEY], outbound=Outbound(allow_private=True))


def send(channel, at=None):
    channel.send(DELIVERY, notice(), at or dt.datetime.now(dt.UTC))


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_"), SECRET.rstrip("=")])
def test_a_message_is_signed_as_standard_webhooks_verifies_it(secret):
    surroundings = Surroundings({"HOOK": secret}, allow_private_targets=True)
    at = dt.datetime.now(dt.UTC)
    with WebhookTarget() as target:
        send(CHANNEL.open(WebhookFields(url=f"{target.url}?k=v", secret="HOOK"), surroundings), at)
    (request,) = target.received
    content = Oracle(SECRET).verify(request.body, dict(request.headers))
    assert content["type"] == "knowledge.changed"
    assert content["data"]["introduced"][0]["name"] == "Retry with backoff"
    assert content["data"]["left"] == []
    assert dt.datetime.fromisoformat(content["timestamp"]) == at
    assert (request.path, request.delivery_id) == ("/hook?k=v", DELIVERY)
    assert request.headers["webhook-timestamp"] == str(int(at.timestamp()))
    assert request.headers["Host"] == f"127.0.0.1:{target.port}"
    assert request.headers["User-Agent"].startswith("dev-nexus")


def test_while_a_secret_is_replaced_either_verifies_and_the_newest_signs_first():
    newest = base64.b64encode(bytes(32)).decode()
    surroundings = Surroundings({"NEW": newest, "OLD": SECRET}, allow_private_targets=True)
    with WebhookTarget() as target:
        send(CHANNEL.open(WebhookFields(url=target.url, secret=("NEW", "OLD")), surroundings))
        send(CHANNEL.open(WebhookFields(url=target.url, secret="NEW"), surroundings))
    both, alone = target.received
    for secret in (newest, SECRET):
        assert Oracle(secret).verify(both.body, dict(both.headers))
    first, second = both.headers["webhook-signature"].split(" ")
    Oracle(newest).verify(both.body, {**both.headers, "webhook-signature": first})
    Oracle(SECRET).verify(both.body, {**both.headers, "webhook-signature": second})
    with pytest.raises(Exception, match="No matching signature"):
        Oracle(SECRET).verify(alone.body, dict(alone.headers))


def test_another_secret_verifies_nothing():
    with WebhookTarget() as target:
        send(webhook(target.url))
    (request,) = target.received
    other = Oracle(base64.b64encode(bytes(32)).decode())
    with pytest.raises(Exception, match="No matching signature"):
        other.verify(request.body, dict(request.headers))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_means_it_has_been_taken(status):
    with WebhookTarget(status) as target:
        send(webhook(target.url))


@pytest.mark.parametrize("status", [304, 400, 401, 429, 500, 503])
def test_any_other_status_is_a_failure_that_may_pass(status):
    with WebhookTarget(status) as target, pytest.raises(DeliveryFailed, match=str(status)) as failed:
        send(webhook(target.url))
    assert (failed.value.permanent, failed.value.retry_after) == (False, None)


@pytest.mark.parametrize("status", [404, 410])
def test_404_and_410_mean_that_the_target_is_gone(status):
    with WebhookTarget(status) as target, pytest.raises(DeliveryFailed) as failed:
        send(webhook(target.url))
    assert failed.value.disables


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(status):
    with WebhookTarget() as elsewhere, WebhookTarget((status, {"Location": elsewhere.url})) as target:
        with pytest.raises(DeliveryFailed, match="redirects are not followed"):
            send(webhook(target.url))
        assert elsewhere.received == []


def test_a_target_that_does_not_answer_is_a_failure_that_may_pass():
    with WebhookTarget() as target:
        pass
    with pytest.raises(DeliveryFailed, match="refused") as failed:
        send(webhook(target.url))
    assert not failed.value.permanent


def test_how_long_a_target_asks_to_be_left_alone_is_told():
    answer = (503, {"Retry-After": "120"})
    with WebhookTarget(answer) as target, pytest.raises(DeliveryFailed) as failed:
        send(webhook(target.url))
    assert failed.value.retry_after == 120


def test_a_private_target_is_not_told_unless_it_is_allowed():
    surroundings = Surroundings({"HOOK": SECRET})
    channel = CHANNEL.open(WebhookFields(url="https://localhost/hook", secret="HOOK"), surroundings)
    with pytest.raises(DeliveryFailed, match="not public"):
        send(channel)


def test_a_key_is_what_base64_says():
    assert signing_key(Secret(SECRET.encode())) == KEY
