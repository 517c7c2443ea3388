"""What one route takes and tells, said once for the OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from a2a_gateway.described.json_schema import stamped
from a2a_gateway.described.shapes import Queued
from a2a_gateway.described.skill_list import kind_of
from a2a_gateway.skill import AskingSkill, Skill, WritingSkill

READS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
"""Why a question may be refused, besides what holds for every request."""

ASKS = (*READS, HTTPStatus.FAILED_DEPENDENCY, HTTPStatus.BAD_GATEWAY)

WRITES = (*READS, HTTPStatus.CONFLICT)

ALWAYS = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""Why any request may be refused."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path. Parameters of the path are text, named in it in braces."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    tag: str
    takes: type[BaseModel] | None = None
    """The body, a JSON object."""
    tells: Mapping[HTTPStatus, type[BaseModel]] = field(default_factory=dict)
    refuses: tuple[HTTPStatus, ...] = READS
    is_for_writers: bool = False
    is_for_all: bool = False
    """Whether nobody is asked who they are."""
    example: Mapping[str, object] | None = None
    """Of the body."""


def operation_of(skill: Skill[Any]) -> Operation:
    """`POST /skills/<id>`."""
    tells: dict[HTTPStatus, type[BaseModel]] = {HTTPStatus.OK: stamped(skill.output)}
    if isinstance(skill, AskingSkill):
        tells[HTTPStatus.ACCEPTED] = Queued
    return Operation(
        id=skill.id,
        method="post",
        path=f"/skills/{skill.id}",
        summary=skill.name,
        description=skill.description,
        tag=kind_of(skill),
        takes=skill.input,
        tells=tells,
        refuses=_refusals(skill),
        is_for_writers=skill.is_for_writers,
        example=skill.example_given(),
    )


def _refusals(skill: Skill[Any]) -> tuple[HTTPStatus, ...]:
    if isinstance(skill, WritingSkill):
        return WRITES
    return ASKS if isinstance(skill, AskingSkill) else READS
