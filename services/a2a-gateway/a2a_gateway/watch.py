"""Whoever waits for the end of a call, however long that takes."""

from typing import Protocol


class Watch(Protocol):
    """Told in the event loop, in order."""

    def doing(self, step: str) -> None:
        """What is being done now."""

    def accepted(self, event_id: str) -> None:
        """It will be recorded, as this event; from here on it cannot be undone."""

    def goes_on(self) -> bool:
        """Whether there is still somebody to wait for what takes long."""
