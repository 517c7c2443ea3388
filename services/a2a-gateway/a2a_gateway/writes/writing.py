"""The port through which events reach the knowledge base, and come back as commits."""

from dataclasses import dataclass
from typing import Protocol

from a2a_gateway.answer import Message
from a2a_gateway.callers.caller import Caller
from a2a_gateway.writes.report import Report, WrittenAnswer
from devnexus.events import Record


@dataclass(frozen=True)
class Accepted:
    """An event that the broker has: it will be in the knowledge base."""

    record: Record
    """As it was sent the first time."""


class Writing(Protocol):
    """Accepts what skills report."""

    def accept(
        self, report: Report[WrittenAnswer], *, caller: Caller, skill: str, key: str, given: Message
    ) -> Accepted:
        """Send the event; once this returns it is not lost. A retry with the same `key` sends the same event.

        Raises CannotAnswer with 409 where the caller used `key` for other input of this skill before, and
        Unavailable where the event may not have arrived: the caller may send the call again with the
        same key.
        """

    async def committed(self, accepted: Accepted) -> str | None:
        """A revision that holds the event, as soon as there is one; None if it takes too long to wait.

        Holds no thread while it waits.
        """
