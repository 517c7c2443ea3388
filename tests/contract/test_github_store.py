"""What the knowledge base in a GitHub repository promises beyond what every store does (test_stores.py).

Which facts come from the backend and which from the gate, stands in fakes/github_gate.py and its backends.
"""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes.github import FakeGitHub
from fakes.github_gate import READING_TOKEN, WRITING_TOKEN, Fault
from fakes.github_world import IMPATIENT, GitHubWorld, running_github

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.knowledge.layout import METADATA_PATH, README_PATH
from devnexus.knowledge.store import Conflict
from devnexus.knowledge.stores.github_base import create_github_store, open_github_store
from devnexus.knowledge.stores.github_store import GitHubStore


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[GitHubWorld]:
    """A GitHub whose repositories the test itself changes with git, whatever `--github` says."""
    with running_github(FakeGitHub(tmp_path)) as world:
        yield world


def git(world: GitHubWorld, name: str, *arguments: str, stdin: bytes = b"") -> str:
    assert isinstance(world.backend, FakeGitHub)
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    command = ["git", "-C", str(world.backend.path(name)), *who, *arguments]
    return subprocess.run(command, input=stdin, check=True, capture_output=True).stdout.decode().strip()


def commit(store: GitHubStore, changes: dict[str, bytes | None], message: str = "m") -> str:
    return store.commit(changes, message=message, expected_head=store.head())


def reads(world: GitHubWorld) -> int:
    """Requests that count against what one may ask an hour, and so far."""
    return world.gate.asked("GET", r"/(commits|trees|blobs|tarball)")


def test_a_new_base_says_what_it_is_and_making_it_again_changes_nothing(github: GitHubWorld) -> None:
    name = github.new_base()
    assert github.backend.files(name).keys() == {README_PATH, METADATA_PATH}
    head = commit(github.store(name), {"a": b"1"})
    create_github_store(name, github.environment(), patience=IMPATIENT)
    assert github.backend.head(name) == head


@pytest.mark.parametrize("step", ["/git/trees", "/git/commits", "/git/refs/"])
def test_a_base_whose_making_broke_off_is_finished_by_making_it_again(github: GitHubWorld, step: str) -> None:
    name = github.backend.new_repository()
    github.gate.faults = [Fault("POST" if "refs" not in step else "PATCH", step)]
    with pytest.raises(Unavailable):
        create_github_store(name, github.environment(), patience=IMPATIENT)
    with pytest.raises(ConfigurationError, match="devnexus kb init"):
        github.store(name)
    create_github_store(name, github.environment(), patience=IMPATIENT)
    assert github.store(name).read([METADATA_PATH], at=github.backend.head(name))


def test_a_repository_that_holds_something_else_is_left_alone(github: GitHubWorld) -> None:
    name = github.new_base()
    head = commit(github.store(name), {METADATA_PATH: None, "main.py": b"print()"})
    with pytest.raises(ConfigurationError, match="without any commit"):
        create_github_store(name, github.environment(), patience=IMPATIENT)
    assert github.backend.head(name) == head


def test_what_stands_in_the_way_of_opening_is_named_with_its_remedy(github: GitHubWorld) -> None:
    name, empty = github.new_base(), github.backend.new_repository()
    api = {"GITHUB_API_URL": github.gate.url}
    key = "-----BEGIN RSA PRIVATE KEY-----\nno\n-----END RSA PRIVATE KEY-----"
    for repository, environment, said in [
        (name, api, "Set KNOWLEDGE_TOKEN"),
        (name, {**api, "GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": key}, "no RSA key"),
        (name, {**github.environment(), "GITHUB_API_URL": "api.github.com"}, "GITHUB_API_URL"),
        (name, github.environment("ghs_expired"), "renew KNOWLEDGE_TOKEN"),
        (name, {**github.app_environment(), "GITHUB_APP_ID": "1"}, "GITHUB_APP_ID"),
        (name, github.environment(READING_TOKEN), 'grant them the permission "contents: write"'),
        ("acme", github.environment(), "github:<owner>/<name>"),
        ("acme/nowhere", github.environment(), "is not there, or not for these credentials"),
        (empty, github.environment(), f"devnexus kb init github:{empty}|is not there"),
    ]:
        with pytest.raises(ConfigurationError, match=said) as caught:
            open_github_store(repository, environment, patience=IMPATIENT)
        assert repository in str(caught.value) or "RSA" in said or "API_URL" in said
    github.gate.archived = True
    with pytest.raises(ConfigurationError, match="unarchive it"):
        github.store(name)


