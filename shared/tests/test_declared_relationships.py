"""Relationships that several declare at once: all of them stand, in whatever order they arrive."""

from datetime import timedelta

from builders import NOON, repository
from hypothesis import given
from hypothesis import strategies as st

from devnexus.events import DependenciesDeclared
from devnexus.knowledge.fold import fold

KINDS = {"consumer": "consumers", "derivative": "derivatives"}


def declared(number, target, kind, *, adds=True):
    one = {
        "target_repo": target,
        "relationship_type": kind,
        "dependency_strength": "weak",
        "notes": str(number),
    }
    return DependenciesDeclared(
        cause="agent",
        repository=repository(),
        at=NOON + timedelta(minutes=number),
        caller="ops@acme.example",
        skill="update_dependency_info",
        key=str(number),
        dependencies={KINDS[kind]: [one]},
        adds=adds,
    )


def standing(records):
    known = fold(records).project().dependencies
    return [
        (one.target_repo, one.relationship_type, one.notes) for one in (*known.consumers, *known.derivatives)
    ]


relationships = st.lists(
    st.tuples(st.sampled_from(["acme/a", "acme/b", "acme/c"]), st.sampled_from([*KINDS]), st.booleans()),
    min_size=1,
    max_size=8,
)


@given(said=relationships, random=st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters(said, random):
    records = [declared(number, target, kind, adds=adds) for number, (target, kind, adds) in enumerate(said)]
    shuffled = records + random.sample(records, k=len(records) // 2)
    random.shuffle(shuffled)
    assert standing(shuffled) == standing(records)


@given(said=relationships)
def test_what_is_added_joins_what_stands_and_a_whole_list_takes_its_place(said):
    expected = {kind: {} for kind in KINDS}
    for number, (target, kind, adds) in enumerate(said):
        before = expected[kind] if adds else {}
        expected[kind] = {**before, target: str(number)}
    records = [declared(number, target, kind, adds=adds) for number, (target, kind, adds) in enumerate(said)]
    assert standing(records) == [
        (target, kind, notes) for kind in KINDS for target, notes in expected[kind].items()
    ]
