"""`GET /skills`: every skill in a few words."""

from typing import Any, Literal

from pydantic import BaseModel

from a2a_gateway.registry import Skills
from a2a_gateway.skill import AskingSkill, Skill, WritingSkill

Kind = Literal["reading", "asking", "writing"]


class Entry(BaseModel):
    """A skill in a few words."""

    id: str
    name: str
    description: str
    tags: list[str]
    kind: Kind
    """`reading`: answered at once from what is known here; `asking`: others are asked too, which may become
    a task; `writing`: something is recorded."""
    who_may_call: Literal["readers", "writers"]
    """`writers`: only callers who may write."""


class SkillList(BaseModel):
    """Every skill there is."""

    success: Literal[True] = True
    skills: list[Entry]
    count: int


def skill_list(skills: Skills) -> SkillList:
    """All of `skills`, in order of id."""
    entries = [
        Entry(
            id=skill.id,
            name=skill.name,
            description=skill.description,
            tags=list(skill.tags),
            kind=kind_of(skill),
            who_may_call="writers" if skill.is_for_writers else "readers",
        )
        for skill in skills.values()
    ]
    return SkillList(skills=entries, count=len(entries))


def kind_of(skill: Skill[Any]) -> Kind:
    """Which of the three kinds it is of."""
    match skill:
        case WritingSkill():
            return "writing"
        case AskingSkill():
            return "asking"
    return "reading"
