"""Views of a knowledge base: from revision to revision, on a real one."""

import pytest
from builders import known
from fakes.knowledge import make_store, put

from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.store import Damaged
from devnexus.knowledge.view import Views


@pytest.fixture
def store(tmp_path):
    opened = make_store(tmp_path / "knowledge.git")
    yield opened
    opened.close()


def test_a_view_is_the_same_whichever_revision_one_comes_from(store):
    one, two = known("acme/a", 1), known("acme/b", 2)
    first = put(store, [one, two])
    second = put(store, [known("acme/b", 2, patterns=["kafka"], minute=5), known("acme/c", 3)])
    third = store.commit({projection_path("acme/a"): None}, message="left", expected_head=store.head())
    views = Views(store)
    for revision in (third, first, second, third, second):
        assert views.at(revision) == Views(store).at(revision)
    assert list(views.head().repositories) == ["github.com/2", "github.com/3"]


def test_what_did_not_change_is_not_read_again(store):
    put(store, [known("acme/a", 1), known("acme/b", 2)])
    views = Views(store)
    before = views.head()
    put(store, [known("acme/b", 2, minute=5)])
    after = views.head()
    assert after.repositories["github.com/1"] is before.repositories["github.com/1"]
    assert after.repositories["github.com/2"] is not before.repositories["github.com/2"]


def test_a_name_is_found_however_it_is_spelled(store):
    put(store, [known("Acme/Api", 1)])
    view = Views(store).head()
    assert view.named("acme/API") is view.repositories["github.com/1"]
    assert view.named("acme/other") is None


def test_a_broken_page_is_an_error_and_no_missing_repository(store):
    good = put(store, [known("acme/a", 1)])
    broken = store.commit({projection_path("acme/a"): b"{"}, message="oops", expected_head=good)
    views = Views(store)
    assert views.at(good).named("acme/a")
    with pytest.raises(Damaged):
        views.at(broken)
