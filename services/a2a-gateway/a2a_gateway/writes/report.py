"""What a skill that writes gives: the event that will say it, and what the caller is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypedDict, TypeVar

from a2a_gateway.answer import Answer
from devnexus.events import Record
from devnexus.events.event import Cause
from devnexus.repository import Repository


class WrittenAnswer(Answer):
    """What a skill that writes answers; the last fields are filled in when it is known what became of it."""

    message: str = ""
    """What was recorded, or that it is on its way."""
    event_id: str = ""
    """What `get_write_status` asks for."""
    committed: bool = False
    """Whether the knowledge base holds it, in the `revision` of this answer; false: it was accepted, and
    will be."""


A = TypeVar("A", bound=WrittenAnswer, covariant=True)


class Told(TypedDict):
    """The fields that the events of callers have in common."""

    cause: Cause
    repository: Repository
    at: datetime
    caller: str
    skill: str
    key: str


@dataclass(frozen=True)
class Origin:
    """What makes an event of a caller's the same one at every retry."""

    caller: str
    skill: str
    key: str
    """The caller's idempotency key, or one that was made for this call."""
    at: datetime
    """When the call was accepted first; a retry gets the same."""

    def of(self, repository: Repository) -> Told:
        """What every event says that a caller tells of this repository."""
        return Told(
            cause="agent",
            repository=repository,
            at=self.at,
            caller=self.caller,
            skill=self.skill,
            key=self.key,
        )


@dataclass(frozen=True)
class Report(Generic[A]):
    """An event, and the answer to give once it is accepted."""

    what: str
    """It in words, for the message: `a lesson on reliability for acme/api`."""
    event: Callable[[Origin], Record]
    """The event. Equal input gives equal events for equal origins."""
    answer: Callable[[Record], A]
    """The answer, given the event that was accepted."""
