"""Which repositories are alike, and the reasons: small organisations in which the answer is plain."""

from dataclasses import replace

import pytest
from builders import component, known, pushed, reading, record_of, repository, row
from hypothesis import given
from hypothesis import strategies as st

from devnexus.alike import sentences
from devnexus.alike.bag import strongest_place
from devnexus.alike.copies import likeness, shared_components
from devnexus.alike.exceptions import exceptions_in
from devnexus.alike.following import index_of
from devnexus.alike.missing import missing_patterns, of_its_kind
from devnexus.alike.reasons import alike, explain, most_alike, named
from devnexus.events.patterns_extracted import Pattern
from devnexus.events.similarity_computed import Alike, Named, Overlap, SharedTerm
from devnexus.knowledge.fold import fold
from devnexus.knowledge.last_good import LastGood
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.people import People
from devnexus.knowledge.view import View
from devnexus.people.corrections import Corrections
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
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
    found = alike(view, index_of(view), "github.com/1")
    assert found[0].repository.name == "acme/b"
    assert found[0].shared[0].term == "kafka"


@pytest.mark.parametrize(
    ("file", "says", "like_b"),
    [
        ("corrections/acme/a.yaml", parse(Corrections, b"hide: [{alike: acme/b}]"), ["acme/c"]),
        ("corrections/acme/b.yaml", parse(Corrections, b"hide: [{alike: ACME/a}]"), ["acme/c"]),
        ("devnexus.yaml", parse(Organisation, b"hide: [{alike: '*/b'}]"), []),
    ],
)
def test_a_likeness_that_people_hide_is_said_on_neither_side(file, says, like_b):
    pages = [known(f"acme/{name}", n, patterns=["kafka"]) for n, name in enumerate("abc", start=1)]
    view = replace(view_of(*pages), people=People({file: LastGood(says)}))
    index = index_of(view)
    assert [one.repository.name for one in alike(view, index, "github.com/1")] == ["acme/c"]
    assert [one.repository.name for one in alike(view, index, "github.com/2")] == like_b


def test_reasons_name_patterns_before_packages_then_what_most_have_and_words_last():
    weights = {"a word": ("keyword", 9.0), "redis": ("dependency", 2.0), "pytest": ("dependency", 0.7)}
    weights |= {"Kafka": ("pattern", 1.5), "CI/CD": ("pattern", 0.8)}
    shared = [
        SharedTerm(kind=kind, term=name, name=name, weight=weight)
        for name, (kind, weight) in sorted(weights.items(), key=lambda one: -one[1][1])
    ]
    found = Alike(
        repository=Named(id="github.com/1", name="acme/a"),
        score=0.4,
        overlap=Overlap(keywords=1, patterns=2, dependencies=2),
        shared=tuple(shared),
    )
    assert sentences.reasons(found, most=5) == "Kafka, redis, CI/CD, pytest, a word"
    assert sentences.reasons(found) == "Kafka, redis, CI/CD and 2 more"


def test_an_alike_repository_is_explained_with_the_lines_on_both_sides():
    here = known("acme/a", 1, patterns=["kafka"], packages=["httpx", "redis"])
    there = known("acme/b", 2, patterns=["kafka"], packages=["redis"])
    found = explain(here, there, index_of(view_of(here, there)))
    by_term = {term.term: term for term in found.shared}
    assert (by_term["kafka"].here.path, by_term["kafka"].here.start) == ("src/kafka.py", 3)
    assert (by_term["pypi:redis"].here.start, by_term["pypi:redis"].there.start) == (6, 5)
    assert (found.overlap.patterns, found.overlap.dependencies) == (1, 1)


def with_client(name, number, *versions):
    """What is known of a repository whose class was pushed in these versions, (minute, lines) each."""
    pushes = [
        pushed(f"{n}", f"{n + 1}", minute, repository=repository(name, number))
        for n, (minute, _) in enumerate(versions)
    ]
    files = [
        reading("src/http.py").model_copy(update={"components": (component("Client", lines, start=8),)})
        for _, lines in versions
    ]
    return fold([record_of(push, file) for push, file in zip(pushes, files, strict=True)]).project()


