"""The index answers as somebody would who compares every bag with every other, whatever happened before."""

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random
from types import SimpleNamespace

import pytest
from builders import known
from hypothesis import given
from hypothesis import strategies as st

from devnexus.alike.bag import Term, bag_of
from devnexus.alike.following import FollowingIndex, index_of
from devnexus.alike.index import Index
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.view import View

TERMS = [
    *(Term("pattern", name) for name in ("kafka", "outbox", "retry")),
    *(Term("dependency", f"pypi:{name}") for name in ("flask", "redis", "httpx")),
    *(Term("keyword", name) for name in ("billing", "orders")),
]
NAMES = [f"github.com/{number}" for number in range(9)]

bags = st.frozensets(st.sampled_from(TERMS), max_size=6)
changes = st.lists(st.tuples(st.sampled_from(NAMES), st.none() | bags), max_size=40)
"""A repository and its new bag; None: it is removed."""


class EveryPair:
    """What the index promises, the long way."""

    def __init__(self, known):
        self.known = known
        having = Counter(term for bag in known.values() for term in bag)
        self.weights = {term: round(math.log(1 + len(known) / n) * 2**20) for term, n in having.items()}

    def weight(self, term):
        return self.weights.get(term, 0)

    def score(self, one, other):
        union = sum(map(self.weight, one | other))
        return round(sum(map(self.weight, one & other)) / union, 6) if union else 0.0

    def most_alike(self, bag, but):
        scores = {
            name: self.score(bag, other)
            for name, other in self.known.items()
            if name not in but and any(term.kind != "keyword" for term in bag & other)
        }
        ranked = sorted(scores, key=lambda name: (-scores[name], name))
        return [name for name in ranked if scores[name] >= 0.04][:5]

    def of_one_kind(self, patterns, at_least):
        own = {Term("pattern", pattern) for pattern in patterns}
        theirs = {name: {term for term in bag if term.kind == "pattern"} for name, bag in self.known.items()}
        return {
            name
            for name, other in theirs.items()
            if len(own & other) >= max(at_least, len(own) / 2, len(other) / 2)
        }

    def sharing(self, terms, at_least):
        return {name for name, bag in self.known.items() if len(bag & terms) >= at_least}


@given(st.lists(changes, min_size=1, max_size=4), bags)
def test_after_any_changes_the_answers_are_those_of_comparing_every_pair(batches, asked):
    index, known = Index(), {}
    for batch in batches:
        for name, bag in batch:
            if bag is not None:
                index.put(name, bag)
                known[name] = bag
            elif known.pop(name, None) is not None:
                index.remove(name)
        every_pair = EveryPair(known)
        assert index.repositories == known.keys()
        assert [index.weight(term) * 2**20 for term in TERMS] == [every_pair.weight(term) for term in TERMS]
        for bag in (asked, *known.values()):
            assert index.score(asked, bag) == every_pair.score(asked, bag)
            for but in (set(), {"github.com/elsewhere", "github.com/1"}, *({name} for name in known)):
                assert index.most_alike(bag, but=but) == every_pair.most_alike(bag, but)
            assert index.sharing(bag, at_least=2) == every_pair.sharing(bag, at_least=2)
            patterns = {term.key for term in bag if term.kind == "pattern"}
            assert index.of_one_kind(patterns, at_least=1) == every_pair.of_one_kind(patterns, at_least=1)


def test_a_term_that_becomes_frequent_and_rare_again_counts_as_before():
    random = Random(7)
    known = {f"github.com/{n}": frozenset(random.sample(TERMS, k=4)) for n in range(100)}
    spreading, index = Term("pattern", "spreading"), Index()
    for name, bag in known.items():
        index.put(name, bag)
    names = [*known, *reversed(known)]
    for name, asked in pairwise(names):
        known[name] ^= {spreading}
        index.put(name, known[name])
        expected = EveryPair(known).most_alike(known[asked], {asked})
        assert index.most_alike(known[asked], but={asked}) == expected
        assert index.score(known[asked], known[name]) == EveryPair(known).score(known[asked], known[name])


def test_who_is_hardly_alike_is_found_among_large_bags():
    terms = [Term("dependency", f"pypi:{n}") for n in range(200)]
    known = {f"github.com/{n}": frozenset(terms[n * 18 : n * 18 + 20]) for n in range(10)}
    index = Index()
    for name, bag in known.items():
        index.put(name, bag)
    for name, bag in known.items():
        assert index.most_alike(bag, but={name}) == EveryPair(known).most_alike(bag, {name})
    assert 0.04 <= index.score(known["github.com/4"], known["github.com/5"]) < 0.06


def test_a_bag_too_heavy_for_narrow_numbers_is_reckoned_as_exactly():
    heavy = frozenset(Term("pattern", f"p{number}") for number in range(5000))
    index = Index()
    for name, bag in {"a": heavy, "b": heavy, "c": frozenset([Term("pattern", "p1")])}.items():
        index.put(name, bag)
    assert index.most_alike(heavy, but={"a"}) == ["b"]
    assert index.score(heavy, heavy) == 1.0


PAGES = [
    known(f"acme/r{number}", number, patterns=patterns, packages=packages)
    for number, (patterns, packages) in enumerate(
        [(["kafka"], "ab"), (["kafka", "retry-backoff"], "a"), (["rest-api"], "bc"), (["rest-api"], "c")]
    )
]
LATER = known("acme/r1", 1, patterns=["rest-api"], packages="bc", minute=5)


def view_of(*pages):
    return View("r1", {projection_path(page.repository_name): page for page in pages})


VIEWS = [
    view_of(*PAGES),
    view_of(PAGES[0], LATER, *PAGES[2:]),
    view_of(*PAGES[2:]),
    view_of(LATER),
    view_of(),
]


def told(index):
    return [index.most_alike(bag_of(page), but={page.repository_id}) for page in (*PAGES, LATER)]


@given(st.lists(st.sampled_from(VIEWS)))
def test_an_index_that_goes_from_view_to_view_says_of_each_what_a_new_one_says(views):
    following = FollowingIndex()
    for view in views:
        with following.at(view) as index:
            assert told(index) == told(index_of(view))


def test_a_step_that_failed_is_made_anew():
    following = FollowingIndex()
    with following.at(VIEWS[0]):
        pass
    broken = SimpleNamespace(repositories={LATER.repository_id: LATER, "github.com/z": "not a page"})
    with pytest.raises(AttributeError), following.at(broken):
        pass
    for view in (VIEWS[0], VIEWS[2]):
        with following.at(view) as index:
            assert told(index) == told(index_of(view))


def test_requests_for_different_views_at_once_are_each_answered_from_their_own():
    following = FollowingIndex()

    def ask(number):
        with following.at(VIEWS[number % len(VIEWS)]) as index:
            return told(index)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(40)))
    expected = [told(index_of(view)) for view in VIEWS]
    assert answers == [expected[number % len(VIEWS)] for number in range(40)]
