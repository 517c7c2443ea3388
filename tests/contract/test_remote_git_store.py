"""A knowledge base in a git repository elsewhere: cut connections, killed processes, refusals, secrets."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from fakes.git_server import TOKEN, GitServer
from fakes.knowledge import lose_object

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.git import run_git
from devnexus.knowledge.store import Conflict, Damaged, Store
from devnexus.knowledge.stores import create_store, open_store

PUSH = "POST /kb.git/git-receive-pack"
ASK_TO_PUSH = "GET /kb.git/info/refs?service=git-receive-pack"
FETCH = "POST /kb.git/git-upload-pack"


class Base:
    """A knowledge base behind a git server, and stores that share a copy of it."""

    def __init__(self, server: GitServer, folder: Path) -> None:
        self.server, self.path, self.url = server, server.path("kb.git"), server.url("kb.git")
        self.cache = folder / "cache"
        self.environment = {
            "KNOWLEDGE_CACHE": str(self.cache),
            "KNOWLEDGE_TOKEN": TOKEN,
            "SSL_CERT_FILE": str(server.certificate),
        }
        create_store(self.url, self.environment)
        self.store = self.open()

    def open(self, **variables: str) -> Store:
        return open_store(self.url, {**self.environment, **variables})

    def head(self) -> str:
        """What the server has."""
        return run_git(self.path, "rev-parse", "main").decode().strip()


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Base]:
    monkeypatch.setattr("devnexus.knowledge.stores.remote_git_store._LOOK_AGAIN_SECONDS", 0.0)
    with GitServer(tmp_path / "served") as server:
        base = Base(server, tmp_path)
        yield base
        base.store.close()


def commit(store: Store, path: str = "a") -> str:
    return store.commit({path: b"1"}, message=path, expected_head=store.head())


def cut(what: str, *, times: int = 9) -> Callable[[str], bool]:
    """Cuts the connection at such a request; the first time git's http library itself may try again."""
    left = [what] * times
    return lambda request: request in left and bool(left.pop())


@pytest.mark.parametrize("times", [1, 9])
def test_a_commit_whose_answer_got_lost_is_found_to_be_there(base: Base, times: int) -> None:
    base.server.after = cut(PUSH, times=times)
    assert commit(base.store) == base.head()


def test_a_commit_whose_answer_got_lost_is_found_below_the_next_one(base: Base, tmp_path: Path) -> None:
    elsewhere = base.open(KNOWLEDGE_CACHE=str(tmp_path / "elsewhere"))

    def another_commits(request: str) -> bool:
        if request != PUSH:
            return False
        base.server.after = lambda _: None
        commit(elsewhere, "b")
        return True

    base.server.after = another_commits
    revision = commit(base.store)
    assert [one.message for one in base.store.log(base.head())][:2] == ["b", "a"]
    assert next(base.store.log(revision)).message == "a"


def test_a_push_that_was_cut_before_it_came_through_is_unavailable_and_changed_nothing(base: Base) -> None:
    before = base.head()
    base.server.before = cut(PUSH)
    with pytest.raises(Unavailable):
        commit(base.store)
    assert base.head() == before
    base.server.before = lambda _: None
    assert commit(base.store) == base.head()


@pytest.mark.parametrize("moment", [ASK_TO_PUSH, PUSH])
def test_a_push_while_another_committed_is_a_conflict_though_its_answer_got_lost(
    base: Base, tmp_path: Path, moment: str
) -> None:
    elsewhere = base.open(KNOWLEDGE_CACHE=str(tmp_path / "elsewhere"))
    before = base.store.head()

    def another_commits(request: str) -> bool:
        if request != moment:
            return False
        base.server.before = lambda _: None
        commit(elsewhere, "b")
        return moment == PUSH

    base.server.before = another_commits
    with pytest.raises(Conflict):
        base.store.commit({"a": b"1"}, message="a", expected_head=before)
    assert base.store.read(["a", "b"], at=base.store.head()) == {"b": b"1"}


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_a_server_that_refuses_is_an_error_and_never_an_empty_answer(base: Base, status: int) -> None:
    revision = base.store.head()
    shutil.rmtree(base.cache)
    base.server.before = lambda _: status
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
        base.store.head()
    with pytest.raises(Unavailable):
        base.store.read(["README.md"], at=revision)
    with pytest.raises(Unavailable):
        base.store.commit({"a": b"1"}, message="a", expected_head=revision)
    with pytest.raises(ConfigurationError):
        base.open()


