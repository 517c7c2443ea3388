"""`snapshot.requested.v1`: somebody wants the whole tree of a repository read."""

from typing import ClassVar

from devnexus.events.event import Event
from devnexus.git_names import ObjectId
from devnexus.repository import Repository
from devnexus.timestamps import Timestamp


class SnapshotRequested(Event):
    """The whole tree of `repository` at `sha` is to be read."""

    TYPE: ClassVar[str] = "snapshot.requested.v1"
    TOPIC: ClassVar[str] = "commit-bulk"

    repository: Repository
    sha: ObjectId | None = None
    """None: the head of the default branch, resolved by the extractor."""
    as_of: Timestamp | None = None
    """The `pushed_at` of the push that asked; None: the committer date of the commit that is read."""
    asked_by: str
    """Id of the push, delivery or command that asked: two reasons make two snapshots."""

    @property
    def id(self) -> str:
        """`<repository id>@<sha or head>:<cause>:<asked_by>`."""
        return f"{self.repository.id}@{self.sha or 'head'}:{self.cause}:{self.asked_by}"
