"""`add_deployment_info`: how a repository is deployed, as somebody who deploys it says."""

from typing import Annotated, Any

from pydantic import AfterValidator

from a2a_gateway.answer import Message
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import WritingSkill
from a2a_gateway.writes.heard_of import note
from a2a_gateway.writes.report import Origin, Report, WrittenAnswer
from a2a_gateway.writes.said import Line, Section
from a2a_gateway.writes.subject import subject
from devnexus.events import DeploymentDescribed, Record
from devnexus.schema_v2 import DeploymentInfo, holds

_LESSONS = "lessons_learned"


def _what_it_says(told: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in told.items() if name in _FIELDS and value is not None}
    if not kept:
        raise ValueError(f"should have at least one of {', '.join(sorted(_FIELDS))}")
    return kept


_FIELDS = DeploymentInfo.model_fields.keys() - {_LESSONS}


class AddDeploymentInfo(Message):
    """The repository, and what is said of how it is deployed."""

    repository: Line
    """`<owner>/<name>`; one that is not known is from now on."""
    deployment_info: Annotated[Section, AfterValidator(_what_it_says), AfterValidator(holds(DeploymentInfo))]
    """Schema v2's DeploymentInfo: `scripts`, `ci_cd_platform`, `infrastructure`, `deployment_frequency`,
    `last_deployed`, `reusable_components`. A field that is left out stays what it is, others are ignored;
    lessons are kept and come by `add_lesson_learned`. At most 50,000 bytes."""


class DeploymentInfoAdded(WrittenAnswer):
    """What was said, once it is recorded or on its way."""

    repository: str
    fields: list[str]
    """What is replaced by it."""
    note: str
    """What may be wrong: a repository that nobody knew before, or one that was removed."""


def add_deployment_info(told: AddDeploymentInfo, knowledge: Reading) -> Report[WrittenAnswer]:
    """Record how a repository is deployed."""
    about = subject(told.repository, knowledge)

    def event(origin: Origin) -> Record:
        return DeploymentDescribed(
            **origin.of(about.repository),
            deployment=told.deployment_info,
        )

    def answer(record: Record) -> DeploymentInfoAdded:
        return DeploymentInfoAdded(
            repository=about.name, fields=sorted(told.deployment_info), note=note(about)
        )

    return Report(f"how {about.name} is deployed", event, answer)


SKILL = WritingSkill(
    id="add_deployment_info",
    name="Add Deployment Info",
    description="Record how a repository is deployed; what is not mentioned, and every lesson, stays.",
    tags=("deployment", "repository", "metadata"),
    input=AddDeploymentInfo,
    output=DeploymentInfoAdded,
    run=add_deployment_info,
    example=AddDeploymentInfo(
        repository="acme/api",
        deployment_info={"ci_cd_platform": "cloud-build", "infrastructure": {"compute": "cloud-run"}},
    ),
)
