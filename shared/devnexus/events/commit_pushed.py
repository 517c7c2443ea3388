"""`commit.pushed.v1`: a branch of a repository moved."""

from typing import ClassVar

from devnexus.events.event import Event
from devnexus.git_names import ObjectId, Ref
from devnexus.repository import Repository
from devnexus.timestamps import Timestamp, write


class CommitPushed(Event):
    """The default branch of a repository moved from `before` to `after`."""

    TYPE: ClassVar[str] = "commit.pushed.v1"
    TOPIC: ClassVar[str] = "commit-pushed"

    repository: Repository
    ref: Ref
    before: ObjectId
    after: ObjectId
    pushed_at: Timestamp
    """When the host says it happened: the same on every redelivery, and what orders the record."""
    recovered: bool = False
    """Whether nobody told us when it happened: it stands for one push or several that were missed."""

    @property
    def id(self) -> str:
        """`<repository id>:<ref>:<before>..<after>@<pushed_at>`."""
        return f"{self.repository.id}:{self.ref}:{self.before}..{self.after}@{write(self.pushed_at)}"
