"""What every store of the knowledge base promises, on each kind of them.

A kind is a function in KINDS: it makes an empty base and returns how to open it, as another process would.
"""

import itertools
import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.git_server import TOKEN, GitServer
from fakes.git_store import MemoryStore
from fakes.github_world import GitHubWorld

from devnexus.errors import Unavailable
from devnexus.git import run_git
from devnexus.knowledge.store import Conflict, Damaged, Store
from devnexus.knowledge.stores import create_store, open_store
from devnexus_cli.analyze.unwritten import Unwritten

Open = Callable[[], Store]


def directory(folder: Path, _: ExitStack) -> Open:
    location = str(folder / "kb.git")
    create_store(location, {})
    return lambda: open_store(location, {})


def file_remote(folder: Path, _: ExitStack) -> Open:
    """Every opener is a machine of its own: none shares its copy with another."""
    path = folder / "kb.git"
    path.mkdir()
    run_git(path, "init", "--bare", "--quiet", ".")
    location, machines = f"file://{path}", itertools.count()
    create_store(location, {"KNOWLEDGE_CACHE": str(folder / "creator")})
    return lambda: open_store(location, {"KNOWLEDGE_CACHE": str(folder / f"machine{next(machines)}")})


def https_remote(folder: Path, stack: ExitStack) -> Open:
    """All openers are on one machine and share a copy."""
    server = stack.enter_context(GitServer(folder / "served"))
    server.path("kb.git")
    environment = {
        "KNOWLEDGE_CACHE": str(folder / "cache"),
        "KNOWLEDGE_TOKEN": TOKEN,
        "SSL_CERT_FILE": str(server.certificate),
    }
    create_store(server.url("kb.git"), environment)
    return lambda: open_store(server.url("kb.git"), environment)


def memory(_: Path, __: ExitStack) -> Open:
    store = MemoryStore()
    return lambda: store


def unwritten(folder: Path, stack: ExitStack) -> Open:
    store = Unwritten(directory(folder, stack)())
    return lambda: store


KINDS = {
    "directory": directory,
    "file-remote": file_remote,
    "https-remote": https_remote,
    "memory": memory,
    "unwritten": unwritten,
}
GITHUB = "github"
HOLDING_ANY_BYTES = KINDS.keys()
"""The kinds whose paths need not be UTF-8."""


def on_github(github: GitHubWorld) -> Open:
    name = github.new_base()
    return lambda: github.store(name)


