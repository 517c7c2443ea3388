"""Whatever comes when, how often and in which batches: the base is the same to the byte.

Random histories of two repositories that share names, with ties, circles, snapshots, second analyses,
differing copies and records in parts, written by a writer that restarts and forgets at random.
"""

from builders import pushed, reading, record_of, repository, row, snapshot_record
from fakes.git_store import MemoryStore
from hypothesis import given
from hypothesis import strategies as st

from devnexus.knowledge.analyses import split
from kb_writer import group_commit
from kb_writer.group_commit import Writer

files = st.lists(
    st.builds(
        lambda path, lines, weight: reading(path, *(row(line=line, weight=weight) for line in lines)),
        st.sampled_from(["a.py", "b.py", "c.py"]),
        st.lists(st.integers(1, 30), unique=True, max_size=3),
        st.sampled_from([0.3, 0.55, 0.8]),
    ),
    max_size=3,
    unique_by=lambda file: file.path,
)


@st.composite
def one_record(draw):
    """A record, possibly in parts."""
    minute = draw(st.sampled_from([0, 0.001, 1, 2, 800]))
    owner = repository(draw(st.sampled_from(["acme/api", "acme/web"])), draw(st.integers(1, 2)))
    if draw(st.booleans()):
        push = pushed(draw(st.sampled_from("0ABC")), draw(st.sampled_from("ABC")), minute, repository=owner)
        record = record_of(push, *draw(files), analysis=draw(st.sampled_from(["a1", "a2"])))
        record = record.model_copy(update={"cause": draw(st.sampled_from(["live", "backfill"]))})
    else:
        record = snapshot_record(
            draw(st.sampled_from("ABC")),
            *draw(files),
            minute=minute,
            number=int(owner.id[-1]),
            asked_by=str(minute),
        )
        record = record.model_copy(update={"repository": owner})
    return split(record, max_bytes=1) if draw(st.integers(0, 3)) == 0 else [record]


histories = st.lists(one_record(), min_size=1, max_size=8).map(lambda groups: sum(groups, []))


def everything(store):
    return store.read(["history/", "repositories/"], at=store.head())


@given(records=histories, random=st.randoms(use_true_random=False), remembered=st.integers(1, 3))
def test_any_order_batching_repetition_and_restart_give_the_same_base(records, random, remembered):
    at_once, bit_by_bit = MemoryStore(), MemoryStore()
    Writer(at_once).group_commit(records)
    arrivals = [*records, *random.choices(records, k=len(records) // 2)]
    random.shuffle(arrivals)
    usual, group_commit._REPOSITORIES_IN_MIND = group_commit._REPOSITORIES_IN_MIND, remembered
    try:
        writer = Writer(bit_by_bit)
        while arrivals:
            size = random.randint(1, 5)
            batch, arrivals = arrivals[:size], arrivals[size:]
            before = bit_by_bit.head()
            if writer.group_commit(batch).revision:
                assert bit_by_bit.changed(before, bit_by_bit.head())
            if random.random() < 0.3:
                writer = Writer(bit_by_bit)
    finally:
        group_commit._REPOSITORIES_IN_MIND = usual
    assert everything(bit_by_bit) == everything(at_once)


def written(*batches):
    """The base after these batches, one after the other."""
    store = MemoryStore()
    writer = Writer(store)
    for batch in batches:
        writer.group_commit(batch)
    return everything(store)


FIRST = record_of(pushed("Z", "A", 0))


def test_parts_that_come_one_by_one_make_the_same_as_all_at_once():
    parts = split(record_of(pushed("A", "B", 1), reading("a.py", row()), reading("b.py", row())), max_bytes=1)
    assert written([FIRST], *([part] for part in parts)) == written([FIRST, *parts])


def test_a_push_of_the_same_instant_that_comes_late_takes_its_place_before_the_next():
    next_one, late = record_of(pushed("B", "C", 1)), record_of(pushed("A", "B", 1))
    assert written([FIRST], [next_one], [late]) == written([FIRST, late, next_one])


def test_a_snapshot_of_the_head_that_was_read_twice_counts_once():
    once = snapshot_record("A", reading("a.py", row()), minute=1)
    again = snapshot_record("B", minute=2).model_copy(update={"record_id": once.record_id, "analysis": "a2"})
    assert written([FIRST], [once], [again]) == written([FIRST, once, again])
