"""`update_dependency_info`: who depends on a repository, as somebody who knows says."""

from typing import Annotated, Any, Self

from pydantic import AliasChoices, Field, model_validator

from a2a_gateway.answer import Message
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import WritingSkill
from a2a_gateway.writes.heard_of import note, page_here
from a2a_gateway.writes.relationships import DependencyInfoTold, Relationship, SaidKind, Terms, list_of
from a2a_gateway.writes.report import Origin, Report, WrittenAnswer
from a2a_gateway.writes.said import Line, Words
from a2a_gateway.writes.subject import subject
from devnexus.events import DependenciesDeclared, Record


class UpdateDependencyInfo(Message):
    """Either `dependency_info`, whose lists take the place of those that stand, or one relationship with
    `target_repo`, which joins those that stand or takes the place of what was said of the same two."""

    repository: Annotated[Line, Field(validation_alias=AliasChoices("repository", "source_repo"))]
    """The one that others depend on: `<owner>/<name>`; one that is not known is from now on."""
    dependency_info: DependencyInfoTold | None = None
    target_repo: Annotated[Line, Field(validation_alias=AliasChoices("target_repo", "dependent_repo"))] = ""
    """The one that depends on it."""
    relationship_type: Annotated[
        SaidKind, Field(validation_alias=AliasChoices("relationship_type", "dependency_type"))
    ] = "consumer"
    description: Words = ""
    """How the one depends on the other."""
    metadata: Terms = Terms()
    """By what to judge whether a change matters to it."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.dependency_info is None) == (not self.target_repo):
            raise ValueError("give dependency_info, or one relationship with target_repo")
        if self.dependency_info is not None and not self.dependency_info.section():
            raise ValueError("dependency_info: give consumers, derivatives or external_dependencies")
        return self

    @property
    def adds(self) -> bool:
        """Whether it joins what stands."""
        return self.dependency_info is None

    def section(self) -> dict[str, Any]:
        """What it says, as schema v2 has it."""
        if self.dependency_info is not None:
            return self.dependency_info.section()
        terms = {**dict(self.metadata), **({"description": self.description} if self.description else {})}
        kind = self.relationship_type
        one = Relationship(target_repo=self.target_repo, relationship_type=kind, **terms)
        return {list_of(kind): [one.section(kind)]}


class DependencyInfoUpdated(WrittenAnswer):
    """What was said, once it is recorded or on its way."""

    repository: str
    kb_url: str
    """Where this service shows it."""
    note: str
    """What may be wrong: a repository that nobody knew before, or one that was removed."""


def update_dependency_info(told: UpdateDependencyInfo, knowledge: Reading) -> Report[WrittenAnswer]:
    """Record who depends on a repository."""
    about = subject(told.repository, knowledge)

    def event(origin: Origin) -> Record:
        return DependenciesDeclared(
            **origin.of(about.repository),
            dependencies=told.section(),
            adds=told.adds,
        )

    def answer(record: Record) -> DependencyInfoUpdated:
        return DependencyInfoUpdated(repository=about.name, kb_url=page_here(about), note=note(about))

    return Report(f"who depends on {about.name}", event, answer)


SKILL = WritingSkill(
    id="update_dependency_info",
    name="Update Dependency Information",
    description="Record which repositories depend on another, one relationship at a time or whole lists.",
    tags=("dependencies", "graph", "orchestration"),
    input=UpdateDependencyInfo,
    output=DependencyInfoUpdated,
    run=update_dependency_info,
    example=UpdateDependencyInfo(
        repository="acme/api",
        dependency_info=DependencyInfoTold(
            consumers=(
                Relationship(
                    target_repo="acme/web", relationship_type="consumer", interface_files=("openapi.yaml",)
                ),
            )
        ),
    ),
)
