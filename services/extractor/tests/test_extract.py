"""From a push or a snapshot to what it showed, on real repositories."""

import pytest
from builders import NOON, pushed_commits, repository
from fakes.git_history import make_repository, service_history
from fakes.pubsub import FakePublisher

from devnexus.errors import Unavailable
from devnexus.events import SnapshotRequested
from devnexus.git import run_git
from devnexus.git_names import NO_COMMIT
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.fold import fold
from extractor.extract import on_commit_pushed, on_snapshot_requested
from extractor.local_git import LocalGit
from extractor.reading import Reader
from extractor.rule_set import load_rules

RETRY = "import tenacity\n\n@tenacity.retry(wait=tenacity.wait_exponential())\ndef call():\n    pass\n"
READER = Reader(load_rules())


class World:
    """Clones below a folder, and the extractor's use cases on them."""

    def __init__(self, folder):
        self.folder = folder
        self.source = LocalGit(folder)

    def has(self, commits):
        return make_repository(self.folder / "acme" / "api", commits)

    def push(self, before, after):
        event = pushed_commits(before, after)
        return event, self._run(on_commit_pushed, event)

    def snapshot(self, sha, **changes):
        event = SnapshotRequested(
            cause="snapshot", repository=repository(), sha=sha, asked_by="test", **changes
        )
        return self._run(on_snapshot_requested, event)

    def _run(self, use_case, event):
        publisher = FakePublisher()
        use_case(event, source=self.source, reader=READER, publisher=publisher)
        return publisher.published


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_a_push_tells_what_it_introduced_and_where(world):
    old, new = world.has(
        [{"client.py": RETRY, "x.py": ""}, {"client.py": f"# moved down\n{RETRY}", "y.py": RETRY}]
    )
    event, (record,) = world.push(old, new)
    assert (record.record_id, record.at, record.coverage) == (event.id, NOON, "change")
    assert [file.path for file in record.files] == ["client.py", "y.py"]
    introduced = {(file.path, row.start): row.introduced for file in record.files for row in file.rows}
    assert introduced[("client.py", 4)] is False
    assert introduced[("y.py", 3)] is True
    assert [commit.message for commit in record.commits] == ["step 1"]
    assert (record.receipt.files, record.receipt.read) == (2, 2)


def test_a_push_that_shows_nothing_is_told_all_the_same(world):
    old, new = world.has([{"a.md": "x\n"}, {"a.md": "y\n"}])
    _, (record,) = world.push(old, new)
    assert record.patterns == ()
    assert [file.path for file in record.files] == ["a.md"]


def test_a_push_that_was_not_built_on_its_base_tells_commits_and_asks_for_a_snapshot(world):
    first, second = world.has([{"a.py": RETRY}, {"b.py": RETRY}])
    for before in (second, NO_COMMIT, "d" * 40):
        event, (record, request) = world.push(before, first)
        assert (record.coverage, record.files) == ("commits", ())
        assert (request.sha, request.as_of, request.asked_by) == (first, NOON, event.id)
        assert request.TOPIC == "commit-bulk"


def test_an_amended_commit_is_told_as_forced_with_its_own_commits(world):
    first, second = world.has([{"a.py": ""}, {"b.py": RETRY}])
    clone = world.folder / "acme" / "api"
    tree = run_git(clone, "rev-parse", f"{second}^{{tree}}").decode().strip()
    people = "author Æ <a@b> 1 +051800\ncommitter A <a@b> 99999999999999 -7700"
    odd_date = f"tree {tree}\nparent {first}\n{people}\n\nö\n"
    amended = run_git(
        clone, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=odd_date.encode()
    )
    _, (record, request) = world.push(second, amended.decode().strip())
    assert (record.coverage, record.commit_count) == ("commits", 1)
    assert [(commit.author, commit.message) for commit in record.commits] == [("Æ", "ö")]
    (snapshot,) = world.snapshot(request.sha)
    assert snapshot.at.year == 9999
    assert [file.path for file in snapshot.files] == ["a.py", "b.py"]


