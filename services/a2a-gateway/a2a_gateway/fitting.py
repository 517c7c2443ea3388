"""As much of a list as an answer can hold."""

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def fitting(items: Iterable[M], *, most_bytes: int) -> list[M]:
    """The first ones, as far as they take no more than so many bytes as JSON."""
    found: list[M] = []
    room = most_bytes
    for item in items:
        room -= len(item.__pydantic_serializer__.to_json(item))
        if room < 0:
            break
        found.append(item)
    return found
