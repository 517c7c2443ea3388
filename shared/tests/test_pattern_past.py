"""With which pushes a pattern came to a repository and went."""

import pytest
from builders import pushed, reading, record_of, row, snapshot_record
from hypothesis import given
from hypothesis import strategies as st

from devnexus.events.patterns_extracted import Pattern
from devnexus.knowledge.fold import fold
from devnexus.knowledge.pattern_past import last_turns, turns

OLD, NEW, OTHER = (
    Pattern(id=id_, name=id_, category=category)
    for id_, category in (("old", "data"), ("new", "data"), ("other", "delivery"))
)
RETURNS = [(OLD,), (), (OLD,), (NEW, OTHER), (NEW, OTHER)]


def same(id_):
    return id_


def records(*patterns_after):
    """A push for each, after which just these patterns stand."""
    commits = ["0", *map(str, range(1, len(patterns_after) + 1))]
    return [
        record_of(
            pushed(before, after, minute),
            reading("app.py", *(row(pattern.id, weight=0.8) for pattern in patterns)),
            patterns=(OLD, NEW, OTHER),
        )
        for minute, (before, after, patterns) in enumerate(
            zip(commits[:-1], commits[1:], patterns_after, strict=True)
        )
    ]


def said(found):
    return [(turn.what, turn.at.minute, turn.instead) for turn in found]


def test_it_may_come_again_and_only_what_is_of_its_kind_comes_instead():
    found = turns(records(*RETURNS), "old", same)
    assert said(found) == [("appeared", 0, ()), ("went", 1, ()), ("appeared", 2, ()), ("went", 3, ("new",))]
    assert [turn.is_first for turn in found] == [True, False, False, False]


@given(st.permutations(records(*RETURNS)))
def test_the_order_and_repetition_of_records_do_not_matter(shuffled):
    assert turns([*shuffled, shuffled[0]], "old", same) == turns(records(*RETURNS), "old", same)


def test_patterns_that_are_one_go_when_the_last_of_them_goes():
    one = {"old": "cache", "new": "cache"}
    found = turns(records((OLD,), (OLD, NEW), (NEW,), ()), "cache", lambda id_: one.get(id_, id_))
    assert said(found) == [("appeared", 0, ()), ("went", 3, ())]


def test_it_comes_when_there_is_enough_to_show_it_and_not_with_the_first_hint():
    weak = record_of(pushed("0", "1"), reading("app.py", row("old", weight=0.2)), patterns=(OLD,))
    strong = record_of(
        pushed("1", "2", 1), reading("app.py", row("old", weight=0.8, line=2)), patterns=(OLD,)
    )
    assert said(turns([weak, strong], "old", same)) == [("appeared", 1, ())]


def test_a_snapshot_counts_and_what_people_call_its_kind_decides():
    first, second = records((OLD,), (OTHER,))
    found = turns([snapshot_record("s", minute=-1), first, second], "old", same, "delivery")
    assert [(turn.what, turn.is_first, turn.instead) for turn in found] == [
        ("appeared", False, ()),
        ("went", False, ("other",)),
    ]


@pytest.mark.parametrize("pattern", ["old", "new", "other", "none"])
def test_the_last_pushes_tell_the_same_as_all_do_where_they_are_all(pattern):
    history = records(*RETURNS)
    kinds = {one.id: one.category for one in (OLD, NEW, OTHER)}
    assert said(last_turns(fold(history).project(), pattern, same, kinds.get)) == said(
        turns(history, pattern, same)
    )