def test_what_is_no_regular_file_is_named(world):
    (only,) = world.has([{"a.py": ""}])
    clone = world.folder / "acme" / "api"
    blob = run_git(clone, "hash-object", "-w", "--stdin", stdin=b"a.py").decode().strip()
    entries = f"120000 blob {blob}\tlink.py\n160000 commit {only}\tsub\n"
    tree = run_git(clone, "mktree", stdin=entries.encode()).decode().strip()
    author = ("-c", "user.name=T", "-c", "user.email=t@t")
    commit = run_git(clone, *author, "commit-tree", tree, "-p", only, "-m", "x").decode().strip()
    _, (record,) = world.push(only, commit)
    assert {group.reason: group.paths for group in record.receipt.not_read} == {
        "submodule": ("sub",),
        "symbolic link": ("link.py",),
    }


def test_files_beyond_what_is_read_are_named_as_clipped(world, monkeypatch):
    monkeypatch.setattr("extractor.reading.MAX_FILES", 3)
    (only,) = world.has([{f"f{n}.py": RETRY for n in range(5)}])
    (record,) = world.snapshot(only)
    (clipped,) = record.receipt.clipped
    assert (clipped.count, clipped.paths) == (2, ("f3.py", "f4.py"))
    assert (record.receipt.files, record.receipt.read) == (5, 3)


def test_a_commit_that_is_not_there_yet_is_waited_for(world):
    (only,) = world.has([{"a.py": ""}])
    with pytest.raises(Unavailable, match="yet"):
        world.push(only, "e" * 40)


def test_a_repository_without_a_clone_is_waited_for(world):
    with pytest.raises(Unavailable, match="no clone"):
        world.push("a" * 40, "b" * 40)


def test_every_file_of_a_change_is_in_the_record_and_what_was_not_read_is_in_the_receipt(world):
    files = {
        "poetry.lock": "x",
        "node_modules/left/index.js": "x",
        "big.py": "x = 1\n" * 200_000,
        "src/data.py": "a\0b",
        ".env": "TOKEN=1",
        "package.json": "{",
        "src/a.py": "x = 1\n",
    }
    old, new = world.has([{"README.md": "hello"}, files])
    _, (record,) = world.push(old, new)
    assert {file.path for file in record.files} == files.keys()
    assert {path: left_out.reason for left_out in record.receipt.not_read for path in left_out.paths} == {
        "poetry.lock": "lock file",
        "node_modules/left/index.js": "vendored code",
        "big.py": "larger than 1 MB",
        "src/data.py": "binary",
        ".env": "may hold secrets",
        "package.json": "malformed manifest",
    }
    assert (record.receipt.files, record.receipt.read) == (7, 2)


def test_a_snapshot_reads_the_whole_tree_as_of_the_push_that_asked_or_of_the_commit(world):
    _, second = world.has([{"a.py": RETRY}, {"b.py": RETRY}])
    (record,) = world.snapshot(second, as_of=NOON)
    assert (record.coverage, record.after, record.at) == ("tree", second, NOON)
    assert [file.path for file in record.files] == ["a.py", "b.py"]
    (by_commit,) = world.snapshot(None)
    assert (by_commit.after, by_commit.at.isoformat()) == (second, "2026-01-01T00:00:01+00:00")


def test_pushes_one_by_one_amount_to_the_same_evidence_as_a_snapshot_of_the_end(world):
    shas = world.has(service_history(40))
    records = list(world.snapshot(shas[0]))
    for before, after in zip(shas, shas[1:], strict=False):
        (record,) = world.push(before, after)[1]
        at = world.source.tree(repository(), sha=after).committed_at
        records.append(record.model_copy(update={"at": at, "record_id": f"{record.record_id}{after}"}))
    pushed, at_once = fold(records).project(), fold(world.snapshot(shas[-1])).project()

    def evidence(projection):
        return {
            rule: (p.confidence, sorted((e.path, e.start, e.kind, e.quote) for e in p.evidence))
            for rule, p in projection.standing_patterns.items()
        }

    assert evidence(pushed) == evidence(at_once) != {}
    assert pushed.languages == at_once.languages
    assert pushed.dependencies == at_once.dependencies


def test_a_large_snapshot_comes_in_parts_that_make_one_record(world, monkeypatch):
    monkeypatch.setattr("extractor.extract.MAX_PART_BYTES", 4000)
    (sha,) = world.has([{f"src/m{n}.py": RETRY for n in range(40)}])
    parts = world.snapshot(sha)
    assert len(parts) > 2
    (whole,) = effective(parts)
    assert len(whole.files) == 40


def test_the_same_change_has_the_same_bytes_every_time(world):
    old, new = world.has([{"a.py": ""}, {"a.py": RETRY, "b/c.py": RETRY}])
    assert world.push(old, new) == world.push(old, new)


