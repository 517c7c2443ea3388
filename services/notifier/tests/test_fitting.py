"""Cutting texts: never more than fits, never a line lost without being counted."""

import re

from hypothesis import given
from hypothesis import strategies as st

from notifier.fitting import fitted, shortened, size


def escape(text):
    return text.replace("&", "&amp;")


def counted(shown, lines, bullet):
    """How many lines are shown, and how many it says are missing."""
    *rows, last = shown.split("\n")
    more = re.fullmatch(r"and (\d+) more", last)
    return (len(rows), int(more[1])) if more and not last.startswith(bullet) else (len(rows) + 1, 0)


_LINES = st.lists(st.text("&x😀", min_size=1, max_size=40), min_size=1, max_size=15)


@given(_LINES, st.integers(30, 200))
def test_lines_fit_and_what_is_left_out_is_counted(lines, most):
    shown = fitted(lines, most, escape=escape, bullet="• ")
    assert size(shown) <= most
    assert sum(counted(shown, lines, "• ")) == len(lines)


@given(_LINES)
def test_nothing_is_left_out_where_there_is_room(lines):
    whole = "\n".join(f"• {escape(line)}" for line in lines)
    assert fitted(lines, size(whole) + len("\nand 15 more"), escape=escape, bullet="• ") == whole


@given(st.text("&x😀", max_size=60), st.integers(10, 60))
def test_a_text_is_cut_between_characters_and_only_where_it_has_to_be(text, most):
    shown = shortened(text, most, escape=escape)
    assert size(shown) <= most
    if size(escape(text)) <= most:
        assert shown == escape(text)
    else:
        kept = shown.removesuffix("…").replace("&amp;", "&")
        assert text.startswith(kept) and "…" in shown
