"""What every event has in common: a versioned type, a natural key, a cause, a number of hops."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError

from devnexus.errors import Rejected
from devnexus.values import Value

Cause = Literal["live", "snapshot", "backfill", "reanalysis", "import", "agent"]
"""Why there is an event at all: only `live` pushes notify anyone."""

MAX_HOPS = 2
"""An event more than this many services away from its origin is a loop."""


class Event(Value):
    """A fact that has happened. Its id is its natural key, so a retry anywhere makes the same id."""

    TYPE: ClassVar[str]
    """Name and version on the wire, such as `commit.pushed.v1`."""

    TOPIC: ClassVar[str]
    """The topic it is published to unless the producer says otherwise."""

    cause: Cause
    hops: Annotated[int, Field(ge=0, le=MAX_HOPS)] = 0

    @property
    def id(self) -> str:
        """The natural key: equal facts have equal ids, in every process and at every retry."""
        raise NotImplementedError

    @classmethod
    def parse(cls, payload: Any) -> Self:  # noqa: ANN401 - the edge: whatever JSON held
        """The event in `payload`, unknown fields ignored. Raises Rejected naming the wrong fields."""
        try:
            return cls.model_validate(payload, extra="ignore")
        except ValidationError as error:
            raise Rejected(f"{cls.TYPE}: {describe(error)}") from error

    def payload(self) -> dict[str, Any]:
        """The JSON content, without fields that are at their default, so that records stay small."""
        return self.model_dump(mode="json", exclude_defaults=True)


def describe(error: ValidationError, *, whole: str = "payload") -> str:
    """`field.path: what is wrong`, the first five, without the input (it may hold a secret).

    `whole` is what stands for the path where it is no single field.
    """
    problems = error.errors(include_url=False, include_context=False, include_input=False)[:5]
    return "; ".join(
        f"{'.'.join(map(str, e['loc'])) or whole}: {e['msg'].removeprefix('Value error, ')}" for e in problems
    )
