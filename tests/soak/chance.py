"""Chance, drawn from one seed."""

from collections.abc import Callable
from random import Random

Chance = Callable[[str], Random]
"""A source of its own for each part: what one draws must not depend on when another one does."""


def chance(seed: int) -> Chance:
    """The same for the same seed."""
    return lambda part: Random(f"{seed} {part}")
