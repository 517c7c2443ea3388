"""Which repositories are alike, and the reasons: small organisations in which the answer is plain."""

import math

import pytest
from builders import NOON, component, known
from hypothesis import given
from hypothesis import strategies as st

from devnexus.alike import sentences
from devnexus.alike.bag import Term, bag_of
from devnexus.alike.copies import likeness, shared_components
from devnexus.alike.index import Index
from devnexus.alike.missing import missing_patterns
from devnexus.alike.reasons import alike, explain, named
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.view import View
from extractor.components import sketch_of

BODY = [f"line {n}" for n in range(40)]


def view_of(*pages):
    return View("r1", {projection_path(page.repository_name): page for page in pages})


def test_a_rare_thing_in_common_counts_more_than_a_frequent_one():
    pages = [
        known("acme/a", 1, patterns=["kafka", "ci-cd"]),
        known("acme/b", 2, patterns=["kafka"]),
        known("acme/c", 3, patterns=["ci-cd"]),
        known("acme/d", 4, patterns=["ci-cd"]),
    ]
    view = view_of(*pages)
    found = alike(view, Index(view), "github.com/1")
    assert found[0].repository.name == "acme/b"
    assert found[0].shared[0].term == "kafka"


def test_an_alike_repository_is_explained_with_the_lines_on_both_sides():
    here = known("acme/a", 1, patterns=["kafka"], packages=["httpx", "redis"])
    there = known("acme/b", 2, patterns=["kafka"], packages=["redis"])
    found = explain(here, there, Index(view_of(here, there)))
    by_term = {term.term: term for term in found.shared}
    assert (by_term["kafka"].here.path, by_term["kafka"].here.start) == ("src/kafka.py", 3)
    assert (by_term["pypi:redis"].here.start, by_term["pypi:redis"].there.start) == (6, 5)
    assert (found.overlap.patterns, found.overlap.dependencies) == (1, 1)


packages = st.frozensets(st.sampled_from("abcdefgh"), max_size=6)


@given(bags=st.lists(packages, min_size=2, max_size=8))
def test_the_score_is_the_weight_shared_over_the_weight_of_both(bags):
    pages = [known(f"acme/r{n}", n, packages=bag) for n, bag in enumerate(bags)]
    index = Index(view_of(*pages))
    terms = [bag_of(page) for page in pages]

    def weight(term):
        return math.log(1 + len(pages) / sum(term in bag for bag in terms))

    expected = {
        pages[n].repository_id: sum(map(weight, terms[0] & terms[n])) / sum(map(weight, terms[0] | terms[n]))
        for n in range(1, len(pages))
    }
    for other, score in expected.items():
        assert index.score(pages[0].repository_id, other) == pytest.approx(score, abs=1e-6)
    found = index.most_alike(pages[0].repository_id)
    assert [round(expected[other], 6) for other in found] == sorted(
        (round(score, 6) for score in expected.values() if round(score, 6) >= 0.1), reverse=True
    )[:5]


def test_an_index_made_from_the_one_before_is_the_same_as_a_new_one():
    a, b = known("acme/a", 1, packages=["x", "y"]), known("acme/b", 2, packages=["y"])
    later = known("acme/b", 2, packages=["x", "z"], minute=5)
    grown = Index(view_of(a, later), previous=Index(view_of(a, b)))
    fresh = Index(view_of(a, later))
    assert grown.score("github.com/1", "github.com/2") == fresh.score("github.com/1", "github.com/2")
    assert grown.weight(Term("dependency", "pypi:y")) == fresh.weight(Term("dependency", "pypi:y"))


def test_a_copied_component_is_found_and_who_changed_it_last_is_said():
    fixed = [*BODY[:20], "timeout = 5", *BODY[21:]]
    here = known("acme/billing", 1, components=[component("Client", BODY, start=8)])
    there = known("acme/orders", 2, components=[component("Client", fixed)], minute=60)
    (found,) = shared_components(here, there)
    assert found.likeness > 0.9
    assert found.changed_last == "there"
    assert sentences.copy(named(here), named(there), found) == (
        f"Client (src/http.py:8-47) is {found.likeness:.0%} the same as in acme/orders (src/http.py:1-40); "
        "acme/orders changed it on 1 March 2026, acme/billing has not since"
    )
    assert found.changed_at > NOON


def test_an_unchanged_copy_is_the_same_and_a_stranger_is_none():
    here = known("acme/a", 1, components=[component("Client", BODY)])
    there = known("acme/b", 2, components=[component("Renamed", BODY)], minute=60)
    other = known("acme/c", 3, components=[component("Client", [f"x {n}" for n in range(40)])])
    (found,) = shared_components(here, there)
    assert (found.likeness, found.changed_last) == (1.0, None)
    assert shared_components(here, other) == ()


@given(st.sets(st.integers(0, 60), min_size=1), st.sets(st.integers(0, 60), min_size=1))
def test_likeness_is_symmetric_and_one_only_for_equal_sketches(one, other):
    sketches = [sketch_of([str(n) for n in sorted(numbers)] * 3) for numbers in (one, other)]
    value = likeness(*sketches)
    assert value == likeness(*reversed(sketches))
    assert 0 <= value <= 1
    assert value == 1 or sketches[0] != sketches[1] or not sketches[0]


COMMON = ["rest-api", "ci-cd", "health-check"]


def test_what_three_quarters_of_its_kind_have_is_missed():
    here = known("acme/reports", 1, patterns=COMMON)
    others = [known(f"acme/r{n}", n, patterns=[*COMMON, "retry-backoff"], minute=n) for n in range(2, 5)]
    strangers = [known(f"acme/s{n}", n, patterns=["kafka", "rest-api"]) for n in range(20, 40)]
    (lacking,) = missing_patterns(here, [here, *others, *strangers])
    assert sentences.missing(named(here), lacking) == (
        "3 of 4 repositories of its kind have Retry backoff; acme/reports has not "
        "(newest example: acme/r4 src/retry-backoff.py:3)"
    )
    assert missing_patterns(here, others[:2]) == ()
    assert missing_patterns(here, [*others[:2], known("acme/r9", 9, patterns=COMMON)]) == ()