@pytest.fixture(params=[*KINDS, GITHUB])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def reopen(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens the base once more."""
    with ExitStack() as stack:
        on_what_stands_for_github = kind == GITHUB and on_github(request.getfixturevalue("github"))
        opened = on_what_stands_for_github or KINDS[kind](tmp_path, stack)

        def reopen() -> Store:
            store = opened()
            stack.callback(store.close)
            return store

        yield reopen


@pytest.fixture
def store(reopen: Open) -> Store:
    return reopen()


def commit(store: Store, changes: dict[str, bytes | None], message: str = "m") -> str:
    return store.commit(changes, message=message, expected_head=store.head())


def test_a_commit_is_read_back_by_path_and_by_folder(store: Store, reopen: Open) -> None:
    revision = commit(store, {"a/b": b"1", "a/c/d": b"\x00\xff\r\n", "ab": b""})
    for reader in (store, reopen()):
        assert reader.head() == revision
        assert reader.read(["a/b", "ab", "none", "none/"], at=revision) == {"a/b": b"1", "ab": b""}
        assert reader.read(["a/"], at=revision) == {"a/b": b"1", "a/c/d": b"\x00\xff\r\n"}
        assert reader.read(["a", "a/c"], at=revision) == {}, "a folder is no file"
        assert reader.read([], at=revision) == {}


def test_an_old_revision_stays_as_it_was(store: Store) -> None:
    old = commit(store, {"a": b"1", "b": b"1"})
    new = commit(store, {"a": b"2", "b": None, "c": b"3", "never": None})
    assert store.read(["a", "b", "c"], at=old) == {"a": b"1", "b": b"1"}
    assert store.read(["a", "b", "c"], at=new) == {"a": b"2", "c": b"3"}
    assert store.changed(old, new) == store.changed(new, old) == ("a", "b", "c")
    assert store.changed(new, new) == ()


def test_what_another_process_committed_is_the_head_and_can_be_read(store: Store, reopen: Open) -> None:
    before = store.head()
    revision = commit(reopen(), {"a": b"1"})
    assert store.changed(before, revision) == ("a",), "known from an event, before the head was looked at"
    assert store.head() == revision
    assert store.read(["a"], at=revision) == {"a": b"1"}


def test_the_log_tells_the_newest_first_with_messages_and_times(store: Store) -> None:
    start, text = store.head(), "Take 2 records in\n\n- of ä/ö\n- of y"
    old = commit(store, {"a": b"1"}, text)
    new = commit(store, {"a": b"2"}, "second")
    third, second, first, *older = store.log(new)
    assert [third.id, second.id, first.id] == [new, old, start]
    assert [third.parent, second.parent] == [old, start]
    assert (first, *older)[-1].parent is None
    assert [third.message, second.message] == ["second", text]
    assert abs(third.at - datetime.now(UTC)) < timedelta(minutes=2)
    assert list(store.log(old)) == [second, first, *older]


def test_the_log_of_a_file_has_only_the_commits_that_changed_it(store: Store) -> None:
    first = commit(store, {"a/b": b"1", "*": b"1"})
    commit(store, {"c": b"1"})
    third = commit(store, {"a/b": b"2"})
    commit(store, {"a/b": b"2", "d": b"1"})
    fifth = commit(store, {"a/b": None})
    log = list(store.log(store.head(), path="a/b"))
    assert [revision.id for revision in log] == [fifth, third, first]
    assert log[1].parent != first, "its parent is the commit before, not the change before"
    assert [revision.id for revision in store.log(fifth, path="*")] == [first], "a path is no pattern"
    assert list(store.log(fifth, path="never")) == []


def test_a_commit_on_an_old_head_is_a_conflict_and_changes_nothing(store: Store, reopen: Open) -> None:
    old = store.head()
    head = commit(reopen(), {"a": b"1"})
    with pytest.raises(Conflict):
        store.commit({"a": b"2", "b": b"2"}, message="late", expected_head=old)
    assert store.head() == head
    assert store.read(["a", "b"], at=head) == {"a": b"1"}


def test_of_twenty_concurrent_writers_none_overwrites_another(store: Store, reopen: Open) -> None:
    start = store.head()

    def write(number: int) -> None:
        own = reopen()
        while True:
            try:
                commit(own, {f"f{number}": b"x"}, f"by {number}")
                return
            except Conflict:
                time.sleep(random.uniform(0, 1.0))

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(write, range(20)))
    head = store.head()
    assert len(store.read([f"f{number}" for number in range(20)], at=head)) == 20
    log = list(store.log(head))
    assert {revision.message for revision in log[:20]} == {f"by {number}" for number in range(20)}
    assert [revision.parent for revision in log[:20]] == [revision.id for revision in log[1:21]]
    assert log[20].id == start


def test_a_commit_of_no_changes_is_a_revision_like_the_one_before(store: Store) -> None:
    old = commit(store, {"a": b"1"})
    new = commit(store, {}, "nothing new")
    assert store.changed(old, new) == ()
    assert store.read(["a"], at=new) == {"a": b"1"}
    assert next(store.log(new)).message == "nothing new"


def test_a_file_of_more_than_a_megabyte_is_kept_whole(store: Store, reopen: Open) -> None:
    large = os.urandom(1_500_000)
    revision = commit(store, {"large": large, "small": b"1"})
    assert reopen().read(["large", "small"], at=revision) == {"large": large, "small": b"1"}


def test_a_path_may_hold_what_is_special_elsewhere(store: Store, reopen: Open) -> None:
    files = {path: path.encode() for path in ('"a"', "a b/ä", "back\\slash", "[x]", ":(glob)a", "-x", "#")}
    revision = commit(store, dict(files))
    assert reopen().read(list(files), at=revision) == files
    assert store.read(["*", "?x]", "[x]"], at=revision) == {"[x]": b"[x]"}, "a path is no pattern"
    gone = commit(store, dict.fromkeys(files))
    assert store.read(list(files), at=gone) == {}
    assert store.changed(revision, gone) == tuple(sorted(files))


@pytest.mark.parametrize("kind", HOLDING_ANY_BYTES, indirect=True)
def test_a_path_that_is_not_utf8_is_read_under_the_name_it_was_given(store: Store) -> None:
    path = b"a/\xff\n".decode("utf-8", "surrogateescape")
    old = store.head()
    new = commit(store, {path: b"1"})
    assert store.read(["a/"], at=new) == store.read([path], at=new) == {path: b"1"}
    assert store.changed(old, new) == (path,)


def test_a_revision_that_is_not_there_is_an_error_and_not_an_empty_answer(store: Store) -> None:
    head, nowhere = store.head(), "f" * 40
    for ask in (
        lambda: store.read(["README.md"], at=nowhere),
        lambda: store.changed(head, nowhere),
        lambda: list(store.log(nowhere)),
    ):
        with pytest.raises((Unavailable, Damaged)):
            ask()
    with pytest.raises((Conflict, Unavailable)):
        store.commit({"a": b"1"}, message="m", expected_head=nowhere)
    assert store.head() == head
