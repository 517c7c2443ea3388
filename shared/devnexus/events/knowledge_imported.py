"""`knowledge.imported.v1`: one entry of a v1 or v2 file, as it stood there."""

from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from devnexus.events.record import Record
from devnexus.schema_v2 import PatternEntry, RepositoryMetadata, holds
from devnexus.values import digest


class KnowledgeImported(Record):
    """A past analysis (`history`), or all that was known of the repository at last (`latest`)."""

    TYPE: ClassVar[str] = "knowledge.imported.v1"

    part: Literal["history", "latest"]
    position: Annotated[int, Field(ge=0)] = 0
    """Of a past analysis: its place in the file's list."""
    occurrence: Annotated[int, Field(ge=0)] = 0
    """How many equal ones stand before it in the list: the original wrote a commit twice when asked twice."""
    content: dict[str, Any]
    """v2's PatternEntry, or v2's RepositoryMetadata without `history`; unknown fields included."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        holds(PatternEntry if self.part == "history" else RepositoryMetadata)(self.content)
        return self

    @cached_property
    def id(self) -> str:
        """`<repository id>:import:<part>:<digest of the content>.<occurrence>`."""
        return f"{self.repository.id}:import:{self.part}:{digest(self.content)}.{self.occurrence}"

    @property
    def kind(self) -> str:
        """As promised by Record."""
        return "import"
