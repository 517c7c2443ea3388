"""What agents tell us, read leniently: they are older than we are, and change without us."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from devnexus.events.event import describe

_LONGEST_TEXT = 20_000
_LONGEST_NAME = 200
_NAMES = ("repo", "repository", "target_repo", "name")
"""The fields under which an item names its repository, the family's habits together."""


class Told(BaseModel):
    """Something that an agent told: fields that we do not know are ignored, null is the default."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _null_is_the_default(cls, told: Any) -> Any:  # noqa: ANN401 - the edge: whatever JSON held
        if not isinstance(told, dict):
            return told
        return {name: value for name, value in told.items() if value is not None}


T = TypeVar("T", bound=Told)


def told(kind: type[T], content: object) -> T:
    """`content` as `kind`; raise ValueError, naming the field and not its value, where it cannot be that."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise ValueError(describe(error)) from None


def _repository(item: object) -> object:
    if isinstance(item, dict):
        return next((item[name] for name in _NAMES if item.get(name)), None)
    return item


def _named(name: str) -> str:
    if not (stripped := name.strip()[:_LONGEST_NAME]):
        raise ValueError("it names no repository")
    return stripped


Text = Annotated[str, AfterValidator(lambda text: text[:_LONGEST_TEXT])]
"""Prose; cut where it has no end. Whoever prints it makes it printable."""

Repository = Annotated[str, BeforeValidator(_repository), AfterValidator(_named)]
"""The name of a repository, which may come as an object that holds it."""
