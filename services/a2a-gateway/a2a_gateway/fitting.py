"""As much of a text, a list or a section with lists in it as an answer can hold."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


LONGEST_TEXT = 1000
"""What texts of reports are cut to; an import may hold longer ones."""


def cut(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text, or its beginning where it is longer than so many characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def json_size(value: object) -> int:
    """How many bytes it takes as JSON."""
    return len(to_json(value))


def fitting(items: Iterable[T], *, most_bytes: int) -> list[T]:
    """The first ones, as far as they take no more than so many bytes as JSON."""
    found: list[T] = []
    room = most_bytes
    for item in items:
        room -= json_size(item)
        if room < 0:
            break
        found.append(item)
    return found


def fitting_section(section: M, *, most_bytes: int) -> M:
    """The section itself, or, where it is larger, with the first parts of its longest fields only."""
    if json_size(section) <= most_bytes:
        return section
    shortest_first = sorted(section, key=lambda field: json_size(field[1]))
    room, kept = most_bytes, {}
    for number, (name, value) in enumerate(shortest_first):
        kept[name] = _fitting(value, room // (len(shortest_first) - number))
        room -= json_size(kept[name])
    return section.model_construct(**kept)


def _fitting(value: Any, most_bytes: int) -> Any:  # noqa: ANN401 - whatever a section holds
    if json_size(value) <= most_bytes:
        return value
    match value:
        case str():
            return value[: most_bytes // 4]  # bytes of the longest letter
        case dict():
            return dict(fitting(value.items(), most_bytes=most_bytes))
        case tuple() | list():
            return type(value)(fitting(value, most_bytes=most_bytes))
    return None
