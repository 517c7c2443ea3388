"""The knowledge base in a real bare repository: reads that never lie, commits that never overwrite."""

import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.knowledge.git_store import GitStore, create_git_store, open_git_store
from devnexus.knowledge.store import Conflict


@pytest.fixture
def store(tmp_path):
    create_git_store(tmp_path / "kb.git")
    store = open_git_store(tmp_path / "kb.git")
    yield store
    store.close()


def commit(store, **files):
    changes = {path.replace("__", "/"): content for path, content in files.items()}
    return store.commit(changes, message="test", expected_head=store.head())


def test_a_commit_is_read_back_by_path_and_by_folder(store):
    revision = commit(store, a__b=b"1", a__c=b"\x00\xff\n", d=b"")
    assert store.head() == revision
    assert store.read(["a/b", "d", "none"], at=revision) == {"a/b": b"1", "d": b""}
    assert store.read(["a/"], at=revision) == {"a/b": b"1", "a/c": b"\x00\xff\n"}
    assert store.read([], at=revision) == {}


def test_an_old_revision_stays_as_it_was(store):
    old = commit(store, a=b"1", b=b"1")
    new = commit(store, a=b"2", b=None, c=b"3")
    assert store.read(["a", "b", "c"], at=old) == {"a": b"1", "b": b"1"}
    assert store.read(["a", "b", "c"], at=new) == {"a": b"2", "c": b"3"}
    assert store.changed(old, new) == ("a", "b", "c")
    assert store.parent(new) == old


def test_a_commit_on_an_old_head_is_a_conflict_and_changes_nothing(store):
    old = store.head()
    head = commit(store, a=b"1")
    with pytest.raises(Conflict):
        store.commit({"a": b"2"}, message="late", expected_head=old)
    assert store.head() == head
    assert store.read(["a"], at=head) == {"a": b"1"}


@pytest.mark.parametrize("name", ["HEAD", "packed-refs", "refs/heads/main", "refs/unfinished/commit"])
def test_a_lock_that_a_killed_writer_left_does_not_stop_the_next(store, name):
    commit(store, a=b"1")
    lock = store._path / f"{name}.lock"
    lock.touch()
    os.utime(lock, (time.time() - 60, time.time() - 60))
    assert store.read(["a"], at=commit(store, a=b"2")) == {"a": b"2"}


def test_a_lock_that_somebody_holds_right_now_is_waited_for(store):
    head = commit(store, a=b"1")
    lock = store._path / "refs/heads/main.lock"
    lock.touch()
    threading.Timer(0.3, lock.unlink).start()
    assert store.parent(commit(store, a=b"2")) == head


def test_of_twenty_concurrent_writers_none_overwrites_another(store):
    def write(number):
        while True:
            try:
                return store.commit({f"f{number}": b"x"}, message="m", expected_head=store.head())
            except Conflict:
                continue

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(20)))
    assert (
        sum(path.startswith("f") for path in store.read([f"f{n}" for n in range(20)], at=store.head())) == 20
    )


def test_the_revisions_that_touched_a_text_are_found(store):
    first = commit(store, log=b'{"record_id":"one"}\n')
    second = commit(store, log=b'{"record_id":"one"}\n{"record_id":"two"}\n')
    assert store.revisions_with('"record_id":"two"', "log") == (second,)
    assert store.revisions_with('"record_id":"one"', "log") == (first,)
    assert store.revisions_with('"record_id":"three"', "log") == ()


@pytest.mark.parametrize("kind", ["tree", "blob"])
def test_a_damaged_repository_is_an_error_and_never_an_empty_answer(store, kind):
    revision = commit(store, a__b=b"precious")
    lines = subprocess.run(
        ["git", "-C", store._path, "ls-tree", "-r", "-t", revision, "a"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()
    object_id = next(line.split()[2] for line in lines if line.split()[1] == kind)
    (store._path / "objects" / object_id[:2] / object_id[2:]).unlink()
    fresh = GitStore(store._path)
    with pytest.raises(Unavailable):
        fresh.read(["a/b"], at=revision)


def test_a_base_that_is_not_there_is_an_error_that_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigurationError, match="devnexus kb init"):
        open_git_store(tmp_path / "none.git")


def test_a_base_without_its_branch_is_an_error_and_not_an_empty_one(store):
    (store._path / "refs/heads/main").unlink()
    with pytest.raises(Unavailable):
        store.head()


def test_making_a_base_again_leaves_the_one_that_is_there(store):
    head = commit(store, a=b"1")
    create_git_store(store._path)
    assert store.head() == head