def test_a_reader_needs_no_more_than_reading(github: GitHubWorld) -> None:
    name = github.new_base()
    store = open_github_store(name, github.environment(READING_TOKEN), access="read", patience=IMPATIENT)
    assert store.read([METADATA_PATH], at=store.head())
    with pytest.raises(Unavailable, match="contents: write"):
        commit(store, {"a": b"1"})
    store.close()


@pytest.mark.parametrize("access", ["read", "write"])
def test_an_app_asks_for_no_more_than_its_work_needs(github: GitHubWorld, access: str) -> None:
    name = github.new_base()
    known = set(github.gate.tokens)
    store = open_github_store(
        name,
        github.app_environment(),
        access="read" if access == "read" else "write",
        patience=IMPATIENT,
    )
    if access == "write":
        head = commit(store, {"a": b"1"})
        assert github.backend.head(name) == head
    [issued] = github.gate.tokens.keys() - known
    assert github.gate.tokens[issued] == access
    store.close()


def test_a_renamed_repository_is_named_by_its_new_name_and_never_read_wrongly(fake: GitHubWorld) -> None:
    old, new = fake.new_base(), fake.new_base()
    store = fake.store(old)
    revision = commit(store, {"a/b": b"1"})
    assert isinstance(fake.backend, FakeGitHub)
    fake.backend.renamed[old] = new
    reader = fake.store(new)
    with pytest.raises(Unavailable, match="renamed"):
        store.head()
    with pytest.raises(Unavailable, match="renamed"):
        commit(store, {"a": b"1"})
    with pytest.raises(ConfigurationError, match=f"use github:{new}"):
        fake.store(old)
    assert reader.head() != revision


@pytest.mark.parametrize(
    ("status", "message", "remedy"),
    [
        (422, 'Required status check "ci" is expected.', "bypass the rule"),
        (422, "Cannot update this protected ref.", "bypass the rule"),
        (403, "Resource not accessible by integration", "contents: write"),
        (403, "Repository was archived so is read-only.", "unarchive"),
        (404, "Not Found", "not for these credentials"),
    ],
)
def test_a_refused_commit_names_the_remedy(
    github: GitHubWorld, status: int, message: str, remedy: str
) -> None:
    store = github.store(github.new_base())
    github.gate.faults = [Fault("PATCH", "/git/refs/", status=status, message=message, times=99)]
    with pytest.raises(Unavailable, match=remedy):
        commit(store, {"a": b"1"})


def test_looking_at_an_unchanged_head_costs_nothing(github: GitHubWorld) -> None:
    store = github.store(github.new_base())
    heads = {store.head() for _ in range(3)}
    tag = github.gate.exchange
    statuses = []

    def watched(request: object) -> object:
        done = tag(request)  # type: ignore[arg-type]
        statuses.append(done.status if done else 0)
        return done

    github.gate.exchange = watched  # type: ignore[assignment, method-assign]
    assert {store.head() for _ in range(3)} == heads
    assert statuses == [304, 304, 304]


