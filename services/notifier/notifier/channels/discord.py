"""The channel `discord`: a message as a line and embeds, through a webhook of a Discord channel.

https://docs.discord.com/developers/resources/webhook#execute-webhook
https://docs.discord.com/developers/resources/message#embed-object
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

from devnexus.events.notification_requested import Message
from devnexus.outbound import Answer, Outbound, WebAddress
from devnexus.values import Value
from notifier import texts
from notifier.channel import ChannelKind, DeliveryFailed, Surroundings
from notifier.fitting import fitted, shortened, size
from notifier.posting import described, fields_of, post
from notifier.secret_names import SecretName, secret_address

COLOUR = 0x6E7781
"""Grey: nothing that we tell is an alarm."""

LONGEST_CONTENT = 2000
MOST_EMBEDS = 10
LONGEST_TITLE = 256
LONGEST_DESCRIPTION = 4096
LONGEST_IN_ALL = 6000
_LONGEST_URL = 2048

_MARKUP = re.compile(r"([\\`*_\[\]()<>#|~@:])")
_ESCAPED = r"\\\1"
"""Discord shows any mark behind a backslash as it is; the colon is for addresses and names of emoji."""

_WEB = re.compile(rf"https?://[!-~]{{1,{_LONGEST_URL - 8}}}")

_MOST_CODE = 10**7
_LONGEST_WAIT = 1e7
_FORUM = frozenset({220001, 220002, 220003})
_NEW_WEBHOOK = "make a new webhook in the settings of the channel and put its address in the old one's place"
_THREAD = "it belongs to a forum: add ?thread_id=… with the id of a post to its address"


class DiscordFields(Value):
    """The name of the secret that is the webhook's address."""

    webhook: SecretName


class Discord:
    """Posts messages where a webhook leads."""

    def __init__(self, *, address: WebAddress, outbound: Outbound) -> None:
        joint = "&" if "?" in address.path else "?"
        self._address = replace(address, path=f"{address.path}{joint}wait=true")
        self._outbound = outbound

    def send(self, delivery_id: str, message: Message, at: datetime) -> None:
        """As promised by Channel."""
        answer = post(self._outbound, self._address, content(message))
        if not 200 <= answer.status < 300:
            raise _refused(self._address, answer)


def content(message: Message) -> Mapping[str, object]:
    """What Discord shows, in its limits, whatever the message says."""
    headline, parts = texts.headline(message), texts.further(message)
    shown = parts[:MOST_EMBEDS]
    lines = [headline]
    if len(parts) > len(shown):
        lines.append(texts.more_messages(len(parts) - len(shown)))
    share = LONGEST_IN_ALL // len(shown)
    return {
        "content": fitted(lines, LONGEST_CONTENT, escape=_escaped),
        "embeds": [_embed(part, share, headline) for part in shown],
        "allowed_mentions": {"parse": []},
    }


def _embed(part: texts.Part, most: int, headline: str) -> Mapping[str, object]:
    embed: dict[str, object] = {"color": COLOUR}
    title = shortened(part.title, LONGEST_TITLE, escape=_escaped) if part.title != headline else ""
    if title:
        embed["title"] = title
    if part.url and _WEB.fullmatch(part.url):
        embed["url"] = part.url
    if part.lines:
        room = min(most - size(title), LONGEST_DESCRIPTION)
        embed["description"] = fitted(part.lines, room, escape=_escaped, bullet="• ")
    return embed


def _escaped(text: str) -> str:
    return _MARKUP.sub(_ESCAPED, text)


def _refused(address: WebAddress, answer: Answer) -> DeliveryFailed:
    fields = fields_of(answer)
    code = _code(fields.get("code"))
    remedy = _remedy(answer.status, code)
    reason = described(address, answer) + (f" (code {code})" if code is not None else "")
    return DeliveryFailed(
        reason + (f": {remedy}" if remedy else ""),
        permanent=answer.status == HTTPStatus.BAD_REQUEST,
        disables=remedy is not None,
        retry_after=_seconds(fields.get("retry_after"), answer.retry_after),
    )


def _code(said: object) -> int | None:
    return said if isinstance(said, int) and 0 <= said < _MOST_CODE else None


def _remedy(status: int, code: int | None) -> str | None:
    """What its people can do about the end of the webhook; None where it has not come to an end."""
    if status == HTTPStatus.BAD_REQUEST and code in _FORUM:
        return _THREAD
    discord_refuses = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} and code is not None
    return _NEW_WEBHOOK if discord_refuses or status == HTTPStatus.NOT_FOUND else None


def _seconds(asked: object, header: float | None) -> float | None:
    """As the body says, which is more exact, or else the header."""
    if isinstance(asked, int | float) and not isinstance(asked, bool) and 0 <= asked < _LONGEST_WAIT:
        return float(asked)
    return header


def _open(fields: DiscordFields, surroundings: Surroundings) -> Discord:
    address = secret_address(
        "webhook",
        fields.webhook,
        surroundings,
        about="the address of a webhook of a Discord channel",
        like="https://discord.com/api/webhooks/…/…",
    )
    return Discord(address=address, outbound=Outbound(allow_private=surroundings.allow_private_targets))


CHANNEL = ChannelKind(fields=DiscordFields, open=_open, digests=True)
