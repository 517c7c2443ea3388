"""`repository.*.v1`: what happened to a repository itself rather than to its code."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from devnexus.events.record import Record
from devnexus.repository import RepositoryId, RepositoryName, is_known_by_name


class _RepositoryChange(Record):
    asked_by: str
    """Id of the delivery, event or command that tells of it."""

    @property
    def id(self) -> str:
        """`<repository id>:<action>:<id of the delivery, event or command>`."""
        return f"{self.repository.id}:{self.kind}:{self.asked_by}"

    @property
    def kind(self) -> str:
        """The action."""
        return self.TYPE.split(".")[1]


class RepositoryRegistered(_RepositoryChange):
    """The repository is followed from now on, also again after it was removed."""

    TYPE: ClassVar[str] = "repository.registered.v1"

    problem_domain: str | None = None


class RepositoryRenamed(_RepositoryChange):
    """The repository, whose new name stands in `repository`, had another name or owner."""

    TYPE: ClassVar[str] = "repository.renamed.v1"

    former_name: RepositoryName


class RepositoryRemoved(_RepositoryChange):
    """The repository is no longer followed or no longer there: it is hidden, its history stays."""

    TYPE: ClassVar[str] = "repository.removed.v1"

    adopter: RepositoryId | None = None
    """Where it was known by name alone and turned out to be another: that one, which has its records now."""


class RepositoryChanged(_RepositoryChange):
    """What is not None is so from now on."""

    TYPE: ClassVar[str] = "repository.changed.v1"

    visibility: Literal["public", "private", "internal"] | None = None
    archived: bool | None = None
    default_branch: str | None = None


class RepositoryAdopted(_RepositoryChange):
    """What was known under a name alone belongs to `repository`, which has a number: the writer says so."""

    TYPE: ClassVar[str] = "repository.adopted.v1"

    adopted: RepositoryId

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not is_known_by_name(self.adopted) or is_known_by_name(self.repository.id):
            raise ValueError("a repository with a number adopts one that is known by name")
        return self