def test_the_token_shows_in_no_command_line_and_no_error(base: Base) -> None:
    secrets = (TOKEN, base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode())
    seen: list[str] = []

    def look(_: str) -> int:
        for process in psutil.Process().children(recursive=True):
            seen.append(" ".join(process.cmdline()))
        return 500

    base.server.before = look
    with pytest.raises(Unavailable) as failure:
        commit(base.store)
    assert any("ls-remote" in line for line in seen)
    told = "".join(traceback.format_exception(failure.value)) + repr(failure.value) + "".join(seen)
    assert not any(secret in told for secret in secrets)


def test_a_redirect_is_not_followed_since_the_other_must_not_see_the_token(
    base: Base, tmp_path: Path
) -> None:
    with GitServer(tmp_path / "other") as other:
        trusted = tmp_path / "trusted.pem"
        trusted.write_bytes(base.server.certificate.read_bytes() + other.certificate.read_bytes())
        store = base.open(SSL_CERT_FILE=str(trusted))
        base.server.before = lambda _: other.url("").rstrip("/")
        with pytest.raises(Unavailable, match="it has moved: use its new address"):
            store.head()
        assert other.requests == []


def test_what_a_server_says_of_the_token_is_not_repeated(base: Base) -> None:
    hook = base.path / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\necho 'hello {TOKEN}, you may not' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Unavailable, match="you may not") as failure:
        commit(base.store)
    assert TOKEN not in "".join(traceback.format_exception(failure.value))


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("GH006: Protected branch update failed for refs/heads/main.", "let this account push"),
        ("This repository was archived so it is read-only.", "unarchive it"),
        ("Permission to acme/kb.git denied to nobody.", "set KNOWLEDGE_TOKEN"),
    ],
)
def test_a_refused_push_changes_nothing_and_names_the_remedy(base: Base, said: str, remedy: str) -> None:
    before = base.head()
    hook = base.path / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Unavailable, match=remedy):
        commit(base.store)
    assert base.head() == before
    hook.unlink()
    assert commit(base.store) == base.head()


def test_a_copy_that_was_deleted_is_fetched_again(base: Base) -> None:
    old = commit(base.store)
    new = commit(base.store, "b")
    for ask, expected in (
        (lambda: base.store.read(["a", "b"], at=old), {"a": b"1"}),
        (lambda: base.store.changed(old, new), ("b",)),
        (lambda: next(base.store.log(new, path="b")).id, new),
        (base.store.head, new),
    ):
        shutil.rmtree(base.cache)
        assert ask() == expected
    shutil.rmtree(base.cache)
    last = base.store.commit({"c": b"1"}, message="c", expected_head=new)
    assert base.store.read(["a", "b", "c"], at=last).keys() == {"a", "b", "c"}


def test_a_copy_that_is_damaged_is_an_error_that_says_what_helps(base: Base) -> None:
    revision = commit(base.store)
    (copy,) = base.cache.glob("*.git")
    lose_object(copy, f"{revision}:a")
    with pytest.raises(Damaged, match="deleting it makes a new one"):
        base.open().read(["a"], at=revision)


def test_a_history_that_somebody_rewound_is_followed(base: Base) -> None:
    first = base.store.head()
    commit(base.store)
    run_git(base.path, "update-ref", "refs/heads/main", first)
    assert base.store.head() == first
    assert commit(base.store, "b") == base.head()


READ = """
import json, sys
from devnexus.knowledge.stores import open_store
store = open_store(sys.argv[1], json.loads(sys.argv[2]))
"""
WRITE = (
    READ
    + """
from devnexus.knowledge.store import Conflict
for number in range(3):
    while True:
        try:
            store.commit({f"{sys.argv[3]}{number}": b"x"}, message="m", expected_head=store.head())
            break
        except Conflict:
            pass
"""
)


