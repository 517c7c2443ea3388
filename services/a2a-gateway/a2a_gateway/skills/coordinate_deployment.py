"""`coordinate_deployment`: whether to deploy a repository now, and why not."""

from typing import Annotated

from pydantic import Field

from a2a_gateway.agents.coordinate_deployment import coordinate_deployment
from a2a_gateway.agents.deployment import Advice
from a2a_gateway.answer import Input
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import AskingSkill
from a2a_gateway.world import World


class CoordinateDeployment(Input):
    """What is to be deployed."""

    repository: str
    """`<owner>/<name>`."""
    patterns: Annotated[list[str], Field(max_length=100)] = []
    """Names, aliases or ids of the patterns that it touches; empty: all that the repository has."""


def _advise(asked: CoordinateDeployment, knowledge: Reading, world: World) -> Advice:
    return coordinate_deployment(
        asked.repository, asked.patterns, knowledge=knowledge, agents=world.agents, now=world.now
    )


SKILL = AskingSkill(
    id="coordinate_deployment",
    name="Coordinate Deployment",
    description="Advise whether to deploy a repository now, from how its patterns fared in production,"
    " and tell who depends on it. Agents that do not answer are named, and decide nothing.",
    tags=("deployment", "health", "coordination"),
    input=CoordinateDeployment,
    output=Advice,
    run=_advise,
    example=CoordinateDeployment(repository="acme/api"),
)
