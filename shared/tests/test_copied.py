"""Copies in any repository: found through one index that follows the pages as they change."""

from itertools import combinations_with_replacement

import pytest
from builders import component, known, manifest, pushed, record_of, repository
from hypothesis import given, settings
from hypothesis import strategies as st

from devnexus.alike.copied import new_pairs
from devnexus.alike.copy_index import CopyIndex
from devnexus.events.patterns_extracted import FileReading
from devnexus.knowledge.consumers import Uses
from devnexus.knowledge.fold import fold

BODY = [f"line {n}" for n in range(40)]
FIXED = [*BODY[:20], "timeout = 5", *BODY[21:]]


def having(number, *bodies, path="src/http.py", language="Python", asks=(), publishes=None, minute=0):
    """Repository so and so, with a class of each of these bodies."""
    classes = tuple(component(f"C{n}", body, start=1 + 100 * n) for n, body in enumerate(bodies))
    file = FileReading(path=path, status="modified", language=language, components=classes)
    said = manifest(*asks).model_copy(update={"name": publishes, "line": 2 if publishes else None})
    files = [file, FileReading(path="pyproject.toml", status="added", manifest=said)]
    push = pushed("0", f"{number} {minute}", minute, repository=repository(f"acme/r{number}", number))
    return fold([record_of(push, *files)]).project()


def by_id(*pages):
    return {page.repository_id: page for page in pages}


def found(before, *changed, apart=()):
    """What is found after pages changed: repository, its component, the other's, the other's component."""
    now = {**before, **by_id(*changed)}
    index, uses = CopyIndex(), Uses()
    for pages in (before, now):
        index.move_to(pages)
        uses.move_to(pages)
    pairs = new_pairs(before, changed, index, uses, not_alike=lambda _: set(apart))
    return [
        (id_, one.component.name, one.there.repository_name, one.counterpart.name)
        for id_, some in sorted(pairs.items())
        for one in some
    ]


def test_a_copy_is_found_wherever_it_is_and_told_once():
    others = by_id(having(1, BODY), having(2, [f"other {n}" for n in range(40)]))
    copy = having(3, FIXED, minute=5)
    assert found(others, copy) == [("github.com/3", "C0", "acme/r1", "C0")]
    assert found({**others, **by_id(copy)}, having(3, FIXED, minute=9)) == []
    assert found({**others, **by_id(copy)}, having(3, BODY, minute=9)) == []


def test_who_was_copied_from_in_the_same_commit_is_told_as_well():
    assert found({}, having(1, BODY), having(2, BODY)) == [
        ("github.com/1", "C0", "acme/r2", "C0"),
        ("github.com/2", "C0", "acme/r1", "C0"),
    ]


def test_who_changed_only_elsewhere_is_told_of_who_copied_it_in_the_same_commit():
    other = [f"other {n}" for n in range(40)]
    told = found(by_id(having(1, BODY)), having(1, BODY, other, minute=5), having(2, BODY, minute=5))
    assert ("github.com/1", "C0", "acme/r2", "C0") in told


def test_a_copy_that_only_moved_is_no_news():
    before = by_id(having(1, BODY), having(2, BODY))
    assert found(before, having(2, BODY, path="lib/http.py")) == []


def test_of_equal_copies_the_oldest_is_named_and_each_component_once():
    before = by_id(having(5, BODY, minute=1), having(1, BODY, minute=2), having(4, FIXED))
    assert found(before, having(9, BODY, BODY, minute=5)) == [
        ("github.com/9", "C0", "acme/r5", "C0"),
        ("github.com/9", "C1", "acme/r5", "C0"),
    ]


@pytest.mark.parametrize(("asks", "publishes"), [("core", "core"), ("core", "another")])
def test_code_of_a_package_that_one_asks_for_is_use_and_no_copy(asks, publishes):
    before = by_id(having(1, BODY, publishes=publishes))
    assert (found(before, having(2, BODY, asks=[asks])) == []) == (asks == publishes)
    before = by_id(having(2, BODY, asks=[asks]))
    assert (found(before, having(1, BODY, publishes=publishes)) == []) == (asks == publishes)


def test_of_those_that_nobody_wants_to_hear_of_the_next_best_is_told():
    before = by_id(having(1, BODY), having(2, FIXED))
    assert found(before, having(3, BODY), apart={"github.com/1"}) == [("github.com/3", "C0", "acme/r2", "C0")]


def test_the_same_text_in_another_language_or_in_a_few_lines_is_no_copy():
    assert found(by_id(having(1, BODY)), having(2, BODY, language="Ruby")) == []
    assert found(by_id(having(1, BODY[:9])), having(2, BODY[:9])) == []


def test_what_stands_in_all_repositories_is_looked_at_in_a_few():
    pages = by_id(*(having(n, BODY) for n in range(1, 81)))
    index = CopyIndex()
    index.move_to(pages)
    here = pages["github.com/80"]
    assert len(index.like(here.repository_id, here.components[0])) == 50


BODIES = (BODY, FIXED, BODY[5:35], [f"x {n}" for n in range(30)])
PAGES = {
    number: [
        having(number, *some) for count in range(3) for some in combinations_with_replacement(BODIES, count)
    ]
    for number in range(1, 5)
}
repositories = st.tuples(*(st.none() | st.sampled_from(pages) for pages in PAGES.values()))


@settings(max_examples=50, deadline=None)
@given(st.lists(repositories, min_size=2, max_size=4))
def test_an_index_that_moved_through_revisions_finds_what_a_new_one_finds(revisions):
    moved = CopyIndex()
    for held in [*revisions, *revisions[::-1]]:
        pages = by_id(*(page for page in held if page))
        fresh = CopyIndex()
        for index in (moved, fresh):
            index.move_to(pages)
        for page in pages.values():
            for one in page.components:
                assert moved.like(page.repository_id, one) == fresh.like(page.repository_id, one)


def test_a_page_with_the_same_component_twice_comes_and_goes_as_others_do():
    page = having(1, BODY)
    twice = page.model_copy(update={"components": page.components * 2})
    index = CopyIndex()
    for pages in (by_id(twice), {}, by_id(twice), by_id(known("acme/r1", 1))):
        index.move_to(pages)
    assert index.like("github.com/2", page.components[0]) == []
