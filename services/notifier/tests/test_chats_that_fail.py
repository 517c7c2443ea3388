"""Slack and Discord when the line is bad: slow, cut off, flooding, or something else than a chat."""

import datetime as dt
import time

import pytest
from fakes.socket_server import Flood, drips, says, server_that
from notices import notice, requested

from devnexus.outbound import Outbound, web_address
from devnexus.secrets import Secret
from notifier.channel import DeliveryFailed
from notifier.channels.discord import Discord
from notifier.channels.slack import SlackApi, SlackWebhook

LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
CHATS = {
    "slack, webhook": SlackWebhook,
    "slack, app": lambda **way: SlackApi(token=Secret(b"xoxb-hidden"), channel="C0000000A", **way),
    "discord": Discord,
}
LINES = {
    "drips": drips(b"HTTP/1.1 200 OK\r\n"),
    "drips in the body": drips(b"x", after=LONG),
    "dies at once": says(b""),
    "dies in the body": says(LONG + b"{"),
    "floods": Flood(b"HTTP/1.1 200 OK\r\n\r\n"),
    "is no chat": says(b"SSH-2.0-hidden\r\n"),
}


@pytest.mark.parametrize("chat", CHATS.values(), ids=CHATS)
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_bad_line_is_a_failure_that_passes_and_takes_no_time(chat, line):
    began = time.monotonic()
    with server_that(line) as url, pytest.raises(DeliveryFailed) as failed:
        outbound = Outbound(allow_private=True, seconds=0.3)
        channel = chat(address=web_address(url, allow_private=True), outbound=outbound)
        channel.send(requested().id, notice(), dt.datetime.now(dt.UTC))
    assert time.monotonic() - began < 3
    assert (failed.value.permanent, failed.value.disables) == (False, False)
    assert "hidden" not in str(failed.value)
