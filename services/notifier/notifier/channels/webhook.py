"""The channel `webhook`: a message is POSTed as JSON, signed as Standard Webhooks says.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import BeforeValidator, Field

from devnexus.errors import ConfigurationError
from devnexus.events.notification_requested import Digest, Message, Summary
from devnexus.outbound import Answer, NoAnswer, Outbound, WebAddress, web_address
from devnexus.timestamps import write
from devnexus.values import Value, canonical_json
from notifier.channel import ChannelKind, DeliveryFailed, Surroundings
from notifier.secret_names import SecretName, secret_of
from notifier.signature import sign, signing_key

TYPE = "knowledge.changed"
SUMMARY_TYPE = "knowledge.summary"
DIGEST_TYPE = "knowledge.digest"


def _as_list(names: object) -> object:
    return [names] if isinstance(names, str) else names


class WebhookFields(Value):
    """Where to, and the names of the secrets that both sides know."""

    url: str
    secret: Annotated[tuple[SecretName, ...], Field(min_length=1, max_length=5), BeforeValidator(_as_list)]
    """One, or several while one takes the place of another, the newest first: each signs every message."""


class Webhook:
    """POSTs messages to one address."""

    def __init__(self, *, address: WebAddress, keys: Sequence[bytes], outbound: Outbound) -> None:
        self._address = address
        self._keys = keys
        self._outbound = outbound

    def send(self, delivery_id: str, message: Message, at: datetime) -> None:
        """As promised by Channel: 2xx is success, 404 and 410 the end, all else a reason to try again."""
        data = message.model_dump(mode="json")
        body = canonical_json({"type": _type(message), "timestamp": write(at), "data": data})
        seconds = int(at.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "dev-nexus",
            "webhook-id": delivery_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign(self._keys, delivery_id=delivery_id, seconds=seconds, body=body),
        }
        answer = self._post(body, headers)
        if not 200 <= answer.status < 300:
            hint = "; redirects are not followed" if 300 <= answer.status < 400 else ""
            raise DeliveryFailed(
                f"{self._address.host} answered {answer.status}{hint}",
                disables=answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE},
                retry_after=answer.retry_after,
            )

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            return self._outbound.tell("POST", self._address, headers=headers, body=body)
        except NoAnswer as error:
            raise DeliveryFailed(str(error)) from error


def _type(message: Message) -> str:
    match message:
        case Summary():
            return SUMMARY_TYPE
        case Digest():
            return DIGEST_TYPE
    return TYPE


def _open(fields: WebhookFields, surroundings: Surroundings) -> Webhook:
    try:
        address = web_address(fields.url, allow_private=surroundings.allow_private_targets)
    except ValueError as error:
        raise ConfigurationError(f"url: {error}") from error
    return Webhook(
        address=address,
        keys=[_key(name, surroundings) for name in fields.secret],
        outbound=Outbound(allow_private=surroundings.allow_private_targets),
    )


def _key(name: str, surroundings: Surroundings) -> bytes:
    about = "a secret that this webhook's messages are signed with"
    secret = secret_of("secret", name, surroundings, about=about)
    try:
        return signing_key(secret)
    except ValueError as error:
        raise ConfigurationError(
            f"secret: {name} cannot sign: {error}. Make one: openssl rand -base64 32"
        ) from error


CHANNEL = ChannelKind(fields=WebhookFields, open=_open)