KEY = "AKIA" + "IOSFODNN7EXAMPLE"


def test_a_secret_is_in_no_record_and_the_receipt_says_where_one_was(world, tmp_path):
    leak = f'"""Settings."""\nAWS_ACCESS_KEY_ID = "{KEY}"\n{RETRY}'
    old, new = world.has([{"a.py": ""}, {"a.py": leak, "b.toml": ""}])
    clone = tmp_path / "acme" / "api"
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    tree = run_git(clone, "rev-parse", f"{new}^{{tree}}").decode().strip()
    said = run_git(clone, *identity, "commit-tree", tree, "-p", old, "-m", f"Use {KEY}").decode().strip()
    _, (record,) = world.push(old, said)
    assert KEY not in record.model_dump_json()
    assert [(one.kind, one.path, one.count) for one in record.receipt.redacted] == [
        ("aws-access-key", "a.py", 1),
        ("aws-access-key", None, 1),
    ]
    rows = [(row.rule, row.start) for file in record.files for row in file.rows]
    assert ("retry-backoff", 5) in rows  # the lines are where they were
    (snapshot,) = world.snapshot(said)
    assert KEY not in snapshot.model_dump_json()


def test_a_file_that_moved_says_what_it_was_called_without_the_secret_in_its_name(world):
    old, new = world.has([{f"{KEY}.py": RETRY}, {f"{KEY}.py": None, "a.py": RETRY}])
    _, (record,) = world.push(old, new)
    assert {file.path: file.moved_from for file in record.files} == {
        "[REDACTED:aws-access-key].py": None,
        "a.py": "[REDACTED:aws-access-key].py",
    }


TOKEN = "ghp_" + "Ab1" * 12


@pytest.mark.parametrize(
    "files",
    [
        {f"keys/{KEY}.py": "x = 1\n"},
        {"package.json": '{"description": "AKI\\u0041' + KEY[4:] + '"}'},
        {"a.py": 'def f():\n    "AKIA" "' + KEY[4:] + '"\n' + "    x = 1\n" * 12},
    ],
    ids=["in a path", "behind an escape", "in pieces"],
)
def test_a_secret_that_only_parsing_shows_is_in_no_record(world, files):
    old, new = world.has([{"z": ""}, files])
    _, (record,) = world.push(old, new)
    assert KEY not in record.model_dump_json()


def test_a_secret_that_a_long_subject_would_cut_in_half_is_taken_out_whole(world, tmp_path):
    old, new = world.has([{"a.py": ""}, {"a.py": "x = 1\n"}])
    identity = ("-c", f"user.name=Ada {TOKEN}", "-c", "user.email=ada@example.org")
    clone, subject = tmp_path / "acme" / "api", f"{'x' * 170} {TOKEN}"
    tree = run_git(clone, "rev-parse", f"{new}^{{tree}}").decode().strip()
    said = run_git(clone, *identity, "commit-tree", tree, "-p", old, "-m", subject).decode().strip()
    _, (record,) = world.push(old, said)
    assert "ghp_" not in record.model_dump_json()
    assert [(one.kind, one.count) for one in record.receipt.redacted] == [("github-token", 2)]


def test_text_that_cannot_be_written_is_told_all_the_same(world):
    lone = 'def f():\n    """Handles \\ud800 alone."""\n' + "    x = 1\n" * 12
    old, new = world.has([{"a.py": ""}, {"a.py": lone}])
    _, (record,) = world.push(old, new)
    assert record.model_dump_json().encode()
    assert record.files[0].components[0].name == "f"


def test_a_forced_push_asks_for_a_snapshot_that_is_news(world):
    _, there = world.has([{"a.py": ""}, {"a.py": RETRY}])
    event, (record, request) = world.push("1" * 40, there)
    assert (record.coverage, request.cause, request.asked_by) == ("commits", "live", event.id)
    _, (_, start) = world.push(NO_COMMIT, there)
    assert start.cause == "snapshot"


def test_a_documented_class_is_told_as_a_component(world):
    body = "\n".join(f"        self.a{n} = {n}" for n in range(10))
    client = f'class Client:\n    """Calls."""\n\n    def go(self):\n{body}\n'
    old, new = world.has([{"a.py": ""}, {"a.py": client, "tests/test_a.py": client}])
    _, (record,) = world.push(old, new)
    assert [(file.path, one.name) for file in record.files for one in file.components] == [("a.py", "Client")]
