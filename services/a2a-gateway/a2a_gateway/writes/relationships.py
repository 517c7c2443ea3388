"""How a repository depends on another, in the shapes in which callers say it."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from a2a_gateway.writes.said import Line, Lines, Words, at_most, filled
from devnexus.timestamps import Timestamp

Kind = Literal["consumer", "derivative", "shared_library", "upstream"]

_SAID_OTHERWISE = {"api_consumer": "consumer", "template_fork": "derivative"}
"""The dependency-orchestrator's words."""


def _kind(said: object) -> object:
    return _SAID_OTHERWISE.get(said, said) if isinstance(said, str) else said


SaidKind = Annotated[Kind, BeforeValidator(_kind)]
"""The kind of a relationship; the orchestrator's `api_consumer` and `template_fork` are understood."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_the_default(cls, given: Any) -> Any:  # noqa: ANN401 - the edge: whatever JSON held
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


class Terms(_Told):
    """By what the dependency-orchestrator judges whether a change matters to the other repository."""

    description: Words = ""
    interface_files: Lines = ()
    """The files whose changes the other one feels."""
    change_triggers: Lines = ()
    """What kinds of change concern it: api_contract, authentication, deployment, configuration, endpoints."""
    urgency_mapping: Annotated[dict[Line, Line], Field(max_length=100)] = {}
    """Kind of change → how urgent it is."""
    shared_concerns: Lines = ()
    divergent_concerns: Lines = ()
    sync_strategy: Line = ""
    """auto, manual or monitored."""


class Relationship(Terms):
    """A repository that depends on this one."""

    target_repo: Annotated[
        Line,
        AfterValidator(filled),
        Field(validation_alias=AliasChoices("target_repo", "repository", "repo", "name")),
    ]
    """The one that depends: `<owner>/<name>`."""
    relationship_type: Annotated[
        SaidKind | None, Field(validation_alias=AliasChoices("relationship_type", "relationship"))
    ] = None
    """null: what the list is called that it stands in."""
    dependency_strength: Literal["strong", "medium", "weak"] = "medium"
    notes: Words = ""
    last_synced: Timestamp | None = None

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, given: Any) -> Any:  # noqa: ANN401 - the edge: whatever JSON held
        """A name alone is one too, and `metadata` holds terms as the orchestrator's client puts them."""
        if isinstance(given, str):
            return {"target_repo": given}
        if isinstance(given, dict) and isinstance(terms := given.get("metadata"), dict):
            return {**terms, **{name: value for name, value in given.items() if value is not None}}
        return given

    def section(self, usual: Kind) -> dict[str, Any]:
        """It as schema v2's DependencyRelationship; `usual` kind where none was said."""
        said = self.model_dump(mode="json", exclude_defaults=True, by_alias=False)
        kind = self.relationship_type or usual
        return {**said, "relationship_type": kind, "dependency_strength": self.dependency_strength}


Relationships = Annotated[tuple[Relationship, ...], Field(max_length=500), at_most(500)]


class DependencyInfoTold(_Told):
    """Schema v2's DependencyInfo; a list that is given takes the place of the one that stands."""

    consumers: Relationships | None = None
    """Who uses what this repository offers; names alone will do."""
    derivatives: Relationships | None = None
    """Who was made from this repository."""
    external_dependencies: Annotated[tuple[Line, ...], Field(max_length=2000), at_most(2000)] | None = None
    """The packages that it asks for, beside those that its manifests show."""
    dependency_update_strategy: Line | None = None

    def section(self) -> dict[str, Any]:
        """What was given of it, as schema v2 has it."""
        lists: tuple[tuple[str, Relationships | None, Kind], ...] = (
            ("consumers", self.consumers, "consumer"),
            ("derivatives", self.derivatives, "derivative"),
        )
        said: dict[str, Any] = {
            name: [one.section(kind) for one in some] for name, some, kind in lists if some is not None
        }
        if self.external_dependencies is not None:
            said["external_dependencies"] = list(self.external_dependencies)
        if self.dependency_update_strategy is not None:
            said["dependency_update_strategy"] = self.dependency_update_strategy
        return said


def list_of(kind: Kind) -> str:
    """The list of schema v2 that a relationship of this kind stands in."""
    return "derivatives" if kind == "derivative" else "consumers"
