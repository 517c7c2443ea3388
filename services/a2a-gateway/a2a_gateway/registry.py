"""The skills there are: one module each in `skills/`, found by being there."""

from collections.abc import Mapping
from typing import Any

from a2a_gateway import skills
from a2a_gateway.skill import Skill
from devnexus.errors import ConfigurationError
from devnexus.extensions import load

Skills = Mapping[str, Skill[Any]]
"""Id → skill, in order of id."""


def load_skills() -> Skills:
    """Every skill; raise ConfigurationError for a module that has none, or one of another name."""
    found = load(skills, "SKILL", Skill)
    for module, skill in found.items():
        if skill.id != module:
            raise ConfigurationError(f"skills/{module}.py holds {skill.id}: name the module after its skill")
    return found
