"""What skills are given and answer, and how they refuse."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Input(BaseModel):
    """What a skill is given. Unknown fields are ignored, and null means the default: callers send both."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_the_default(cls, given: Any) -> Any:  # noqa: ANN401 - the edge: whatever JSON held
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


class Question(Input):
    """What a skill that only reads is given."""

    as_of: str = ""
    """Answer from what was known at this revision or time (ISO 8601); empty: from what is known now."""


class Message(Input):
    """What a skill that writes is given."""

    idempotency_key: str = ""
    """Sent again with the same key, the same input is recorded once; also as the header Idempotency-Key."""


class Part(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(Part):
    """What a skill answers when it can."""

    success: bool = True


class CannotAnswer(Exception):
    """The call cannot be answered, for this reason, with this status; `fields` join the answer's body."""

    def __init__(self, error: str, *, status: HTTPStatus = HTTPStatus.BAD_REQUEST, **fields: object) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.fields = fields
