"""`knowledge.committed.v1`: the knowledge base has a new revision."""

from typing import ClassVar

from devnexus.events.event import Cause, Event
from devnexus.git_names import ObjectId
from devnexus.repository import RepositoryId
from devnexus.values import Value


class ChangedRepository(Value):
    """What one commit of the knowledge base changed for one repository."""

    repository: RepositoryId
    kinds: tuple[str, ...]
    """What became known, such as `push`, `lesson` or `renamed`."""
    causes: tuple[Cause, ...]
    record_ids: tuple[str, ...]


class KnowledgeCommitted(Event):
    """The knowledge base moved from `parent` to `revision`; a pure function of that commit."""

    TYPE: ClassVar[str] = "knowledge.committed.v1"
    TOPIC: ClassVar[str] = "knowledge-committed"

    revision: ObjectId
    parent: ObjectId | None = None
    changed: tuple[ChangedRepository, ...] | None = None
    """None: too much to list in one event; ask the store for the difference to `parent`."""

    @property
    def id(self) -> str:
        """The commit's own id."""
        return self.revision
