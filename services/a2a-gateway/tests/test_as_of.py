"""What was known at an earlier revision or time, as far as one may know it today."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from builders import known

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.callers.caller import ANONYMOUS, LOCAL
from a2a_gateway.knowledge.read_model import LOOK_EVERY_SECONDS, ReadModel
from a2a_gateway.knowledge.timeline import Timeline
from devnexus.knowledge.store import Revision
from devnexus.schema_v2 import DependencyInfo, DependencyRelationship
from devnexus.timestamps import write


def names(world, as_of, caller=LOCAL):
    return sorted(world.model.reading(caller, as_of=as_of).names.values())


@pytest.fixture
def grown(empty):
    """A base to which three repositories came, one a commit; their revisions."""
    revisions = [empty.store.head()]
    for number, name in enumerate(("acme/api", "acme/web", "acme/jobs"), start=1):
        empty.put(known(name, number))
        revisions.append(empty.store.head())
    empty.now += LOOK_EVERY_SECONDS
    return empty, revisions


def test_a_revision_is_given_whole_or_by_its_first_digits(grown):
    world, revisions = grown
    for as_of in (revisions[2], revisions[2][:7], revisions[2][:20].upper(), f" {revisions[2]} "):
        assert names(world, as_of) == ["acme/api", "acme/web"]
    assert names(world, revisions[0]) == []
    assert world.model.reading(LOCAL, as_of=revisions[3]) is world.reading()


def test_answers_say_the_revision_that_they_are_of(grown):
    world, revisions = grown
    answer = world.execute("get_repository_list", as_of=revisions[1][:10]).json()
    assert (answer["total_count"], answer["revision"], answer["stale_seconds"]) == (1, revisions[1], 0)


def test_a_time_means_the_newest_revision_up_to_it(grown):
    world, revisions = grown
    at = next(iter(world.store.log(revisions[-1]))).at
    assert len(names(world, write(at + timedelta(days=1)))) == 3
    assert len(names(world, at.replace(tzinfo=None).isoformat())) == 3
    assert len(names(world, (at + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S+03:00"))) == 3
    refused = world.execute("get_repository_list", as_of="2001-01-01")
    assert refused.status_code == 404
    assert refused.json()["error"].startswith("as_of: nothing is known of 2001-01-01T00:00:00Z: the earliest")


def test_a_time_between_two_revisions_is_that_of_the_earlier_one(grown, monkeypatch):
    world, revisions = grown
    log = world.store.log

    def hourly(at, *, path=None):
        for revision in log(at, path=path):
            at = revision.at.replace(hour=10 - revisions[::-1].index(revision.id), minute=0, second=0)
            yield type(revision)(revision.id, revision.parent, at, revision.message)

    monkeypatch.setattr(world, "log", hourly, raising=False)
    day = next(iter(hourly(revisions[-1]))).at.date()
    assert names(world, f"{day}T09:59:59") == ["acme/api", "acme/web"]
    assert names(world, f"{day}T09:00:00Z") == ["acme/api", "acme/web"]
    assert names(world, f"{day}T08:59") == ["acme/api"]


@pytest.mark.parametrize(
    ("as_of", "status", "said"),
    [
        ("yesterday", 400, "neither a revision nor a time"),
        ("abc12", 400, "neither a revision nor a time"),
        ("x" * 5000, 400, "neither a revision nor a time"),
        ("0001-01-01T00:00:00+14:00", 400, "neither a revision nor a time"),
        ("main", 400, "7 to 40 hexadecimal digits"),
        ("refs/heads/main", 400, "neither"),
        ("abcdef0", 404, "no revision that led to the newest begins with abcdef0"),
        ("0" * 40, 404, "ISO 8601"),
    ],
)
def test_what_names_no_revision_is_told_what_does(grown, as_of, status, said):
    world, _ = grown
    refused = world.execute("get_repository_list", as_of=as_of)
    assert (refused.status_code, refused.json()["success"]) == (status, False)
    assert said in refused.json()["error"]
    assert len(refused.json()["error"]) < 1000


def test_commits_beside_the_line_that_leads_to_the_head_are_none_of_its_revisions(grown):
    world, revisions = grown
    store = world.store._repository
    with store.alone() as lock:
        aside = store.make_commit({"x": b"1"}, message="aside", parent=revisions[1], lock=lock)
    assert world.execute("get_repository_list", as_of=aside).status_code == 404


def test_few_digits_that_several_revisions_begin_with_are_not_enough():
    at = datetime(2026, 3, 1, tzinfo=UTC)

    class Alike:
        def log(self, at_revision, *, path=None):
            ids = [f"abcdef0{number}" for number in (2, 1)]
            yield from map(Revision, ids, (ids[1], None), (at, at), ("", ""))

    with pytest.raises(CannotAnswer, match="several revisions begin with abcdef0"):
        Timeline(Alike()).meant("abcdef0", head="abcdef02")
    assert Timeline(Alike()).meant("abcdef01", head="abcdef02") == "abcdef01"


@pytest.mark.parametrize("change", [{"visibility": "private"}, {"archived": True}, {"removed": True}])
def test_what_is_hidden_today_is_hidden_in_the_past_under_its_old_name_as_well(grown, change):
    world, revisions = grown
    new = known("acme/renamed", 2, minute=5).model_copy(update={"former_names": ("acme/web",), **change})
    files = {"repositories/acme/web.json": None, "repositories/acme/renamed.json": new.page()}
    world.store.commit(files, message="renamed and hidden", expected_head=world.store.head())
    world.now += LOOK_EVERY_SECONDS
    assert names(world, revisions[3], ANONYMOUS) == ["acme/api", "acme/jobs"]
    assert names(world, revisions[3]) == ["acme/api", "acme/jobs", *["acme/web"] * ("removed" not in change)]


def test_who_sees_all_sees_all_of_the_past_whoever_asked_first(grown):
    world, revisions = grown
    world.put(known("acme/api", 1).model_copy(update={"visibility": "private"}))
    world.put(known("acme/web", 2, minute=9))
    world.now += LOOK_EVERY_SECONDS
    before = next(one.parent for one in world.store.log(world.store.head()))
    assert names(world, before, ANONYMOUS) == ["acme/jobs", "acme/web"]
    assert names(world, before) == ["acme/api", "acme/jobs", "acme/web"]


def test_what_was_kept_of_the_past_is_not_shown_once_it_is_hidden(grown):
    world, revisions = grown
    assert len(names(world, revisions[2], ANONYMOUS)) == 2
    world.put(known("acme/web", 2).model_copy(update={"visibility": "private"}))
    world.now += LOOK_EVERY_SECONDS
    assert names(world, revisions[2], ANONYMOUS) == ["acme/api"]
    assert len(names(world, revisions[2])) == 2


def test_a_repository_whose_page_is_gone_is_not_in_the_past_either(grown):
    world, revisions = grown
    files = {"repositories/acme/web.json": None}
    world.store.commit(files, message="forgotten", expected_head=world.store.head())
    world.now += LOOK_EVERY_SECONDS
    assert names(world, revisions[3]) == ["acme/api", "acme/jobs"]
    assert not world.model.reading(LOCAL, as_of=revisions[3]).may_name("acme/web")


def test_one_old_revision_is_read_at_a_time_and_the_head_never_waits(grown, monkeypatch):
    world, revisions = grown
    monkeypatch.setattr("a2a_gateway.knowledge.past._PATIENCE_SECONDS", 0.05)
    reading, go_on = threading.Event(), threading.Event()

    class Slow:
        def read(self, paths, *, at):
            if at != revisions[3]:
                reading.set()
                go_on.wait(10)
            return world.store.read(paths, at=at)

        def __getattr__(self, name):
            return getattr(world.store, name)

    world.model = ReadModel(Slow(), clock=lambda: world.now)
    world.model.warm_up()
    slow = threading.Thread(target=world.model.reading, args=[LOCAL], kwargs={"as_of": revisions[1]})
    slow.start()
    assert reading.wait(10)
    assert len(names(world, "")) == 3
    with pytest.raises(CannotAnswer, match="ask again in a few seconds") as refused:
        names(world, revisions[2])
    assert refused.value.status == 503
    go_on.set()
    slow.join(10)
    assert len(names(world, revisions[2])) == 2


def test_who_is_hidden_today_is_not_named_by_a_revision_that_did_not_know_them_yet(empty):
    told = DependencyInfo(
        consumers=(
            DependencyRelationship(
                target_repo="acme/vault", relationship_type="consumer", dependency_strength="strong"
            ),
        )
    )
    empty.put(known("acme/api", 1).model_copy(update={"dependencies": told}))
    before = empty.store.head()
    empty.put(known("acme/vault", 2).model_copy(update={"visibility": "private"}))
    empty.now += LOOK_EVERY_SECONDS
    for caller, consumers in (ANONYMOUS, ()), (LOCAL, told.consumers):
        reading = empty.model.reading(caller, as_of=before)
        assert reading.named("acme/api").dependencies.consumers == consumers
