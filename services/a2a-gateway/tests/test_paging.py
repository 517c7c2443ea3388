"""Parts of a list: as long as asked for, unless that is more than a reader can take in."""

import pytest

from a2a_gateway.answer import Part
from a2a_gateway.paging import BUDGET_BYTES, Paged, page_of


class Item(Part):
    text: str


def told(texts, **asked):
    return page_of(texts, Paged(**asked), lambda text: Item(text=text))


@pytest.mark.parametrize(("size", "count"), [(BUDGET_BYTES // 4, 3), (BUDGET_BYTES * 2, 1)])
def test_an_answer_ends_where_it_is_long_enough_and_says_where_to_go_on(size, count):
    """The first item is there whatever its size, or nobody would get beyond it."""
    texts = [str(number) * size for number in range(5)]
    page = told(texts, offset=1)
    assert [item.text[0] for item in page.items] == [str(number) for number in range(1, 1 + count)]
    assert (page.pagination.has_more, page.pagination.next_offset) == (True, 1 + count)


def test_following_the_next_offset_to_its_end_gives_every_item_once():
    texts = [str(number) * 30_000 for number in range(9)]
    found, offset = [], 0
    while offset is not None:
        page = told(texts, limit=5, offset=offset)
        found += [item.text for item in page.items]
        offset = page.pagination.next_offset
    assert (found, page.total) == (texts, 9)


def test_what_is_beyond_the_end_is_an_empty_part_and_the_end():
    page = told(["a"], offset=7)
    assert (page.items, page.total, page.pagination.has_more, page.pagination.next_offset) == (
        [],
        1,
        False,
        None,
    )
