"""The channel `apprise`: an e-mail arrives, and what must not be connected to is not."""

import datetime as dt
import socket
import subprocess
import sys
import time

import pytest
from any_message import HOSTILE
from fakes.mail_server import MailServer
from fakes.webhook_target import WebhookTarget
from notices import RETRY, notice, requested

from devnexus.errors import ConfigurationError
from notifier.channel import DeliveryFailed, Surroundings
from notifier.channels.apprise import CHANNEL, Apprise, AppriseFields

DELIVERY = requested().id


def mail(port, **more):
    query = "&".join(f"{name}={value}" for name, value in {"from": "nexus@acme.example", **more}.items())
    return f"mailto://127.0.0.1:{port}?smtp=127.0.0.1&to=team@acme.example&{query}"


def channel(url, *, allow_private=True, seconds=30.0):
    return Apprise(url=url, environment={}, allow_private=allow_private, seconds=seconds)


def send(channel, message=None):
    channel.send(DELIVERY, message or notice(), dt.datetime.now(dt.UTC))


def test_a_notice_is_an_e_mail_with_the_headline_as_its_subject():
    told = notice(introduced=(RETRY, RETRY.model_copy(update={"name": HOSTILE[1]})))
    with MailServer() as server:
        send(channel(mail(server.port, format="text")), told)
    (received,) = server.messages
    assert received["Subject"] == "acme/billing: Retry with backoff is new (src/http.py:14, strong)"
    assert "team@acme.example" in received["To"]
    text = received.get_body().get_content()
    assert "*bold* _it_ ~no~ `code`" in text
    assert "@\u2060everyone @\u2060here" in text


def test_what_the_service_refuses_is_a_failure_that_may_pass_and_shows_nothing_of_the_address():
    with (
        MailServer(refusal="550 no s3cr3t@acme.example here") as server,
        pytest.raises(DeliveryFailed) as failed,
    ):
        send(channel(mail(server.port, to="s3cr3t@acme.example")))
    assert str(failed.value).startswith("apprise: ") and "s3cr3t" not in str(failed.value)
    assert not failed.value.permanent


def test_a_service_at_an_address_that_is_not_public_is_not_connected_to():
    with WebhookTarget() as target, pytest.raises(DeliveryFailed, match="127.0.0.1, which is not public"):
        send(channel(f"gotify://localhost:{target.port}/s3cr3t", allow_private=False))
    assert target.received == []


def test_redirects_are_not_followed_whatever_the_address_says():
    with WebhookTarget() as elsewhere, WebhookTarget((307, {"Location": elsewhere.url})) as target:
        with pytest.raises(DeliveryFailed):
            send(channel(f"gotify://127.0.0.1:{target.port}/s3cr3t?redirect=yes"))
        assert (len(target.received), elsewhere.received) == (1, [])


def test_a_service_that_says_nothing_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(DeliveryFailed, match="within 4 s"):
            send(channel(mail(silent.getsockname()[1]), seconds=4))
    assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("json://example.org/s3cr3t", "url: for json:// use the channel webhook"),
        ("FORMS://example.org/s3cr3t", "url: for form:// use the channel webhook"),
        ("https://discord.com/api/webhooks/1234567890/s3cr3t" + "a" * 60, "use the channel discord"),
        ("syslog://", "url: syslog:// tells only the machine"),
        ("pigeon://s3cr3t", "url: URL does not hold an address that apprise knows"),
        ("mailto://me:s3cr3t@[", "url: URL does not hold an address that apprise knows"),
    ],
)
def test_a_target_that_cannot_work_stops_the_start_and_shows_no_secret(url, message):
    with pytest.raises(ConfigurationError, match=message) as stopped:
        CHANNEL.open(AppriseFields(url="URL"), Surroundings({"URL": url}))
    assert "s3cr3t" not in str(stopped.value)


def test_the_notifier_does_not_load_apprise():
    code = "import sys; from notifier import routes; routes.load_kinds(); sys.exit('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
