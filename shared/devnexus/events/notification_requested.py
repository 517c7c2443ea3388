"""`notification.requested.v1`: one notice for one target."""

from typing import ClassVar

from devnexus.events.event import Event
from devnexus.events.patterns_extracted import NotRead
from devnexus.events.similarity_computed import Alike, Missing, Named, PatternChange
from devnexus.timestamps import Timestamp
from devnexus.values import Value


class Notice(Value):
    """What is worth telling of one repository: only what changed. Channels put it into their words."""

    repository: Named
    url: str | None = None
    revision: str
    """The commit of the knowledge base that holds it."""
    commit: str
    at: Timestamp
    introduced: tuple[PatternChange, ...] = ()
    gone: tuple[PatternChange, ...] = ()
    touched: tuple[PatternChange, ...] = ()
    not_read: tuple[NotRead, ...] = ()
    """What was not looked at, and why."""
    entered: tuple[Alike, ...] = ()
    """Repositories that have become alike, with the reasons."""
    left: tuple[Named, ...] = ()
    missing: tuple[Missing, ...] = ()


class NotificationRequested(Event):
    """Tell `target` of `notice`, once."""

    TYPE: ClassVar[str] = "notification.requested.v1"
    TOPIC: ClassVar[str] = "notifications"

    about: str
    """Id of the event that the notice is about."""
    target: str
    """A target's name in the routes."""
    notice: Notice

    @property
    def id(self) -> str:
        """`<id of the event>:<target>`; also the delivery id that the target sees at every attempt."""
        return f"{self.about}:{self.target}"