def test_a_commit_costs_three_requests_and_reading_it_back_none(github: GitHubWorld) -> None:
    store = github.store(github.new_base())
    github.gate.requests.clear()
    revision = commit(store, {"a/b/c": b"1", "a/d": b"2", "README.md": None})
    assert [method for method, _ in github.gate.requests if method != "GET"] == ["POST", "POST", "PATCH"]
    assert store.usage() == {"content_requests_last_hour": 3, "content_requests_last_minute": 3}
    github.gate.requests.clear()
    assert store.read(["a/"], at=revision) == {"a/b/c": b"1", "a/d": b"2"}
    second = commit(store, {"a/b/c": b"3"})
    assert store.changed(revision, second) == ("a/b/c",)
    assert reads(github) == 0


def test_a_commit_on_an_old_head_costs_nothing(github: GitHubWorld) -> None:
    name = github.new_base()
    store = github.store(name)
    old = store.head()
    commit(github.store(name), {"a": b"1"})
    with pytest.raises(Conflict):
        store.commit({"a": b"2"}, message="m", expected_head=old)
    assert store.usage()["content_requests_last_hour"] == 0


def test_what_another_committed_costs_only_what_it_changed(github: GitHubWorld) -> None:
    name = github.new_base()
    store, other = github.store(name), github.store(name)
    old = commit(store, {f"a/{n}/x": b"%d" % n for n in range(40)})
    new = commit(other, {"a/7/x": b"other", "a/8/y": b"other"})
    github.gate.requests.clear()
    assert store.changed(old, new) == ("a/7/x", "a/8/y")
    assert len(store.read(["a/"], at=new)) == 41
    assert github.gate.asked("GET", "/git/trees") == 4, "the root, a, a/7 and a/8"
    assert github.gate.asked("GET", "/git/blobs") == 1, "both are the same"
    assert github.gate.asked("GET", "/git/commits") == 1


def test_the_first_read_of_many_files_is_two_requests(github: GitHubWorld) -> None:
    name = github.new_base()
    files = {f"a/{n % 9}/{n}": b"%d" % n for n in range(200)}
    revision = commit(github.store(name), {**files})
    reader = github.store(name)
    github.gate.requests.clear()
    assert reader.read(["a/"], at=revision) == files
    paths = [path for _, path in github.gate.requests]
    assert len(paths) == 3 and "/git/trees/" in paths[0] and "/tarball/" in paths[1], paths


def test_a_folder_that_github_cuts_is_read_folder_by_folder(fake: GitHubWorld) -> None:
    name = fake.new_base()
    files = {f"a/{n % 3}/{n % 5}/{n}": b"%d" % n for n in range(40)}
    revision = commit(fake.store(name), {**files})
    assert isinstance(fake.backend, FakeGitHub)
    fake.backend.recursive_entries = 7
    assert fake.store(name).read(["a/"], at=revision) == files


def test_files_that_an_attribute_keeps_out_of_archives_are_read_all_the_same(fake: GitHubWorld) -> None:
    name = fake.new_base()
    files = {f"a/{n}": b"%d $Format:%%H$" % n for n in range(40)}
    attributes = b"a/7 export-ignore\na/8 export-subst\n"
    revision = commit(fake.store(name), {**files, ".gitattributes": attributes})
    assert fake.store(name).read(["a/"], at=revision) == files


def test_a_commit_of_many_and_large_files_is_one_revision(github: GitHubWorld) -> None:
    name = github.new_base()
    store = github.store(name)
    files = {f"a/{n}": b"%d" % n for n in range(210)} | {f"b/{n}": b"%d" % n * 200_000 for n in range(9)}
    head = store.head()
    revision = commit(store, {**files})
    assert [one.parent for one in store.log(revision)][0] == head
    assert github.backend.files(name).items() >= files.items()


