"""The skills there are: one module each in `skills/`, found by being there."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from a2a_gateway import skills
from a2a_gateway.answer import CannotAnswer
from a2a_gateway.skill import Skill
from devnexus.errors import ConfigurationError
from devnexus.extensions import load

Skills = Mapping[str, Skill[Any]]
"""Id → skill, in order of id."""


def load_skills(package: ModuleType = skills) -> Skills:
    """Every skill.

    Raises ConfigurationError for a module that has none, one of another name, or one that refuses its own
    example.
    """
    found = load(package, "SKILL", Skill)
    for module, skill in found.items():
        if skill.id != module:
            raise ConfigurationError(f"skills/{module}.py holds {skill.id}: name the module after its skill")
        try:
            skill.read(skill.example_given())
        except CannotAnswer as problem:
            raise ConfigurationError(
                f"skills/{module}.py refuses its own example: {problem.error}"
            ) from problem
    return found
