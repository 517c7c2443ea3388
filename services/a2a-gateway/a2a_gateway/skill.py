"""What a skill is: one thing that agents may ask, with typed input and output."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from a2a_gateway.reading import Reading
from devnexus.events.event import describe


class Input(BaseModel):
    """What a skill is given. Unknown fields are ignored, and null means the default: callers send both."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_the_default(cls, given: Any) -> Any:  # noqa: ANN401 - the edge: whatever JSON held
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


class Answer(BaseModel):
    """What a skill answers when it can."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    success: bool = True


class CannotAnswer(Exception):
    """The call cannot be answered, for this reason, with this status; `fields` join the answer's body."""

    def __init__(self, error: str, *, status: HTTPStatus = HTTPStatus.BAD_REQUEST, **fields: object) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.fields = fields


I = TypeVar("I", bound=Input)  # noqa: E741 - of what is given in


@dataclass(frozen=True)
class Skill(Generic[I]):
    """One skill. The agent card, the routes and the documentation are derived from this."""

    id: str
    name: str
    description: str
    tags: tuple[str, ...]
    input: type[I]
    run: Callable[[I, Reading], Answer]
    example: I

    def answer(self, given: object, knowledge: Reading) -> Answer:
        """The answer to untyped input. Raises CannotAnswer where the input is wrong."""
        if not isinstance(given, dict | None):
            raise CannotAnswer("input: Input should be an object")
        try:
            typed = self.input.model_validate(given or {})
        except ValidationError as error:
            raise CannotAnswer(describe(error)) from error
        return self.run(typed, knowledge)
