"""`notification.requested.v1`: one message for one target."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from devnexus.events.event import Cause, Event
from devnexus.events.similarity_computed import Alike, Change, Named
from devnexus.timestamps import Timestamp
from devnexus.values import Value


class Notice(Change):
    """What is worth telling of one repository: only what changed. Channels put it into their words."""

    entered: tuple[Alike, ...] = ()
    """Repositories that have become alike, with the reasons."""
    test: bool = False
    """Whether nothing has happened, and somebody only wants to see whether messages arrive."""


class Counted(Value):
    """A pattern, and in how many repositories it is."""

    name: str
    repositories: int


class Summary(Value):
    """What a run over many repositories brought, told once when it is over."""

    cause: Cause
    repositories: int
    """How many of those that the target hears of."""
    names: tuple[Named, ...]
    """The first of them by name, at most 10."""
    patterns: tuple[Counted, ...] = ()
    """The patterns that were new in most of them, at most 10."""
    pattern_count: int = 0
    """How many different ones there were."""
    began_at: Timestamp
    ended_at: Timestamp


class Digest(Value):
    """Messages that waited for the same target, told as one; oldest first."""

    messages: Annotated[tuple["Notice | Summary", ...], Field(min_length=2)]


Message = Notice | Summary | Digest


class NotificationRequested(Event):
    """Tell `target` of one message, once."""

    TYPE: ClassVar[str] = "notification.requested.v1"
    TOPIC: ClassVar[str] = "notifications"

    about: str
    """Id of the event, run or digest that the message is about."""
    target: str
    """A target's name in the routes."""
    notice: Notice | None = None
    summary: Summary | None = None
    digest: Digest | None = None

    @model_validator(mode="after")
    def _one_message(self) -> Self:
        if sum(one is not None for one in (self.notice, self.summary, self.digest)) != 1:
            raise ValueError("holds one of notice, summary and digest")
        return self

    @property
    def message(self) -> Message:
        """What is to be told."""
        message = self.notice or self.summary or self.digest
        assert message is not None
        return message

    @property
    def id(self) -> str:
        """`<id of what it is about>:<target>`; also the delivery id that the target sees at every attempt."""
        return f"{self.about}:{self.target}"
