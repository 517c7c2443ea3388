"""Group commit on a real bare repository: one commit a batch, every record once, in any order."""

import hashlib
import json
import random
from datetime import timedelta
from itertools import permutations

import pytest
from builders import pushed, reading, record_of, repository, row, sha, snapshot_record
from fakes.git_store import MemoryStore
from fakes.knowledge import lose_object

from devnexus.errors import Unavailable
from devnexus.events import KnowledgeImported, LessonLearned, RepositoryRegistered, RepositoryRemoved
from devnexus.git import run_git
from devnexus.knowledge.announcement import announcement
from devnexus.knowledge.commit_message import announced_in, is_ours
from devnexus.knowledge.forgotten import read_forgotten
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.store import CommitLimits, Damaged
from devnexus.knowledge.stores.git_store import create_git_store, open_git_store
from devnexus.repository import Repository, id_of_name
from kb_writer.group_commit import Writer


@pytest.fixture
def new_store(tmp_path):
    stores = []

    def make():
        path = tmp_path / f"kb{len(stores)}.git"
        create_git_store(path)
        stores.append(open_git_store(path))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def store(new_store):
    return new_store()


def history_of(pushes=12):
    """A chain of pushes to two repositories over two days, each with some evidence."""
    records = []
    for number, name in ((1, "acme/api"), (2, "acme/web")):
        for n in range(pushes):
            push = pushed(f"{number}c{n}", f"{number}c{n + 1}", n * 90, repository=repository(name, number))
            records.append(record_of(push, reading(f"m{n % 5}.py", row(line=n + 1))))
    return records


def pages(store):
    return store.read(["repositories/", "history/"], at=store.head())


def test_a_batch_becomes_one_commit(store):
    first = store.head()
    records = history_of()
    outcome = Writer(store).group_commit(records)
    assert outcome.new == tuple(records)
    assert next(store.log(outcome.revision)).parent == first
    assert set(pages(store)) == {
        "history/github.com/1/2026-03-01.jsonl",
        "history/github.com/1/2026-03-02.jsonl",
        "history/github.com/2/2026-03-01.jsonl",
        "history/github.com/2/2026-03-02.jsonl",
        "repositories/acme/api.json",
        "repositories/acme/web.json",
    }


def test_a_redelivered_batch_commits_nothing(store):
    writer, records = Writer(store), history_of()
    head = writer.group_commit(records).revision
    for again in (writer, Writer(store)):
        outcome = again.group_commit(records)
        assert (outcome.revision, outcome.new) == (None, ())
    assert store.head() == head


@pytest.mark.parametrize("seed", range(8))
def test_any_order_any_batching_and_any_repetition_give_the_same_bytes(new_store, seed):
    rng = random.Random(seed)
    records = [*history_of(), snapshot_record("1c5", minute=450), snapshot_record("1c2", minute=180)]
    straight, shuffled = new_store(), new_store()
    Writer(straight).group_commit(records)
    arrivals = [*records, *rng.sample(records, 8)]
    rng.shuffle(arrivals)
    writer = Writer(shuffled)
    while arrivals:
        size = rng.randint(1, 6)
        batch, arrivals = arrivals[:size], arrivals[size:]
        writer.group_commit(batch)
        if rng.random() < 0.2:
            writer = Writer(shuffled)  # a restart
    assert pages(shuffled) == pages(straight)


def test_a_repository_that_was_renamed_has_one_page_under_its_new_name(store):
    writer = Writer(store)
    writer.group_commit([record_of(pushed("a", "b", 0))])
    writer.group_commit([record_of(pushed("b", "c", 1, repository=repository("acme/api2")))])
    assert [path for path in pages(store) if path.startswith("repositories/")] == [
        "repositories/acme/api2.json"
    ]


def test_a_head_that_moved_under_the_batch_is_read_again_and_nothing_is_lost(store):
    mine, theirs = Writer(store), Writer(store)
    a, b, c = (record_of(pushed(x, y, n)) for n, (x, y) in enumerate(["ab", "bc", "cd"]))
    mine.group_commit([a])
    theirs.group_commit([b])
    mine.group_commit([c])
    page = json.loads(pages(store)["repositories/acme/api.json"])
    assert page["pushes"] == 3 and "gaps" not in page