def test_the_log_follows_the_first_parents_over_pages(fake: GitHubWorld) -> None:
    name = fake.new_base()
    store = fake.store(name)
    start = store.head()
    chain, tree = [start], git(fake, name, "rev-parse", "main^{tree}")
    for number in range(130):
        side = git(fake, name, "commit-tree", tree, "-p", chain[-1], "-m", f"side {number}")
        parents = ["-p", chain[-1], "-p", side] if number % 3 == 0 else ["-p", chain[-1]]
        chain.append(git(fake, name, "commit-tree", tree, *parents, "-m", f"{number}"))
    git(fake, name, "update-ref", "refs/heads/main", chain[-1])
    log = [revision.id for revision in store.log(chain[-1])]
    assert log[: len(chain)] == chain[::-1]
    fake.gate.requests.clear()
    next(store.log(chain[-1]))
    assert fake.gate.asked("GET", "/commits$") == 1, "further pages only when they are asked for"


def test_when_github_slows_us_down_we_wait_as_long_as_it_says(github: GitHubWorld) -> None:
    name = github.new_base()
    with running_github(github.backend, per_minute=4) as slow:
        store = slow.store(name)
        revision = commit(store, {"a": b"1"})
        with pytest.raises(Unavailable) as caught:
            commit(store, {"a": b"2"})
        assert 50 < (caught.value.retry_after_seconds or 0) <= 61
        assert 50 < store.pause_seconds() <= 61
        assert slow.backend.head(name) == revision


def test_threads_share_a_store_which_asks_one_thing_at_a_time(github: GitHubWorld) -> None:
    name = github.new_base()
    files = {f"a/{n}": b"%d" % n for n in range(50)}
    revision = commit(github.store(name), {**files})
    store = github.store(name)
    github.gate.most_at_once = 0

    def read(path: str) -> bool:
        return store.read([path], at=revision) == {path: files[path]} and store.head() == revision

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(read, files))
    assert github.gate.most_at_once == 1


def test_no_token_reaches_the_log(github: GitHubWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    name = github.new_base()
    store = open_github_store(name, github.app_environment(), patience=IMPATIENT)
    revision = commit(store, {f"a/{n}": b"%d" % n for n in range(40)})
    assert github.store(name).read(["a/"], at=revision)
    github.gate.faults = [Fault("PATCH", "/git/refs/", kind="cut", applied=True)]
    commit(store, {"a": b"1"})
    store.close()
    assert "had arrived" in caplog.text, "something is logged"
    for secret in (*github.gate.tokens, "token=once", "BEGIN RSA"):
        assert secret not in caplog.text
    assert WRITING_TOKEN in github.gate.tokens


def test_a_base_of_1000_repositories_survives_200_updates(fake: GitHubWorld) -> None:
    name = fake.new_base()
    store = fake.store(name)
    history = {n: f'{{"id":{n},"text":"{"x" * 10_000}"}}\n'.encode() for n in range(1000)}
    page = {n: f'{{"name":"r{n}","text":"{"y" * 10_000}"}}\n'.encode() for n in range(1000)}
    expected = dict(fake.backend.files(name))

    def write(numbers: range) -> None:
        changes = {f"history/github.com/{n}/2026-11-23.jsonl": history[n] for n in numbers}
        changes |= {f"repositories/acme/r{n}.json": page[n] for n in numbers}
        expected.update(changes)
        commit(store, {**changes})

    for first in range(0, 1000, 50):
        write(range(first, first + 50))
    for update in range(200):
        number = update * 37 % 1000
        history[number] += b'{"update":%d}\n' % update
        page[number] = b'{"update":%d}\n' % update + page[number]
        write(range(number, number + 1))
    assert sum(map(len, expected.values())) > 20_000_000
    assert fake.backend.files(name) == expected
    assert isinstance(fake.backend, FakeGitHub)
    fake.backend.check(name)
    start = time.monotonic()
    reader = fake.store(name)
    assert reader.read(["history/", "repositories/"], at=reader.head()).items() <= expected.items()
    assert time.monotonic() - start < 15.0
    assert fake.gate.asked("GET", "/git/blobs/") < 10


def test_who_keeps_the_base_elsewhere_does_not_load_pygithub() -> None:
    program = "import sys, devnexus.knowledge.stores, kb_writer.main; sys.exit('github' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
