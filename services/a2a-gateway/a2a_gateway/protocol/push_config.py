"""What those who want to be told of a task may ask for: where to, with which headers, and how often."""

import re
from collections.abc import Iterable, Iterator, Mapping

from a2a.types.a2a_pb2 import TaskPushNotificationConfig

from a2a_gateway.protocol.errors import bad_input

MOST_CONFIGS = 10
"""Of one task."""

_SCHEMES = ("Bearer", "Basic")
"""Those whose credentials can be sent as they are."""

_PLAIN = re.compile(r"[ -~]*")
"""What stands in a header as it is, and begins no other one."""

_LONGEST = dict(id=200, url=2000, token=2000, credentials=4000)
_KNOWN_BY = "X-A2A-Notification-Token"

Violation = tuple[str, str]
"""A field, and what is wrong with it."""


def checked(
    config: TaskPushNotificationConfig,
    others: Iterable[TaskPushNotificationConfig] = (),
    *,
    within: str = "",
) -> None:
    """Raise InvalidParamsError, by field, where a receiver cannot be told as it asks.

    `others` are the configurations that the task has already, `within` is what the fields stand in. Whether
    its address may be told at all is another question.
    """
    if violations := [(f"{within}{field}", message) for field, message in _violations(config, others)]:
        raise bad_input("; ".join(f"{field}: {message}" for field, message in violations), violations)


def headers_of(config: TaskPushNotificationConfig) -> Mapping[str, str]:
    """By what the receiver knows that it is meant."""
    headers = {_KNOWN_BY: config.token} if config.token else {}
    if config.authentication.scheme:
        headers["Authorization"] = f"{config.authentication.scheme} {config.authentication.credentials}"
    return headers


def _violations(
    config: TaskPushNotificationConfig, others: Iterable[TaskPushNotificationConfig]
) -> Iterator[Violation]:
    yield from _wrong("id", config.id)
    yield from _wrong("url", config.url)
    yield from _wrong("token", config.token)
    if config.HasField("authentication"):
        yield from _wrong("credentials", config.authentication.credentials, within="authentication.")
        yield from _unsendable(config.authentication.scheme, config.authentication.credentials)
    if len({one.id for one in others} - {config.id}) >= MOST_CONFIGS:
        yield "id", f"a task has at most {MOST_CONFIGS} of these"


def _wrong(field: str, value: str, *, within: str = "") -> Iterator[Violation]:
    if len(value) > _LONGEST[field]:
        yield f"{within}{field}", f"at most {_LONGEST[field]} characters"
    elif not _PLAIN.fullmatch(value) or value != value.strip():
        yield f"{within}{field}", "only visible ASCII characters, and spaces between them"


def _unsendable(scheme: str, credentials: str) -> Iterator[Violation]:
    if scheme.lower() not in {known.lower() for known in _SCHEMES}:
        yield "authentication.scheme", f"one of {', '.join(_SCHEMES)}"
    elif not credentials:
        yield "authentication.credentials", "needed: they are sent as they are"