def test_a_record_whose_commit_failed_is_committed_when_it_comes_again(store, monkeypatch):
    writer, real = Writer(store), store.commit
    writer.group_commit([record_of(pushed("a", "b", 0))])

    def commit(*_, **__):
        raise Unavailable("the disk is full")

    monkeypatch.setattr(store, "commit", commit)
    with pytest.raises(Unavailable):
        writer.group_commit([record_of(pushed("b", "c", 1))])
    monkeypatch.setattr(store, "commit", real)
    writer.group_commit([record_of(pushed("b", "c", 1))])
    assert json.loads(pages(store)["repositories/acme/api.json"])["pushes"] == 2


def test_of_two_repositories_with_one_name_the_last_one_pushed_has_the_page_until_it_leaves(store):
    writer = Writer(store)
    old = record_of(pushed("a", "b", 0, repository=repository(number=1)))
    new = record_of(pushed("c", "d", 1, repository=repository(number=2)))
    writer.group_commit([new])
    writer.group_commit([old])
    names = {
        path: json.loads(page)["repository_id"]
        for path, page in pages(store).items()
        if "repositories" in path
    }
    assert names == {
        "repositories/acme/api.json": "github.com/2",
        "repositories/acme/api@github.com+1.json": "github.com/1",
    }
    writer.group_commit([record_of(pushed("d", "e", 2, repository=repository("acme/moved", number=2)))])
    names = {
        path: json.loads(page)["repository_id"]
        for path, page in pages(store).items()
        if "repositories" in path
    }
    assert names == {
        "repositories/acme/api.json": "github.com/1",
        "repositories/acme/moved.json": "github.com/2",
    }


class Meddled:
    """The store, with somebody who commits just before we do."""

    def __init__(self, store, times):
        self._store = store
        self._times = times

    def __getattr__(self, name):
        return getattr(self._store, name)

    def commit(self, changes, *, message, expected_head):
        if self._times:
            self._times -= 1
            meddler = record_of(pushed(f"x{self._times}", f"y{self._times}", 5 + self._times))
            Writer(self._store).group_commit([meddler])
        return self._store.commit(changes, message=message, expected_head=expected_head)


def test_a_conflict_redoes_the_whole_read_fold_and_commit(store):
    record = record_of(pushed("a", "b"))
    Writer(Meddled(store, times=2)).group_commit([record])
    assert json.loads(pages(store)["repositories/acme/api.json"])["pushes"] == 3


def test_a_store_that_never_holds_still_is_given_up_for_now(store):
    with pytest.raises(Unavailable):
        Writer(Meddled(store, times=99)).group_commit([record_of(pushed("a", "b"))])


def test_a_store_that_cannot_be_read_is_never_written(store):
    Writer(store).group_commit([record_of(pushed("a", "b"))])
    head = store.head()
    lose_object(store._path, f"{head}:history/github.com/1/2026-03-01.jsonl")
    store.close()
    with pytest.raises(Damaged):
        Writer(store).group_commit([record_of(pushed("b", "c", 1))])
    assert store.head() == head


def test_an_announcement_is_a_function_of_its_commit(store):
    first = store.head()
    snapshot, push = snapshot_record("a"), record_of(pushed("a", "b", 1))
    revision = Writer(store).group_commit([snapshot, push]).revision
    event = announcement(store, revision)
    assert event == announcement(store, revision)
    assert (event.id, event.parent, event.cause) == (revision, first, "live")
    (changed,) = event.changed
    assert changed.kinds == ("push", "snapshot")
    assert set(changed.record_ids) == {snapshot.record_id, push.record_id}


def test_only_live_pushes_make_an_announcement_live(store):
    revision = Writer(store).group_commit([snapshot_record("a")]).revision
    assert announcement(store, revision).cause == "snapshot"


def test_an_announcement_too_long_for_an_event_leaves_the_list_to_the_store(store, monkeypatch):
    revision = Writer(store).group_commit(history_of()).revision
    assert len(announcement(store, revision).changed) == 2
    monkeypatch.setattr("devnexus.knowledge.announcement.MAX_LIST_BYTES", 1000)
    assert announcement(store, revision).changed is None


