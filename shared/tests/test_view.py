"""Views of a knowledge base: from revision to revision, on a real one."""

import pytest
from builders import known
from fakes.knowledge import make_store, put

from devnexus.git import run_git
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


def test_what_people_put_beside_the_pages_freezes_nobody(store, tmp_path):
    good, base = put(store, [known("acme/a", 1)]), tmp_path / "knowledge.git"
    blob = run_git(base, "hash-object", "-w", "--stdin", stdin=b"notes").decode().strip()
    tree = run_git(base, "ls-tree", "-z", good) + f"100644 blob {blob}\t".encode()
    made = run_git(base, "mktree", "-z", stdin=tree + b"\xff.md\0").decode().strip()
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    strange = run_git(base, *identity, "commit-tree", made, "-p", good, "-m", "x")
    beside = {"repositories/README.md": b"mine"}
    run_git(base, "update-ref", "refs/heads/main", strange.decode().strip())
    store.commit(beside, message="mine", expected_head=store.head())
    views = Views(store)
    views.at(good)
    assert views.head().pages == Views(store).head().pages == views.at(good).pages
    assert any("\udcff" in path for path in store.changed(good, store.head()))
