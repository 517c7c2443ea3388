"""The channel `slack`: a message in Slack's blocks, through an incoming webhook or `chat.postMessage`.

https://docs.slack.dev/reference/block-kit/blocks
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
https://docs.slack.dev/reference/methods/chat.postMessage
"""

import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from devnexus.errors import ConfigurationError
from devnexus.events.notification_requested import Message
from devnexus.outbound import Answer, Outbound, WebAddress, web_address
from devnexus.secrets import Secret
from devnexus.values import Value
from notifier import texts
from notifier.channel import Channel, ChannelKind, DeliveryFailed, Surroundings
from notifier.fitting import fitted, shortened, size
from notifier.posting import described, fields_of, post
from notifier.secret_names import SecretName, secret_address, secret_token

API_URL = "https://slack.com/api"
METADATA = "dev_nexus_message"
PACE_SECONDS = 1.0
"""Slack takes a message a second for each channel."""

LONGEST_HEADER = 150
LONGEST_SECTION = 3000
LONGEST_TEXT = 4000
_LONGEST_IN_ALL = 8000
"""Of all blocks: above about 12,000 with what surrounds the texts, Slack answers msg_blocks_too_long."""

_MOST_PARTS = 20
"""Two blocks each, of 50."""

_CONTROL = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LINKABLE = re.compile(r"https?://[!#-%'-;=?-{}~]{1,140}")
_ERROR = re.compile(r"[a-z_]{1,64}")
_UNKNOWN = "unknown error"

_NEW_TOKEN = "put the bot token (xoxb-…) of an installed app in its place"  # nosec B105  # a remedy
_NEW_WEBHOOK = "make a new incoming webhook and put its address in the place of the old one"
_ALLOW = "let an administrator of the workspace allow it, or name another channel"
_UNARCHIVE = "unarchive the channel, or name another"
_REMEDIES = {
    **dict.fromkeys(("not_authed", "invalid_auth", "account_inactive", "token_revoked"), _NEW_TOKEN),
    **dict.fromkeys(("token_expired", "not_allowed_token_type"), _NEW_TOKEN),
    "metadata_must_be_sent_from_app": _NEW_TOKEN,
    **dict.fromkeys(("no_permission", "access_denied", "ekm_access_denied", "restricted_action"), _ALLOW),
    "restricted_action_read_only_channel": _ALLOW,
    "restricted_action_thread_only_channel": _ALLOW,
    "is_archived": _UNARCHIVE,
    "missing_scope": "give the app the scope chat:write and install it anew",
    "channel_not_found": "name a channel that exists by its id, and invite the app where it is private",
    "not_in_channel": "invite the app to the channel, or give it the scope chat:write.public",
}
"""What puts an end to everything that goes to a channel, and what its people can do about it."""

_OURS = frozenset(
    {
        *("msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format", "no_text"),
        *("invalid_arguments", "invalid_arg_name", "invalid_json", "json_not_object", "invalid_charset"),
        *("invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"),
    }
)
"""Our mistakes: the same message would be refused again, another may be taken."""


class SlackFields(Value):
    """Names of secrets: of a webhook's address, or else of a token, beside the channel that it writes to."""

    webhook: SecretName | None = None
    token: SecretName | None = None
    slack_channel: Annotated[str, Field(pattern=r"^([CDG][A-Z0-9]{2,}|#[^\s#@,<>&]{1,80})$")] | None = None
    """Its id such as C024BE91L, or `#name`."""


class SlackWebhook:
    """Posts messages where an incoming webhook leads."""

    def __init__(self, *, address: WebAddress, outbound: Outbound) -> None:
        self._address = address
        self._outbound = outbound

    def send(self, delivery_id: str, message: Message, at: datetime) -> None:
        """As promised by Channel."""
        answer = post(self._outbound, self._address, content(message))
        if not 200 <= answer.status < 300:
            error = _error(answer.body.decode(errors="replace").strip())
            raise _refused(
                self._address,
                answer,
                error,
                permanent=answer.status == HTTPStatus.BAD_REQUEST,
                remedy=_webhook_remedy(answer.status, error),
            )


class SlackApi:
    """Posts messages to a channel as an app."""

    def __init__(self, *, address: WebAddress, token: Secret, channel: str, outbound: Outbound) -> None:
        self._address = address
        self._token = token
        self._channel = channel
        self._outbound = outbound

    def send(self, delivery_id: str, message: Message, at: datetime) -> None:
        """As promised by Channel. The message carries the delivery id in its metadata."""
        metadata = {"event_type": METADATA, "event_payload": {"delivery_id": delivery_id}}
        answer = post(
            self._outbound,
            self._address,
            {**content(message), "channel": self._channel, "metadata": metadata},
            {"Authorization": f"Bearer {self._token.value.decode()}"},
        )
        fields = fields_of(answer)
        if answer.status != HTTPStatus.OK or fields.get("ok") is not True:
            error = _error(fields.get("error"))
            raise _refused(
                self._address, answer, error, permanent=error in _OURS, remedy=_REMEDIES.get(error)
            )


