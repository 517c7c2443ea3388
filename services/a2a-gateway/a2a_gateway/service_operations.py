"""The routes that are about the service itself, and the one that takes every call."""

from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel

from a2a_gateway.answer import Input
from a2a_gateway.operation import WRITES, Operation
from a2a_gateway.skill_list import SkillList

_EXAMPLE = {"patterns": ["Retry with backoff"]}


class CallById(Input):
    """A call whose answer comes as it is."""

    skill_id: str
    input: dict[str, object] | None = None
    """What the skill takes."""


class CallByName(Input):
    """The same as the dependency-orchestrator says it; the answer comes in `data`."""

    skill_name: str
    input_data: dict[str, object] | None = None
    """What the skill takes."""


class Call(RootModel[CallById | CallByName]):
    """One call of a skill."""


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)


class Answered(_Open):
    """The fields of the skill's answer; for a call by `skill_name`: `data`, which holds them."""

    success: Literal[True]


class Health(_Open):
    """How the service is."""

    status: Literal["healthy", "degraded", "unhealthy"]
    """`degraded`: it answers, and the newest revision may be newer than what it knows."""
    service: str
    version: str


class Card(_Open):
    """The service and its skills, each with the schema of its input."""

    name: str
    url: str
    skills: list[dict[str, object]]


SERVICE = (
    Operation(
        id="list_skills",
        method="get",
        path="/skills",
        summary="List the skills",
        description="Every skill with who may call it.",
        tag="service",
        tells={HTTPStatus.OK: SkillList},
        refuses=(HTTPStatus.UNAUTHORIZED,),
    ),
    Operation(
        id="execute",
        method="post",
        path="/a2a/execute",
        summary="Call a skill in an envelope",
        description="Takes a call of any skill, in either envelope.",
        tag="service",
        takes=Call,
        tells={HTTPStatus.OK: Answered, HTTPStatus.ACCEPTED: Answered},
        refuses=WRITES,
        example={"skill_id": "query_patterns", "input": _EXAMPLE},
    ),
    Operation(
        id="agent_card",
        method="get",
        path="/.well-known/agent.json",
        summary="The agent card",
        description="How the service presents itself to agents.",
        tag="service",
        tells={HTTPStatus.OK: Card},
        refuses=(HTTPStatus.UNAUTHORIZED,),
    ),
    Operation(
        id="health",
        method="get",
        path="/health",
        summary="Health",
        description="Whether the service answers. Nobody is asked who they are.",
        tag="service",
        tells={HTTPStatus.OK: Health, HTTPStatus.SERVICE_UNAVAILABLE: Health},
        is_for_all=True,
    ),
)
