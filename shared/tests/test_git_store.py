"""The knowledge base in a real bare repository: reads that never lie, commits that never overwrite."""

import os
import shutil
import subprocess
import threading
import time
from datetime import UTC, datetime

import pytest
from fakes.knowledge import lose_object

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.git import run_git
from devnexus.knowledge.store import Conflict, Damaged
from devnexus.knowledge.stores.bare_repository import BareRepository
from devnexus.knowledge.stores.git_store import GitStore, create_git_store, open_git_store

WHEN = "1000000000 +0200"
AUTHOR = {
    "remote": {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "T"), ("EMAIL", "t@t"), ("DATE", WHEN))
    }
}


CLONE = {"GIT_ALLOW_PROTOCOL": "file"}


@pytest.fixture
def store(tmp_path):
    create_git_store(tmp_path / "kb.git")
    store = open_git_store(tmp_path / "kb.git")
    yield store
    store.close()


def commit(store, **files):
    changes = {path.replace("__", "/"): content for path, content in files.items()}
    return store.commit(changes, message="test", expected_head=store.head())


def test_a_push_that_knows_nothing_of_our_lock_is_a_conflict(store, monkeypatch):
    old = commit(store, a=b"1")
    foreign = commit(store, a=b"2")
    run_git(store._path, "update-ref", "refs/heads/main", old)
    make_commit = BareRepository.make_commit

    def overtaken(*args, **kwargs):
        run_git(store._path, "update-ref", "refs/heads/main", foreign)
        return make_commit(*args, **kwargs)

    monkeypatch.setattr(BareRepository, "make_commit", overtaken)
    with pytest.raises(Conflict):
        store.commit({"a": b"3"}, message="late", expected_head=old)
    assert store.head() == foreign


def test_a_working_copy_is_read_but_not_written_to(store, tmp_path):
    head = commit(store, a=b"1")
    allowed = ("-c", "protocol.file.allow=always")
    run_git(tmp_path, *allowed, "clone", "-q", str(store._path), "copy", remote=CLONE)
    copy = open_git_store(tmp_path / "copy")
    assert copy.read(["a"], at=copy.head()) == {"a": b"1"}
    with pytest.raises(ConfigurationError, match=r"copy is a working copy .* give the bare repository"):
        commit(copy, a=b"2")
    assert copy.head() == head
    copy.close()


def test_a_log_of_many_pages_is_whole(store, monkeypatch):
    monkeypatch.setattr("devnexus.knowledge.stores.bare_repository._LOG_PAGE", 2)
    first = store.head()
    made = [commit(store, **{path: b"%d" % number}) for number, path in enumerate("abaab")]
    assert [revision.id for revision in store.log(store.head())] == [*reversed(made), first]
    assert [revision.id for revision in store.log(store.head(), path="a")] == [made[3], made[2], made[0]]


def test_the_log_is_read_only_as_far_as_it_is_asked_for(store, monkeypatch):
    monkeypatch.setattr("devnexus.knowledge.stores.bare_repository._LOG_PAGE", 1)
    commit(store, a=b"1")
    head = commit(store, a=b"2")
    log = store.log(head)
    assert next(log).id == head
    shutil.rmtree(store._path)
    with pytest.raises(Unavailable):
        next(log)


def test_a_merge_that_somebody_made_is_followed_along_its_first_parent(store):
    ours = commit(store, a=b"1")
    theirs = run_git(store._path, "commit-tree", "-p", ours, "-m", "x", f"{ours}^{{tree}}", **AUTHOR).decode()
    parents = ("-p", ours, "-p", theirs.strip())
    merge = run_git(store._path, "commit-tree", *parents, "-m", "merge", f"{ours}^{{tree}}", **AUTHOR)
    log = list(store.log(merge.decode().strip()))
    assert [revision.message for revision in log] == ["merge\n", "test", "Create the knowledge base"]
    assert log[0].at == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)


@pytest.mark.parametrize("name", ["HEAD", "packed-refs", "refs/heads/main", "refs/unfinished/commit"])
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
    assert next(store.log(commit(store, a=b"2"))).parent == head


@pytest.mark.parametrize("kind", ["tree", "blob"])
def test_a_damaged_repository_is_an_error_and_never_an_empty_answer(store, kind):
    revision = commit(store, a__b=b"precious")
    lose_object(store._path, f"{revision}:{'a' if kind == 'tree' else 'a/b'}")
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


def test_a_repository_of_something_else_is_refused(tmp_path):
    create_git_store(tmp_path / "kb.git")
    store = open_git_store(tmp_path / "kb.git")
    commit(store, **{"metadata.json": None, "setup.py": b""})
    with pytest.raises(ConfigurationError, match="another repository"):
        open_git_store(tmp_path / "kb.git")
    with pytest.raises(ConfigurationError, match="not empty and holds no knowledge base"):
        create_git_store(tmp_path / "kb.git")


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


def test_more_paths_than_a_command_line_holds_are_read(store):
    revision = commit(store, a=b"1", z=b"2")
    many = [f"history/github.com/{number}/2026-01-01.jsonl" for number in range(30_000)]
    assert store.read(["a", *many, "z"], at=revision) == {"a": b"1", "z": b"2"}
