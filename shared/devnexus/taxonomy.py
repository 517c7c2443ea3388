"""The canonical names of patterns: what `taxonomy.yaml` says, checked when it is loaded."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import StringConstraints, TypeAdapter

from devnexus.own_yaml import read_own
from devnexus.values import Value

Category = Literal[
    "AI", "architecture", "data", "delivery", "messaging", "observability", "resilience", "security"
]
CanonicalId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Canonical(Value):
    """One pattern as everybody calls it."""

    name: Words
    category: Category
    gloss: Words
    """One sentence: what the pattern is."""
    aliases: tuple[Words, ...] = ()
    anti: bool = False
    """Whether it is better avoided."""


@cache
def load_taxonomy() -> Mapping[str, Canonical]:
    """Canonical id → pattern, in the order of the ids."""
    text = files("devnexus").joinpath("taxonomy.yaml").read_text("utf-8")
    return TypeAdapter(dict[CanonicalId, Canonical]).validate_python(read_own(text))
