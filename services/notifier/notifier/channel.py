"""What a channel is: one module in `notifier.channels` that defines `CHANNEL`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from devnexus.events.notification_requested import Message
from devnexus.values import Value


class DeliveryFailed(Exception):
    """The target did not take the message.

    `permanent`: no later attempt would change that for this message. `disables`: nor for any other, since
    the target is gone or we are not let in any more. `retry_after`: seconds that the target asked to be
    left alone for.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        disables: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent or disables
        self.disables = disables
        self.retry_after = retry_after


class Channel(Protocol):
    """One target, ready to be told."""

    def send(self, delivery_id: str, message: Message, at: datetime) -> None:
        """Return once the target has taken the message; raise DeliveryFailed, with the reason, if it has not.

        A delivery may be sent again with the same id: the target can tell by it. `at` is the time of this
        attempt. Called from several threads; takes less than `deliveries.CLAIM_SECONDS`. The reason names
        no secret.
        """


@dataclass(frozen=True)
class Surroundings:
    """What a channel may need besides its target's entry in the routes."""

    environment: Mapping[str, str]
    """Where secrets are looked up."""
    allow_private_targets: bool = False
    """Whether to connect to addresses that are not public."""


Fields = TypeVar("Fields", bound=Value)


@dataclass(frozen=True)
class ChannelKind(Generic[Fields]):
    """A way to tell: what the routes say of such a target, and how to open it.

    `open` raises ConfigurationError, beginning with the field's name, where a field is wrong.
    """

    fields: type[Fields]
    open: Callable[[Fields, Surroundings], Channel]
    every_push: bool = False
    """Whether it is told of every push, with all that is known of it: machines decide for themselves."""
    summaries: bool = True
    """Whether it is told of runs over many repositories."""
    digests: bool = False
    """Whether messages that wait for it may be told as one: people read one better than many."""
    pace_seconds: float = 0.0
    """How long after a message the target wants no other."""