def content(message: Message) -> Mapping[str, object]:
    """What Slack shows, in its limits, whatever the message says."""
    text = fitted((texts.headline(message), *texts.told(message)), LONGEST_TEXT, escape=_escaped)
    return {
        "text": text,
        "mrkdwn": False,
        "blocks": _blocks(message),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _blocks(message: Message) -> list[object]:
    parts = texts.parts(message)
    if len(parts) == 1:
        return [_header(parts[0].title), *_lines(parts[0], LONGEST_SECTION), *_link(parts[0])]
    shown = parts[:_MOST_PARTS]
    share = min(_LONGEST_IN_ALL // len(shown), LONGEST_SECTION)
    blocks = [_header(texts.headline(message))]
    for part in shown:
        title = _title(part)
        blocks += [_section("mrkdwn", title, verbatim=True), *_lines(part, share - size(title))]
    if len(parts) > len(shown):
        blocks.append(_context(texts.more_messages(len(parts) - len(shown))))
    return blocks


def _header(title: str) -> object:
    text = shortened(title, LONGEST_HEADER, escape=_escaped)
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _lines(part: texts.Part, most: int) -> list[object]:
    """The lines as plain text, in which nothing is markup, a mention, or the name of an emoji."""
    if not part.lines:
        return []
    return [_section("plain_text", fitted(part.lines, most, escape=_escaped, bullet="• "), emoji=False)]


def _link(part: texts.Part) -> list[object]:
    return [_context(_title(part))] if part.url and _LINKABLE.fullmatch(part.url) else []


def _title(part: texts.Part) -> str:
    title = shortened(part.title, LONGEST_HEADER, escape=_escaped)
    return f"<{part.url}|{title}>" if part.url and _LINKABLE.fullmatch(part.url) else title


def _section(kind: str, text: str, **settings: bool) -> object:
    return {"type": "section", "text": {"type": kind, "text": text, **settings}}


def _context(text: str) -> object:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _escaped(text: str) -> str:
    return "".join(_CONTROL.get(character, character) for character in text)


def _error(name: object) -> str:
    """The name of an error as Slack writes it; for all else `unknown`, since nothing foreign is repeated."""
    return name if isinstance(name, str) and _ERROR.fullmatch(name) else _UNKNOWN


def _webhook_remedy(status: int, error: str) -> str | None:
    if status == HTTPStatus.NOT_FOUND or error == "invalid_token":
        return _NEW_WEBHOOK
    if status == HTTPStatus.GONE:
        return _UNARCHIVE
    return _ALLOW if status == HTTPStatus.FORBIDDEN and error != _UNKNOWN else None


def _refused(
    address: WebAddress, answer: Answer, error: str, *, permanent: bool, remedy: str | None
) -> DeliveryFailed:
    return DeliveryFailed(
        f"{described(address, answer)} ({error})" + (f": {remedy}" if remedy else ""),
        permanent=permanent,
        disables=remedy is not None,
        retry_after=answer.retry_after,
    )


def _open(fields: SlackFields, surroundings: Surroundings) -> Channel:
    outbound = Outbound(allow_private=surroundings.allow_private_targets)
    match fields:
        case SlackFields(webhook=str(name), token=None, slack_channel=None):
            about = "the address of an incoming webhook"
            like = "https://hooks.slack.com/services/T…/B…/…"
            address = secret_address("webhook", name, surroundings, about=about, like=like)
            return SlackWebhook(address=address, outbound=outbound)
        case SlackFields(webhook=None, token=str(name), slack_channel=str(channel)):
            token = secret_token("token", name, surroundings, about="the bot token of a Slack app")
            address = _method("chat.postMessage", surroundings)
            return SlackApi(address=address, token=token, channel=channel, outbound=outbound)
    raise ConfigurationError("webhook: name either `webhook`, or `token` together with `slack_channel`")


def _method(name: str, surroundings: Surroundings) -> WebAddress:
    base = surroundings.environment.get("SLACK_API_URL") or API_URL
    try:
        return web_address(f"{base.rstrip('/')}/{name}", allow_private=surroundings.allow_private_targets)
    except ValueError as error:
        raise ConfigurationError(f"token: SLACK_API_URL: {error}") from error


CHANNEL = ChannelKind(fields=SlackFields, open=_open, digests=True, pace_seconds=PACE_SECONDS)