def test_the_message_of_a_commit_says_what_it_is_about(store):
    writer = Writer(store)
    writer.group_commit([record_of(pushed("a", "b"))])
    writer.group_commit(history_of())
    subjects = run_git(store._path, "log", "--format=%s", "-2", "main").decode().splitlines()
    assert subjects == ["Update KB: 24 updates in 2 repositories", f"Update KB: acme/api @ {sha('b')[:7]}"]


def test_the_message_names_the_events_for_people_and_the_batch_for_machines(store):
    records = history_of(15)
    writer = Writer(store)
    one = next(store.log(writer.group_commit(records[:1]).revision)).message
    assert one.startswith(f"Update KB: acme/api @ {records[0].after[:7]}\n\n- {records[0].id}\n\nBatch: ")
    many = next(store.log(writer.group_commit(records[1:], announced=store.head()).revision))
    lines = many.message.splitlines()
    assert lines[0] == "Update KB: 29 updates in 2 repositories"
    ids = sorted(record.id for record in records[1:])
    assert lines[2:23] == [*(f"- {id_}" for id_ in ids[:20]), "- and 9 more"]
    digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()
    assert f"Events-SHA256: {digest}" in lines
    assert announced_in(many.message) == many.parent
    assert is_ours(many.message) and not is_ours("Update KB: by hand\n")


def test_a_commit_holds_no_more_than_the_host_allows_and_the_rest_is_left(new_store):
    records = [
        record_of(pushed("0", str(n), repository=repository(f"acme/r{n}", n)), reading("a.py", row()))
        for n in range(1, 31)
    ] + history_of(3)
    free, tight = new_store(), MemoryStore()
    Writer(free).group_commit(records)
    tight.limits = CommitLimits(files=16, bytes=30_000)
    writer, waiting = Writer(tight), list(records)
    while waiting:
        before = tight.head()
        outcome = writer.group_commit(waiting)
        changed = tight.changed(before, outcome.revision)
        assert len(changed) <= 16
        assert sum(map(len, tight.read(changed, at=outcome.revision).values())) <= 30_000
        waiting = list(outcome.left)
    assert pages(tight) == pages(free)


def test_a_record_larger_than_a_commit_may_be_is_committed_alone(new_store):
    tight = MemoryStore()
    tight.limits = CommitLimits(files=3, bytes=10)
    outcome = Writer(tight).group_commit(history_of(1))
    assert (len(outcome.new), len(outcome.left)) == (1, 1)


def test_what_is_older_than_the_wish_to_forget_is_dropped_and_counted(store):
    wish = {"schema_version": "2.0"}
    wish["forgotten"] = [{"repository_id": "github.com/1", "forgotten_at": "2026-03-01T15:00:00Z"}]
    content = json.dumps(wish).encode()
    store.commit({"metadata.json": content}, message="forget", expected_head=store.head())
    outcome = Writer(store).group_commit(history_of(4))
    assert outcome.forgotten == 3  # noon, 13:30 and 15:00; not 16:30
    kept = [record for record in outcome.new if record.repository.id == "github.com/1"]
    assert [record.after for record in kept] == [sha("1c4")]


def test_a_page_that_somebody_broke_is_written_anew_with_the_next_push(new_store):
    records = history_of(2)
    broken, sound = new_store(), new_store()
    Writer(broken).group_commit([records[0]])
    broken.commit({"repositories/acme/api.json": b"<<<<<<<"}, message="oops", expected_head=broken.head())
    Writer(broken).group_commit(records)
    Writer(sound).group_commit(records)
    assert pages(broken) == pages(sound)


