"""The routes that are about the service itself, and the one that takes every call."""

from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel

from a2a_gateway.answer import Input
from a2a_gateway.described.operation import ASKS, READS, WRITES, Operation
from a2a_gateway.described.skill_list import SkillList

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
    model_config = ConfigDict(extra="allow")


class Answered(_Open):
    """The fields of the skill's answer; for a call by `skill_name`: `data`, which holds them."""

    success: Literal[True]


class Cancel(Input):
    """Which task is not wanted any more."""

    task_id: str


class Cancelled(_Open):
    """How the task stands."""

    task_id: str
    status: str
    message: str


class Workflow(_Open):
    """How far a task is."""

    success: bool
    """false: it has failed."""
    workflow_id: str
    status: Literal["queued", "running", "completed", "failed"]
    answer: dict[str, object] | None
    """What the skill answers, once it is completed."""
    error: str | None
    """Why it has failed."""
    polling_interval_ms: int | None
    """How long to wait before asking again; null: it has ended."""


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
        refuses=(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN),
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
        refuses=tuple({*ASKS, *WRITES}),
        example={"skill_id": "query_patterns", "input": _EXAMPLE},
    ),
    Operation(
        id="get_workflow",
        method="get",
        path="/a2a/workflow/{workflow_id}",
        summary="Ask for a task",
        description="How far the work is that a call was answered 202 for; its answer at the end.",
        tag="service",
        tells={HTTPStatus.OK: Workflow},
        refuses=READS,
    ),
    Operation(
        id="cancel",
        method="post",
        path="/a2a/cancel",
        summary="Give a task up",
        description="Ends a task of this caller's.",
        tag="service",
        takes=Cancel,
        tells={HTTPStatus.OK: Cancelled},
        refuses=READS,
        example={"task_id": "the workflow_id of the answer 202"},
    ),
    Operation(
        id="agent_card",
        method="get",
        path="/.well-known/agent.json",
        summary="The agent card",
        description="How the service presents itself to agents.",
        tag="service",
        tells={HTTPStatus.OK: Card},
        refuses=(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN),
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