FIXED = [*BODY[:20], "timeout = 5", *BODY[21:]]
DAY = 24 * 60


def said(here, there):
    (found,) = shared_components(here, there)
    return sentences.copy(named(here), named(there), found)


def test_of_two_copies_the_one_that_was_seen_to_change_is_named_and_the_other_only_if_it_was_watched():
    orders = with_client("acme/orders", 2, (0, BODY), (2 * DAY, FIXED))
    billing = with_client("acme/billing", 1, (DAY, BODY))
    late = with_client("acme/late", 3, (5 * DAY, BODY))
    prefix = "Client (src/http.py:8-47) is about 97% the same as in acme/orders (src/http.py:8-47)"
    changed = "; acme/orders changed it on 3 March 2026"
    assert said(billing, orders) == f"{prefix}{changed}, acme/billing has not since"
    assert said(late, orders) == f"{prefix}{changed}"
    assert said(orders, billing).endswith(f"{changed}, acme/billing has not since")


def test_of_two_copies_that_were_never_seen_to_change_nothing_is_said_about_when():
    one, two = with_client("acme/a", 1, (0, BODY)), with_client("acme/b", 2, (DAY, FIXED))
    assert "changed" not in said(one, two)
    assert "changed" not in said(two, one)


@given(st.integers(0, 30), st.randoms(use_true_random=False))
def test_the_estimated_share_of_equal_lines_is_near_the_true_one(changes, random):
    lines = [f"line {n}" for n in range(150)]
    other = list(lines)
    for place in random.sample(range(150), changes):
        other[place] = f"changed {place}"
    estimate = likeness(sketch_of(lines), sketch_of(other))
    assert abs(estimate - (150 - changes) / 150) < 0.25
    assert (estimate == 1) or changes


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
    everyone = [here, *others, *strangers]
    (lacking,) = missing_patterns(here, everyone, corrections=Corrections())
    for word in (lacking.pattern, lacking.name.upper()):
        meant = parse(Corrections, f"hide: [{{exception: {word}}}]".encode())
        assert missing_patterns(here, everyone, corrections=meant) == ()
    assert sentences.missing(named(here), lacking) == (
        "3 of 4 repositories of its kind have Retry backoff; acme/reports has not "
        "(for example acme/r4 src/retry-backoff.py:3)"
    )
    assert missing_patterns(here, others[:2], corrections=Corrections()) == ()
    assert (
        missing_patterns(here, [*others[:2], known("acme/r9", 9, patterns=COMMON)], corrections=Corrections())
        == ()
    )
    view = view_of(*everyone)
    assert exceptions_in(view, index_of(view), here).missing == (lacking,)


def test_a_peer_shares_at_least_three_patterns_and_half_of_all():
    here = known("acme/a", 1, patterns=[f"p{n}" for n in range(8)])
    near = known("acme/b", 2, patterns=[f"p{n}" for n in range(4)])
    far = known("acme/c", 3, patterns=[f"p{n}" for n in range(3)])
    assert of_its_kind(here, [here, near, far]) == [near]
    small = known("acme/d", 4, patterns=["p0", "p1"])
    assert of_its_kind(small, [here, near]) == []


def test_the_strongest_place_is_in_code_before_a_manifest():
    rows = [row(rule="kafka", line=9, weight=0.9, kind="dependency"), row(rule="kafka", line=2, weight=0.5)]
    told = [Pattern(id="kafka", name="Kafka", category="x")]
    page = fold([record_of(pushed("0", "a"), reading("a.py", *rows), patterns=told)]).project()
    assert strongest_place(page.standing_patterns["kafka"]).start == 2


def test_a_repository_whose_name_was_taken_over_is_like_nobody_and_counts_nowhere():
    gone, new, other = (known("acme/api", n, patterns=["kafka"]) for n in (1, 2, 3))
    view = View(
        "r1",
        {
            projection_path("acme/api", "github.com/1"): gone,
            projection_path("acme/api"): new,
            projection_path("acme/x"): other,
        },
    )
    index = index_of(view)
    assert most_alike(view, index, new) == [other]
    assert [one.repository.id for one in alike(view, index, "github.com/1")] == [
        "github.com/2",
        "github.com/3",
    ]
