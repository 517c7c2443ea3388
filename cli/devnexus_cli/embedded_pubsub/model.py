"""The values that the broker works with, and the errors it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class BrokerError(Exception):
    """The broker refuses the call; the subclass says which gRPC status the caller sees."""


class NotFound(BrokerError):
    """There is no topic or subscription of that name."""


class AlreadyExists(BrokerError):
    """There is one of that name."""


class InvalidArgument(BrokerError):
    """Production would refuse this request for good."""


class WrongState(BrokerError):
    """The call does not fit the subscription as it is now."""


class Unsupported(BrokerError):
    """Production can do this, the embedded server cannot."""


class OutOfService(BrokerError):
    """An outage is played, or the server is ending."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as its publisher sends it."""

    data: bytes = b""
    attributes: Mapping[str, str] = field(default_factory=dict)
    ordering_key: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that a topic took."""

    id: str
    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str
    published: datetime

    @property
    def publish_time(self) -> str:
        """When it was published, as JSON and attributes say it."""
        return self.published.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One lease of a message: it ends with an acknowledgement, a nack, or its deadline."""

    message: Message
    ack_id: str
    attempt: int
    """Counts from 1 where the subscription has a dead letter policy, else 0."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds of the pause before a message comes again."""

    minimum_s: float = 10.0
    maximum_s: float = 600.0


@dataclass(frozen=True, slots=True)
class DeadLetterPolicy:
    """Where a message goes after so many failed attempts."""

    topic: str
    max_attempts: int


@dataclass(frozen=True, slots=True)
class Settings:
    """A subscription as it was declared. Pulled where `push_endpoint` is empty."""

    name: str
    topic: str
    push_endpoint: str = ""
    ack_deadline_s: int = 10
    retry: RetryPolicy | None = None
    dead_letter: DeadLetterPolicy | None = None
    retention_s: float = 7 * 86_400.0
    """Kept for those who read it back; nothing is removed by age."""

    never_expires: bool = False
    """Likewise: no subscription is removed for being idle."""
