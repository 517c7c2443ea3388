"""Views of a knowledge base: from revision to revision, on a real one."""

import pytest
from builders import known
from fakes.knowledge import make_store, put

from devnexus.git import run_git
from devnexus.knowledge.layout import projection_path
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


def test_of_each_page_only_what_a_reader_keeps_stays_in_memory(store):
    put(store, [known("acme/a", 1, patterns=["kafka"]), known("acme/b", 2)])
    views = Views(store, keep=lambda page: page.model_copy(update={"standing_patterns": {}}))
    before = views.head()
    put(store, [known("acme/b", 2, patterns=["kafka"], minute=5)])
    after = views.head()
    assert not any(page.standing_patterns for page in after.pages.values())
    assert not any(good.value.standing_patterns for good in after.raw.values())
    assert after.repositories["github.com/1"] is before.repositories["github.com/1"]


def test_a_name_is_found_however_it_is_spelled(store):
    put(store, [known("Acme/Api", 1)])
    view = Views(store).head()
    assert view.named("acme/API") is view.repositories["github.com/1"]
    assert view.named("acme/other") is None


def test_a_page_that_somebody_broke_shows_its_last_good_version_and_says_so(store):
    path = projection_path("acme/a")
    good = put(store, [known("acme/a", 1), known("acme/b", 2)])
    store.commit({path: b"{"}, message="oops", expected_head=good)
    broken = store.commit({path: b"[]"}, message="oops again", expected_head=store.head())
    for views in (Views(store), warmed := Views(store)):
        views is warmed and views.at(good)
        view = views.at(broken)
        assert view.pages == views.at(good).pages
        (problem,) = view.problems
        assert (problem.path, problem.used_revision) == (path, good)
        assert views.at(good).problems == ()


def test_a_page_that_was_never_whole_hides_only_itself_and_says_so(store):
    path = projection_path("acme/a")
    put(store, [known("acme/b", 2)])
    store.commit({path: b"{"}, message="mine", expected_head=store.head())
    view = Views(store).head()
    assert list(view.repositories) == ["github.com/2"]
    assert [(problem.path, problem.used_revision) for problem in view.problems] == [(path, None)]


def say(store, **files):
    """Commit what people say, by the stem of the file."""
    contents = {f"{name.replace('__', '/')}.yaml": text and text.encode() for name, text in files.items()}
    return store.commit(contents, message="people", expected_head=store.head())


def patterns(view, name):
    return view.named(name).latest_patterns.patterns


def test_what_people_say_is_applied_when_read_and_only_where_it_says_something(store):
    put(store, [known("acme/a", 1, patterns=["kafka", "redis"]), known("acme/b", 2, patterns=["kafka"])])
    views = Views(store)
    before = views.head()
    say(store, corrections__Acme__A="hide: [{pattern: Kafka}]")
    hidden = views.head()
    assert (patterns(hidden, "acme/a"), patterns(hidden, "acme/b")) == (("Redis",), ("Kafka",))
    assert hidden.repositories["github.com/2"] is before.repositories["github.com/2"]
    say(store, vocabulary="patterns: {event-bus: {name: Event bus, merge: [kafka]}}")
    named = views.head()
    assert (patterns(named, "acme/a"), patterns(named, "acme/b")) == (("Redis",), ("Event bus",))


def test_a_repository_that_is_excluded_is_shown_again_once_it_no_longer_is(store):
    put(store, [known("acme/a", 1), known("acme/b", 2)])
    views = Views(store)
    say(store, devnexus="repositories: {exclude: [ACME/a]}")
    assert list(views.head().repositories) == ["github.com/2"]
    put(store, [known("acme/a", 1, minute=5)])
    assert list(views.head().repositories) == ["github.com/2"]
    say(store, devnexus=None)
    assert list(views.head().repositories) == ["github.com/1", "github.com/2"]


def test_a_view_is_the_same_whichever_revision_one_comes_from_whatever_people_say(store):
    texts = {
        "devnexus": [
            "repositories: {include: ['acme/*']}",
            "repositories: {exclude: [acme/c]}",
            "oops",
            None,
        ],
        "vocabulary": ["patterns: {kafka: {name: Kafka topics}}", "patterns: [", "patterns: {}"],
        "corrections__acme__a": ["confirm: [{pattern: redis, by: ada}]", "hide: [{pattern: kafka}]", None],
    }
    revisions = [
        put(store, [known("acme/a", 1, patterns=["kafka"]), known("other/b", 2, patterns=["redis"])])
    ]
    for name, some in texts.items():
        revisions += [say(store, **{name: text}) for text in some]
        revisions.append(put(store, [known("acme/c", 3, patterns=[name[:5]], minute=len(revisions))]))
    fresh = {revision: Views(store).at(revision) for revision in revisions}
    views = Views(store)
    for revision in [*revisions[::3], *reversed(revisions), *revisions[::5]]:
        assert views.at(revision) == fresh[revision]


def test_who_confirms_a_pattern_that_others_show_finds_it_under_their_id_and_name(store):
    put(store, [known("acme/a", 1), known("acme/b", 2, patterns=["retry-backoff"])])
    say(store, corrections__acme__a="confirm: [{pattern: RETRY BACKOFF, by: ada}]")
    views = Views(store)
    confirmed = views.head().named("acme/a").standing_patterns["retry-backoff"]
    assert (confirmed.name, confirmed.category, confirmed.source) == ("Retry backoff", "x", "person")
    put(store, [known("acme/b", 2, minute=5)])
    alone = views.head().named("acme/a").standing_patterns["retry-backoff"]
    assert (alone.name, alone.category) == ("Retry with backoff", "resilience")


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
