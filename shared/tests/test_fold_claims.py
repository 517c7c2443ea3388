"""The fold with claims, in ways that real edits do not show: files in any order, and state that is kept."""

import pytest
from builders import RETRY, pushed, reading, record_of, row, sha, snapshot_record
from claims import CACHING, RECEIPTS, claim, claimed, with_claims
from hypothesis import given
from hypothesis import strategies as st

from devnexus.events.patterns_extracted import Suggestion
from devnexus.knowledge.analyses import effective, split
from devnexus.knowledge.fold import fold, state_of
from devnexus.knowledge.history import merge, read_records, with_records
from devnexus.knowledge.order import in_order

PATHS = ("a.py", "b.py", "c.py")
file_rows = st.builds(
    lambda path, lines, status: (
        reading(path, status=status)
        if status == "removed"
        else reading(path, *(row(line=line, weight=0.3) for line in lines), status=status)
    ),
    st.sampled_from(PATHS),
    st.sets(st.integers(1, 3), max_size=2),
    st.sampled_from(["added", "modified", "removed"]),
)
files = st.lists(with_claims(file_rows, PATHS), max_size=3, unique_by=lambda file: file.path)


@st.composite
def histories(draw):
    """Pushes, some analysed several times, and snapshots, which Claude read or did not."""
    records = []
    for _ in range(draw(st.integers(1, 7))):
        minute, to = draw(st.integers(0, 2)), draw(st.sampled_from("ABCD"))
        if draw(st.booleans()):
            push = pushed(draw(st.sampled_from("ABCD")), to, minute)
            record = record_of(push, *draw(files), analysis=draw(st.sampled_from(["a1", "a2", "a3"])))
        else:
            record = snapshot_record(to, *draw(files), minute=minute)
        receipt = record.receipt.model_copy(update={"claude": draw(RECEIPTS)})
        records.append(record.model_copy(update={"receipt": receipt, "patterns": (RETRY, CACHING)}))
    return records


def after(ordered):
    """The state after these records in this very order."""
    state = state_of(ordered)
    for record in ordered:
        state.apply(record)
    return state


@given(records=histories(), random=st.randoms(use_true_random=False))
def test_the_order_of_the_files_in_a_record_cannot_matter(records, random):
    ordered = in_order(effective(merge((), records)))
    shuffled = [
        one.model_copy(update={"files": tuple(random.sample(one.files, len(one.files)))}) for one in ordered
    ]
    assert after(shuffled).project().page() == after(ordered).project().page()


@given(records=histories(), cut=st.integers(1, 7))
def test_going_on_from_a_state_ends_as_a_fold_of_all_that_was_written(records, cut):
    ordered = in_order(effective(merge((), records)))
    state = after(ordered[:cut])
    state.project()
    for record in ordered[cut:]:
        state.apply(record)
    whole = fold(read_records(with_records(b"", records, path="x"), path="x"))
    assert state.project().page() == whole.project().page()
    for pattern in (RETRY, CACHING):
        assert state.rows(pattern.id) == whole.rows(pattern.id)


def places(*records):
    return [(one.path, one.start, one.commit) for one in fold(records).rows(RETRY.id)]


@pytest.mark.parametrize("turn", [1, -1])
def test_claims_follow_files_that_trade_places_in_whatever_order_they_are_named(turn):
    first = [claimed("a.py", claim("retry(a)", 7)), claimed("x.py", claim("retry(b)", 2))]
    swap = [claimed("a.py", moved_from="x.py"), claimed("x.py", moved_from="a.py")]
    records = [record_of(pushed("A", "B", 0), *first), record_of(pushed("B", "C", 1), *swap[::turn])]
    assert places(*records) == [("a.py", 2, sha("B")), ("x.py", 7, sha("B"))]


def test_a_tree_in_which_claude_says_the_same_once_more_touches_nothing():
    push = record_of(pushed("A", "B", 0), claimed("a.py", claim("retry(a)", 7)))
    tree = snapshot_record("C", claimed("a.py", claim("retry( a )", 9)), minute=1)
    newest = fold([push, tree]).project().recent[0]
    assert (newest.introduced, newest.touched, newest.gone) == ((), (), ())
    assert places(push, tree) == [("a.py", 9, sha("C"))]


def test_a_record_in_parts_is_put_together_with_its_claims_and_suggestions():
    files = [claimed(f"{n}.py", claim(f"retry({n})", n + 1)) for n in range(40)]
    guess = Suggestion(kind="pattern", name="Saga", path="0.py", line=1, quote="saga()")
    whole = record_of(pushed("A", "B"), *files).model_copy(update={"suggestions": (guess,)})
    parts = split(whole, max_bytes=3000)
    assert len(parts) > 2
    assert effective(parts[::-1]) == [whole]


def test_what_is_written_of_a_push_that_only_rules_read_says_nothing_of_claude():
    content = with_records(b"", [record_of(pushed("A", "B"), reading("a.py", row(weight=0.8)))], path="x")
    page = fold(read_records(content, path="x")).project().page()
    for name in (b'"claims"', b'"gone"', b'"moved_from"', b'"suggestions"', b'"claude"', b'"source"'):
        assert name not in content
    assert b'"source"' not in page and b"claude" not in page
