"""A part of a list at a time: no answer is longer than a reader can take in."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

from a2a_gateway.answer import Part, Question
from a2a_gateway.fitting import json_size

BUDGET_BYTES = 200_000
"""About what the items of one answer may take as JSON; the first one is always there."""

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Paged(Question):
    """A question whose answer is a list."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """At most so many are answered at once."""
    offset: Annotated[int, Field(ge=0)] = 0
    """How many to leave out: the `next_offset` of the answer before."""


class Pagination(Part):
    """Which part of the list this is."""

    limit: int
    offset: int
    has_more: bool
    next_offset: int | None
    """None at the end."""
    total_pages: int


class Page(Generic[M]):
    """One part of a list."""

    def __init__(self, items: list[M], total: int, asked: Paged) -> None:
        self.items = items
        self.total = total
        self.pagination = _pagination(len(items), total, asked)


def page_of(found: Sequence[T], asked: Paged, show: Callable[[T], M]) -> Page[M]:
    """The part of `found` that is asked for, as far as it fits into BUDGET_BYTES."""
    items: list[M] = []
    size = 0
    for one in found[asked.offset : asked.offset + asked.limit]:
        shown = show(one)
        size += json_size(shown)
        if items and size > BUDGET_BYTES:
            break
        items.append(shown)
    return Page(items, len(found), asked)


def _pagination(count: int, total: int, asked: Paged) -> Pagination:
    end = asked.offset + count
    has_more = end < total
    return Pagination(
        limit=asked.limit,
        offset=asked.offset,
        has_more=has_more,
        next_offset=end if has_more else None,
        total_pages=-(-total // asked.limit),
    )
