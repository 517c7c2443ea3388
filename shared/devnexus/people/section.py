"""A part of a people's file: knows its fields by name, so that a typo is an error with a remedy."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from devnexus.printable import printable
from devnexus.values import Value

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""A name or an id."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
"""A few sentences."""

Words = tuple[Word, ...]

SomeWords = Annotated[tuple[Word, ...], Field(min_length=1)]

_LONGEST_FIELD = 60


class Section(Value):
    """Fields of which none is unknown; one that was left empty is as good as absent."""

    @model_validator(mode="before")
    @classmethod
    def _known_fields_only(cls, content: Any) -> Any:  # noqa: ANN401 - the edge: whatever YAML held
        if content is None:
            return {}
        allowed = ", ".join(cls.model_fields)
        if not isinstance(content, dict):
            raise PydanticCustomError("no_fields", "write fields here: {allowed}", {"allowed": allowed})
        for field in content:
            if field not in cls.model_fields:
                raise PydanticCustomError(
                    "unknown_field",
                    "there is no field {shown}; allowed are {allowed}",
                    {"shown": printable(str(field)[:_LONGEST_FIELD]), "field": field, "allowed": allowed},
                )
        return {field: value for field, value in content.items() if value is not None}
