"""The knowledge base in a real bare repository: reads that never lie, commits that never overwrite."""

import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.knowledge.git_store import GitStore, create_git_store, open_git_store
from devnexus.knowledge.store import Conflict, Damaged


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


@pytest.mark.parametrize(
    "name", ["HEAD", "packed-refs", "refs/heads/main", "refs/unfinished/commit", "refs/announced"]
)
@pytest.mark.parametrize("age", [-60, 3600], ids=["old", "from the future"])
def test_a_lock_that_a_killed_writer_left_does_not_stop_the_next(store, name, age):
    commit(store, a=b"1")
    lock = store._path / f"{name}.lock"
    lock.touch()
    os.utime(lock, (time.time() + age, time.time() + age))
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


def test_what_nobody_was_told_of_is_remembered_over_a_restart(store):
    assert store.unannounced() == ()
    first, second = commit(store, a=b"1"), commit(store, a=b"2")
    assert GitStore(store._path).unannounced() == (first, second)
    store.mark_announced(first)
    assert GitStore(store._path).unannounced() == (second,)


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
    with pytest.raises((Unavailable, Damaged)):
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


def test_a_folder_that_holds_something_else_is_refused_and_an_empty_one_is_used(tmp_path):
    (tmp_path / "empty").mkdir()
    create_git_store(tmp_path / "empty")
    open_git_store(tmp_path / "empty").close()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(ConfigurationError, match="holds no knowledge base"):
        create_git_store(tmp_path / "other")


def test_a_folder_inside_a_checkout_is_not_taken_for_that_checkout(tmp_path):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    author = ["-c", "user.name=T", "-c", "user.email=t@t"]
    subprocess.run(["git", "-C", tmp_path, *author, "commit", "-qm", "x", "--allow-empty"], check=True)
    subprocess.run(["git", "-C", tmp_path, "branch", "-M", "main"], check=True)
    (tmp_path / "kb.git").mkdir()
    with pytest.raises(ConfigurationError):
        open_git_store(tmp_path / "kb.git")


def test_the_environment_of_a_hook_does_not_lead_to_another_repository(store, tmp_path, monkeypatch):
    head = commit(store, a=b"1")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path))
    assert GitStore(store._path).read(["a"], at=head) == {"a": b"1"}
