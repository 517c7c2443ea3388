"""What is known of the skills: from the gateway's code where it is installed, or from a card over HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from devnexus.errors import ConfigurationError
from devnexus.events.event import describe

Schema = Mapping[str, Any]
"""A JSON Schema: whoever runs a gateway wrote it, so nothing in it is sure."""


class NotInstalled(ConfigurationError):
    """The gateway's code is not here."""


class Example(BaseModel):
    """A call that is answered."""

    model_config = ConfigDict(extra="ignore")

    input: dict[str, Any] = {}


class InputSchema(BaseModel):
    """What a skill takes."""

    model_config = ConfigDict(extra="ignore")

    properties: dict[str, dict[str, Any]] = {}
    required: list[str] = []


class Described(BaseModel):
    """A skill as a card tells of it."""

    model_config = ConfigDict(extra="ignore")

    id: str
    name: str = ""
    description: str = ""
    requires_authentication: bool = False
    input_schema: InputSchema = Field(default_factory=InputSchema)
    examples: list[Example] = []

    @property
    def example(self) -> dict[str, Any]:
        """The input of its first example."""
        return self.examples[0].input if self.examples else {}


class Card(BaseModel):
    """The part of a card that is about skills."""

    model_config = ConfigDict(extra="ignore")

    skills: list[Described]


@dataclass(frozen=True)
class Known:
    """A skill, and what finds mistakes in its input before anything is sent."""

    skill: Described
    check: Callable[[dict[str, object]], None]
    """Raises ConfigurationError naming the field."""


def skills_here() -> dict[str, Known]:
    """The skills of the gateway that is installed here; raise NotInstalled where none is."""
    try:
        # They come with the gateway, not with the bare command line.
        from a2a_gateway.answer import CannotAnswer  # noqa: PLC0415
        from a2a_gateway.described.card import skill_entries  # noqa: PLC0415
        from a2a_gateway.registry import load_skills  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NotInstalled(
            f"the skills are not installed here ({error.name} is missing): pip install 'dev-nexus[gateway]',"
            " or name a running service: --url https://nexus.example.com"
        ) from error

    def check(id_: str, given: dict[str, object]) -> None:
        try:
            skills[id_].read(given)
        except CannotAnswer as problem:
            raise ConfigurationError(problem.error) from problem

    skills = load_skills()
    described = [Described.model_validate(entry) for entry in skill_entries(skills)]
    return {one.id: Known(one, partial(check, one.id)) for one in described}


def skills_told(card: object) -> dict[str, Known]:
    """The skills of a service, by its card; raise ConfigurationError where that is none."""
    try:
        return {one.id: Known(one, lambda _: None) for one in Card.model_validate(card).skills}
    except ValidationError as error:
        raise ConfigurationError(f"what answers there has no card of skills: {describe(error)}") from error


def type_of(schema: Schema) -> str:
    """What a value has to be, in a few words."""
    match schema:
        case {"enum": [*values]}:
            return "|".join(map(str, values))
        case {"const": value}:
            return str(value)
        case {"anyOf": [*several]}:
            kinds = [type_of(one) for one in several if isinstance(one, dict)]
            return " or ".join(kind for kind in dict.fromkeys(kinds) if kind != "null")
        case {"type": "array", "items": dict(items)}:
            return f"list of {type_of(items)}"
    return str(schema.get("type", "anything"))
