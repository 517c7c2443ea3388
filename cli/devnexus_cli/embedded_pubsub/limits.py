"""Production's limits, so that what it would refuse does not pass on a laptop."""

import re
from collections.abc import Sequence

from devnexus_cli.embedded_pubsub.model import Draft, InvalidArgument, RetryPolicy, Settings

_MAX_MESSAGES = 1000
_MAX_REQUEST_BYTES = 10_000_000
_MAX_ATTRIBUTES = 100
_MAX_KEY_BYTES = 256
_MAX_VALUE_BYTES = 1024
_MAX_ORDERING_KEY_BYTES = 1024

_MAX_BACKOFF_S = 600.0
_RETENTION_S = (600.0, 31 * 86_400.0)
_ACK_DEADLINE_S = (10, 600)
_ATTEMPTS = (5, 100)

_NAME = re.compile(r"projects/[^/]+/(topics|subscriptions)/[A-Za-z][\w.~+%-]{2,254}", re.ASCII)


def check_name(name: str, kind: str) -> None:
    """Raise InvalidArgument unless `name` is a full name of that kind, "topics" or "subscriptions"."""
    match = _NAME.fullmatch(name)
    _require(match is not None and match[1] == kind, f"Invalid resource name given (name={name})")


def check_drafts(drafts: Sequence[Draft]) -> None:
    """Raise InvalidArgument if production would not take these messages in one request."""
    _require(0 < len(drafts) <= _MAX_MESSAGES, f"A request has 1 to {_MAX_MESSAGES} messages: {len(drafts)}")
    size = sum(_check_draft(draft) for draft in drafts)
    _require(size <= _MAX_REQUEST_BYTES, f"The request is too large: {size} > {_MAX_REQUEST_BYTES} bytes")


def _check_draft(draft: Draft) -> int:
    attributes = draft.attributes
    _require(bool(draft.data or attributes), "A message needs data or at least one attribute")
    _require(len(attributes) <= _MAX_ATTRIBUTES, f"More than {_MAX_ATTRIBUTES} attributes")
    size = len(draft.data) + len(draft.ordering_key.encode())
    _require(size - len(draft.data) <= _MAX_ORDERING_KEY_BYTES, "The ordering key is too long")
    for key, value in attributes.items():
        key_bytes, value_bytes = len(key.encode()), len(value.encode())
        _require(0 < key_bytes <= _MAX_KEY_BYTES, f"An attribute key has 1 to {_MAX_KEY_BYTES} bytes")
        _require(value_bytes <= _MAX_VALUE_BYTES, f"More than {_MAX_VALUE_BYTES} bytes of {key}")
        size += key_bytes + value_bytes
    return size


def check_settings(settings: Settings) -> None:
    """Raise InvalidArgument if production would not take this subscription."""
    check_name(settings.name, "subscriptions")
    _within(settings.ack_deadline_s, _ACK_DEADLINE_S, "ack_deadline_seconds")
    _within(settings.retention_s, _RETENTION_S, "message_retention_duration")
    if settings.retry:
        _check_retry(settings.retry)
    if settings.dead_letter:
        _within(settings.dead_letter.max_attempts, _ATTEMPTS, "max_delivery_attempts")
    plain = settings.push_endpoint.startswith(("http://", "https://"))
    _require(plain or not settings.push_endpoint, f"Not a push endpoint: {settings.push_endpoint}")


def _check_retry(retry: RetryPolicy) -> None:
    for seconds in (retry.minimum_s, retry.maximum_s):
        _within(seconds, (0.0, _MAX_BACKOFF_S), "retry_policy")
    _require(retry.minimum_s <= retry.maximum_s, "minimum_backoff is above maximum_backoff")


def check_extension(seconds: int) -> None:
    """Raise InvalidArgument unless a lease may be set to end after so many seconds."""
    _within(seconds, (0, _ACK_DEADLINE_S[1]), "ack_deadline_seconds")


def _within(value: float, bounds: tuple[float, float], field: str) -> None:
    least, most = bounds
    _require(least <= value <= most, f"{field} must be between {least} and {most}: {value}")


def _require(held: bool, otherwise: str) -> None:
    if not held:
        raise InvalidArgument(otherwise)