def start(base: Base, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", program, base.url, json.dumps(base.environment), *arguments]
    return subprocess.Popen(words)


def test_two_processes_share_a_copy(base: Base) -> None:
    writers = [start(base, WRITE, name) for name in ("x", "y")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    wanted = {f"{name}{number}" for name in ("x", "y") for number in range(3)}
    assert base.store.read(sorted(wanted), at=base.store.head()).keys() == wanted
    assert len(list(base.cache.glob("*.git"))) == 1


def test_a_process_that_is_killed_while_it_fetches_leaves_a_usable_copy(base: Base) -> None:
    revision = commit(base.store)
    shutil.rmtree(base.cache)
    reached, go_on = threading.Event(), threading.Event()

    def hold(request: str) -> None:
        if request == FETCH and not reached.is_set():
            reached.set()
            go_on.wait(30)

    base.server.after = hold
    reader = start(base, READ)
    assert reached.wait(30)
    for process in (*psutil.Process(reader.pid).children(recursive=True), psutil.Process(reader.pid)):
        process.kill()
    reader.wait(10)
    (copy,) = base.cache.glob("*.git")
    (copy / "refs/heads/main.lock").touch()  # what git leaves if it dies a moment later
    (copy / "shallow.lock").touch()
    go_on.set()
    assert base.store.head() == revision
    assert base.store.read(["a"], at=revision) == {"a": b"1"}


def test_a_server_that_does_not_answer_is_given_up_with_all_of_gits_processes(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devnexus.knowledge.stores.git_remote._ASK_SECONDS", 0.5)
    before = psutil.Process().children(recursive=True)
    done, started_by_git = threading.Event(), {}

    def hold(_: str) -> None:
        started_by_git.update(
            {one: one.name() for one in psutil.Process().children(recursive=True) if one not in before}
        )
        done.wait(30)

    base.server.before = hold
    started = time.monotonic()
    with pytest.raises(Unavailable, match="took more than"):
        base.store.head()
    assert time.monotonic() - started < 5
    assert any("remote" in name for name in started_by_git.values())
    _, alive = psutil.wait_procs(started_by_git, timeout=2)
    done.set()
    assert alive == []


SSH = """#!/usr/bin/env python3
import json, os, stat, subprocess, sys
words = sys.argv[1:]
key = words[words.index("-i") + 1]
told = {"words": words, "key": open(key).read(), "mode": stat.S_IMODE(os.stat(key).st_mode)}
print(json.dumps(told), file=open(os.environ["SSH_LOG"], "a"))
sys.exit(subprocess.call(["sh", "-c", words[-1]]))
"""


@pytest.mark.parametrize("address", ["ssh://git@host.example{path}", "git@host.example:{path}"])
def test_over_ssh_the_key_is_used_and_nobody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    # Stands for a client and server of ssh: takes their options, and runs what is asked for right here.
    stand_in, log, key = tmp_path / "bin" / "ssh", tmp_path / "log", tmp_path / "mounted key"
    stand_in.parent.mkdir()
    stand_in.write_text(SSH)
    stand_in.chmod(0o755)
    key.write_text("-----BEGIN KEY-----\n")
    key.chmod(0o644)
    monkeypatch.setenv("PATH", f"{stand_in.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("SSH_LOG", str(log))
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "kb.git"], check=True)
    url = address.format(path=tmp_path / "kb.git")
    environment = {"KNOWLEDGE_CACHE": str(tmp_path / "a cache"), "KNOWLEDGE_SSH_KEY_FILE": str(key)}

    create_store(url, environment)
    store = open_store(url, environment)
    revision = commit(store)
    assert store.head() == revision
    store.close()

    calls = [json.loads(line) for line in log.read_text().splitlines()]
    assert {call["words"][-1].split()[0] for call in calls} == {"git-upload-pack", "git-receive-pack"}
    for call in calls:
        words = call["words"]
        assert "git@host.example" in words
        assert {"BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=accept-new"} <= {*words}
        assert f'UserKnownHostsFile="{tmp_path / "a cache" / "known_hosts"}"' in words
        assert (call["key"], call["mode"]) == ("-----BEGIN KEY-----\n", 0o600)
        assert not Path(words[words.index("-i") + 1]).exists(), "the key is removed when the store is closed"

    known_hosts = tmp_path / "known"
    open_store(url, {**environment, "KNOWLEDGE_KNOWN_HOSTS": str(known_hosts)}).close()
    words = json.loads(log.read_text().splitlines()[-1])["words"]
    assert {"StrictHostKeyChecking=yes", f'UserKnownHostsFile="{known_hosts}"'} <= {*words}


def bare(path: Path) -> str:
    path.mkdir()
    run_git(path, "init", "--bare", "--quiet", "--initial-branch=main", ".")
    return f"file://{path}"


def put(path: Path, branch: str, file: str) -> None:
    stream = f"commit {branch}\ncommitter T <t@t> 1 +0000\ndata 1\nm\nM 100644 inline {file}\ndata 2\n{{}}\n"
    run_git(path, "fast-import", "--quiet", stdin=stream.encode())


def test_opening_never_creates_and_says_how_to(tmp_path: Path) -> None:
    environment = {"KNOWLEDGE_CACHE": str(tmp_path / "cache")}
    url = bare(tmp_path / "kb.git")
    with pytest.raises(ConfigurationError, match="devnexus kb init file://"):
        open_store(url, environment)
    with pytest.raises(ConfigurationError, match="create the repository, or correct the address"):
        open_store(f"file://{tmp_path}/none.git", environment)
    assert run_git(tmp_path / "kb.git", "for-each-ref") == b""
    assert not (tmp_path / "none.git").exists()


@pytest.mark.parametrize(
    ("branch", "file", "reason"),
    [
        ("refs/heads/main", "setup.py", "no knowledge base"),
        ("refs/heads/main", "metadata.json", "no knowledge base"),
        ("refs/heads/master", "metadata.json", "no branch main but others"),
    ],
)
def test_a_repository_that_holds_something_else_is_refused_and_left_alone(
    tmp_path: Path, branch: str, file: str, reason: str
) -> None:
    environment = {"KNOWLEDGE_CACHE": str(tmp_path / "cache")}
    url = bare(tmp_path / "other.git")
    put(tmp_path / "other.git", branch, file)
    before = run_git(tmp_path / "other.git", "for-each-ref")
    with pytest.raises(ConfigurationError, match=reason):
        create_store(url, environment)
    with pytest.raises(ConfigurationError):
        open_store(url, environment)
    assert run_git(tmp_path / "other.git", "for-each-ref") == before


def test_making_a_base_again_leaves_the_one_that_is_there(base: Base) -> None:
    head = commit(base.store)
    create_store(base.url, base.environment)
    assert base.head() == head


def test_of_two_who_make_the_base_at_once_both_use_the_same(tmp_path: Path) -> None:
    url = bare(tmp_path / "kb.git")
    caches = [{"KNOWLEDGE_CACHE": str(tmp_path / name)} for name in ("one", "two")]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda environment: create_store(url, environment), caches))
    log = [list(store.log(store.head())) for store in (open_store(url, one) for one in caches)]
    assert log[0] == log[1] and len(log[0]) == 1


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        ("https://me:hidden@host.example/kb", "KNOWLEDGE_TOKEN"),
        ("https://hidden@host.example/kb", "KNOWLEDGE_TOKEN"),
        ("ssh://me:hidden@host.example/kb", "KNOWLEDGE_SSH_KEY"),
        ("http://host.example/kb", "use https"),
        ("git://host.example/kb", "use https"),
        ("ext::sh -c touch% /tmp/hidden", "devnexus kb init"),
    ],
)
def test_an_address_that_is_unsafe_is_refused_without_repeating_what_is_secret(
    tmp_path: Path, address: str, remedy: str
) -> None:
    with pytest.raises(ConfigurationError, match=remedy) as refusal:
        open_store(address, {"KNOWLEDGE_CACHE": str(tmp_path)})
    assert "ext::" in address or "hidden" not in str(refusal.value)


def test_the_copy_lies_in_the_users_cache_or_else_in_a_folder_of_this_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = bare(tmp_path / "kb.git")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    create_store(url, {"HOME": str(tmp_path / "home")})
    assert len(list((tmp_path / "home/.cache/devnexus").glob("*.git"))) == 1
    create_store(url, {"HOME": "/dev/null"})
    own = tmp_path / "tmp" / f"devnexus-{os.getuid()}"
    assert len(list(own.glob("*.git"))) == 1 and own.stat().st_mode & 0o077 == 0
    own.rename(tmp_path / "planted")
    own.symlink_to(tmp_path / "planted")
    with pytest.raises(ConfigurationError, match="KNOWLEDGE_CACHE"):
        open_store(url, {"HOME": "/dev/null"})


def test_github_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ("devnexus.github", "devnexus.knowledge.stores.github")
    for name in [name for name in sys.modules if name.startswith(ours)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "github", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'dev-nexus\[github\]'"):
        open_store("github:acme/kb", {"KNOWLEDGE_TOKEN": "x"})
