"""What is kept in the history of a repository: every event that changes what is known of it."""

from typing import ClassVar

from devnexus.events.event import Event
from devnexus.repository import Repository
from devnexus.timestamps import Timestamp


class Record(Event):
    """Something that became known of one repository, in force from `at` on."""

    TOPIC: ClassVar[str] = "knowledge-changes"

    repository: Repository
    at: Timestamp
    """What orders records, fixed once when the event happened and the same on every redelivery."""

    @property
    def kind(self) -> str:
        """The word for it in announcements and logs, such as `push` or `lesson`."""
        raise NotImplementedError