def test_what_was_known_by_name_belongs_to_the_repository_that_gets_a_number(new_store):
    named = Repository(id=id_of_name("acme/api"), name="acme/api", default_branch="main")
    content = {"latest_patterns": {"patterns": ["Saga"], "problem_domain": "d", "commit_sha": "c"}}
    content["latest_patterns"]["analyzed_at"] = content["last_updated"] = "2025-01-01T00:00:00"
    old = KnowledgeImported(
        cause="import", at="2025-01-01T00:00:00", repository=named, part="latest", content=content
    )
    (push,) = history_of(1)[:1]
    bases = []
    for batches in ([[old], [push]], [[push], [old]], [[push, old]]):
        store = new_store()
        writer = Writer(store)
        for batch in batches:
            writer.group_commit(batch)
        bases.append(pages(store))
    assert bases[0] == bases[1] == bases[2]
    (page,) = (json.loads(content) for path, content in bases[0].items() if path.startswith("repositories/"))
    assert (page["repository_id"], page["adopted"]) == ("github.com/1", ["github.com/name:acme/api"])
    assert page["unverified_patterns"] == ["Saga"]


def test_a_wish_to_forget_that_comes_while_the_writer_runs_holds_at_once_and_the_last_one_counts(store):
    writer = Writer(store)
    for hour in ("15", "13"):
        entry = {"repository_id": "github.com/1", "forgotten_at": f"2026-03-01T{hour}:00:00Z"}
        path, head = "metadata.json", store.head()
        wish = json.loads(store.read([path], at=head)[path])
        wish["forgotten"] = [*wish.get("forgotten", []), entry]
        store.commit({path: json.dumps(wish).encode()}, message="forget", expected_head=head)
        outcome = writer.group_commit(history_of(3))
        assert outcome.forgotten == 3


def test_a_rival_copy_with_another_day_takes_the_place_of_the_first(new_store):
    one = LessonLearned(
        cause="agent",
        repository=repository(),
        at="2026-03-01T12:00:00Z",
        caller="ops",
        skill="s",
        key="k",
        category="cost",
        lesson="x",
        context="c",
    )
    rivals = [one, one.model_copy(update={"at": one.at + timedelta(days=3), "lesson": "y"})]
    push = record_of(pushed("a", "b", 60))
    bases = []
    for order in permutations([*rivals, push]):
        store = new_store()
        writer = Writer(store)
        for record in order:
            writer.group_commit([record])
        bases.append(pages(store))
    assert all(base == bases[0] for base in bases)
    assert len(stored_records(store, "history/", at=store.head())) == 2


def test_of_two_claimants_the_one_that_is_still_there_has_the_page(store):
    first, second = (record_of(pushed("a", "b", n, repository=repository(number=n))) for n in (1, 2))
    gone = RepositoryRemoved(
        cause="live", repository=second.repository, at=second.at + timedelta(hours=1), asked_by="d"
    )
    Writer(store).group_commit([first, second, gone])
    assert json.loads(pages(store)["repositories/acme/api.json"])["repository_id"] == "github.com/1"


def test_what_was_forgotten_and_comes_anew_is_adopted_without_seeming_forgotten(store):
    named = Repository(id=id_of_name("acme/api"), name="acme/api", default_branch="main")
    ids = [
        {"repository_id": id_, "forgotten_at": "2026-01-01T00:00:00Z"} for id_ in ("github.com/1", named.id)
    ]
    content = json.dumps({"schema_version": "2.0", "forgotten": ids}).encode()
    store.commit({"metadata.json": content}, message="forget", expected_head=store.head())
    told = RepositoryRegistered(
        cause="agent", repository=named, at="2026-03-01T12:00:00Z", asked_by="gateway"
    )
    Writer(store).group_commit([told, *history_of(1)])
    (page,) = (page for path, page in pages(store).items() if path.endswith("acme/api.json"))
    assert json.loads(page)["adopted"] == [named.id]
    forgotten = read_forgotten(store, at=store.head())
    kept = stored_records(store, "history/", at=store.head())
    assert len(kept) == 5 and not any(map(forgotten.covers, kept))


def test_a_key_that_looks_like_the_end_of_our_message_changes_nothing(store):
    told = LessonLearned(
        cause="agent",
        repository=repository(),
        at="2026-03-01T12:00:00Z",
        caller="ops",
        skill="s",
        key=f"k\n\nBatch: {'0' * 16}\nAnnounced: {'f' * 40}",
        category="cost",
        lesson="x",
        context="c",
    )
    head = store.head()
    written = next(store.log(Writer(store).group_commit([told], announced=head).revision))
    assert announced_in(written.message) == head
    assert "f" * 40 not in written.message.splitlines()[-1]
