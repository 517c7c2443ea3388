"""From a commit of knowledge to what it changed, on real revisions of a real base."""

from datetime import timedelta

import pytest
from builders import NOON, component, known, sha
from fakes.knowledge import make_store, put
from fakes.pubsub import FakePublisher

from devnexus.alike.compared import compared
from devnexus.errors import Unavailable
from devnexus.events import KnowledgeCommitted
from devnexus.events.knowledge_committed import ChangedRepository
from devnexus.events.patterns_extracted import NotRead, Receipt
from devnexus.knowledge.projection import LastPush, PathOwners, PublishedPackage, Seen
from devnexus.knowledge.view import Views
from similarity.compute import on_knowledge_committed
from similarity.indexes import Indexes

ORDERS = known("acme/orders", 1, patterns=["kafka", "retry-backoff"], packages=["httpx"])


@pytest.fixture
def store(tmp_path):
    opened = make_store(tmp_path / "knowledge.git")
    yield opened
    opened.close()


def committed(store, revision, *repositories, causes=("live",)):
    return KnowledgeCommitted(
        cause="live",
        revision=revision,
        parent=next(store.log(revision)).parent,
        changed=tuple(
            ChangedRepository(repository=id_, kinds=("push",), causes=causes, record_ids=())
            for id_ in repositories
        )
        or None,
    )


def computed(store, *events):
    """What is published for these events, by a new service, whether or not it keeps all of the pages."""
    published = []
    for views in (Views(store, keep=compared), Views(store)):
        publisher, indexes = FakePublisher(), Indexes(views)
        for event in events:
            on_knowledge_committed(event, indexes=indexes, publisher=publisher)
        published.append(publisher.published)
    assert published[0] == published[1]
    return published[0]


def test_a_repository_that_becomes_alike_enters_and_leaves_again(store):
    plain = known("acme/billing", 2, packages="abcdefghijklmnopqrst")
    like = known("acme/billing", 2, patterns=["kafka"], packages=["httpx"], minute=5)
    first = put(store, [ORDERS, plain])
    second = put(store, [like])
    third = put(store, [plain])
    entered, left = computed(
        store, committed(store, second, "github.com/2"), committed(store, third, "github.com/2")
    )
    assert next(store.log(second)).parent == first
    assert [one.name for one in entered.entered] == ["acme/orders"]
    assert [change.id for change in entered.introduced] == ["kafka"]
    assert entered.introduced[0].place.path == "src/kafka.py"
    assert [one.name for one in left.left] == ["acme/orders"]
    assert [change.id for change in left.gone] == ["kafka"]


def test_a_push_tells_what_it_touched_and_what_of_it_was_not_looked_at(store):
    put(store, [ORDERS])
    seen = Seen(commit=sha("b"), at=NOON)
    kafka = ORDERS.standing_patterns["kafka"].model_copy(update={"last_seen": seen})
    unread = NotRead(reason="lock file", count=1, paths=("uv.lock",))
    receipt = Receipt(reader="rules", rules_version=4, files=2, read=1, not_read=(unread,))
    patterns = {**ORDERS.standing_patterns, "kafka": kafka}
    later = ORDERS.model_copy(update={"standing_patterns": patterns, "last_receipt": receipt, "quiet": True})
    (told,) = computed(store, committed(store, put(store, [later]), "github.com/1"))
    assert [pattern.id for pattern in told.touched] == ["kafka"]
    assert (told.not_read, told.quiet) == ((unread,), True)
    assert (told.introduced, told.gone) == ((), ())


def test_what_was_so_before_is_not_told_again(store):
    put(store, [ORDERS, known("acme/billing", 2, patterns=["kafka"], packages=["httpx"])])
    again = put(store, [known("acme/billing", 2, patterns=["kafka"], packages=["httpx"], minute=5)])
    (event,) = computed(store, committed(store, again, "github.com/2"))
    assert [one.repository.name for one in event.alike] == ["acme/orders"]
    assert (event.entered, event.left, event.introduced, event.gone, event.missing) == ((), (), (), (), ())


def test_the_exception_among_many_is_told_when_it_becomes_one(store):
    common = ["rest-api", "ci-cd", "health-check"]
    put(store, [known(f"acme/r{n}", n, patterns=[*common, "retry-backoff"]) for n in range(3, 6)])
    revision = put(store, [known("acme/reports", 2, patterns=common)])
    (event,) = computed(store, committed(store, revision, "github.com/2"))
    assert [(one.pattern, one.have, one.of) for one in event.missing] == [("retry-backoff", 3, 4)]


def test_events_out_of_order_or_twice_or_after_a_restart_say_the_same(store):
    revisions = [
        put(store, [known("acme/billing", 2, patterns=["kafka"][:n], packages=["httpx"], minute=n), ORDERS])
        for n in range(3)
    ]
    events = [committed(store, revision, "github.com/2") for revision in revisions]
    straight = computed(store, *events)
    mixed = computed(store, *events[::-1], *events)
    assert {event.id: event for event in mixed} == {event.id: event for event in straight}
    assert [computed(store, event)[0] for event in events] == straight


def test_a_list_too_long_for_the_event_is_asked_of_the_store(store):
    put(store, [ORDERS, known("acme/billing", 2)])
    revision = put(store, [known("acme/billing", 2, patterns=["kafka"], minute=5)])
    (event,) = computed(store, committed(store, revision))
    assert event.repository.name == "acme/billing"


def test_only_what_a_live_push_changed_is_live(store):
    revision = put(store, [ORDERS])
    (event,) = computed(store, committed(store, revision, "github.com/1", causes=("snapshot",)))
    assert event.cause == "snapshot"


def test_a_revision_that_is_not_there_yet_comes_again(store):
    event = KnowledgeCommitted(cause="live", revision=sha("elsewhere"), changed=())
    with pytest.raises(Unavailable):
        computed(store, event)


def test_a_page_that_somebody_broke_counts_as_what_it_was(store):
    good = put(store, [known("acme/x", 1, patterns=["retry-backoff"])])
    broken = store.commit({"repositories/acme/x.json": b"{"}, message="oops", expected_head=good)
    (event,) = computed(store, committed(store, broken, "github.com/1"))
    assert (event.repository.name, event.introduced, event.gone) == ("acme/x", (), ())


COMMON = ["rest-api", "ci-cd", "health-check"]
BODY = [f"line {n}" for n in range(30)]


def of_a_kind(*numbers, **changes):
    return [known(f"acme/r{n}", n, **{"patterns": COMMON, "minute": n, **changes}) for n in numbers]


def test_whom_a_push_elsewhere_made_an_exception_hears_of_it_at_once(store):
    retrying = [*COMMON, "retry-backoff"]
    put(store, [*of_a_kind(1, 2, 3), *of_a_kind(4, 5, patterns=retrying)])
    put(store, of_a_kind(6, patterns=retrying))
    put(store, of_a_kind(1, patterns=[*retrying, "kafka"]))
    revision = put(store, of_a_kind(2, patterns=retrying, minute=50))
    told = {
        event.repository.name: event for event in computed(store, committed(store, revision, "github.com/2"))
    }
    assert told.keys() == {"acme/r2", "acme/r3"}
    third = told["acme/r3"]
    assert (third.id, third.cause, third.because.name, third.push) == (
        f"{revision}:github.com/3",
        "live",
        "acme/r2",
        None,
    )
    assert [(one.pattern, one.have, one.of, one.example.name) for one in third.missing] == [
        ("retry-backoff", 5, 6, "acme/r2")
    ]
    assert (third.alike, third.introduced, third.copies, third.at) == (
        (),
        (),
        (),
        NOON + timedelta(minutes=50),
    )
    assert told["acme/r2"].because is None
    later = put(store, of_a_kind(2, patterns=[*retrying, "kafka"], minute=60))
    (own,) = computed(store, committed(store, later, "github.com/2"))
    assert own.repository.name == "acme/r2"


def test_who_was_the_exception_already_does_not_hear_of_one_more_that_is_none(store):
    retrying = [*COMMON, "retry-backoff"]
    put(store, [*of_a_kind(1, 2), *of_a_kind(*range(3, 9), patterns=retrying)])
    revision = put(store, of_a_kind(2, patterns=retrying, minute=50))
    assert [
        event.repository.name for event in computed(store, committed(store, revision, "github.com/2"))
    ] == ["acme/r2"]


def test_who_comes_to_be_of_the_kind_may_make_an_exception_by_what_it_had_before(store):
    retrying = [*COMMON, "retry-backoff"]
    other = of_a_kind(2, patterns=["retry-backoff", *COMMON[:2]])
    put(store, [*of_a_kind(1), *of_a_kind(3, 4, patterns=retrying), *other])
    revision = put(store, of_a_kind(2, patterns=retrying, minute=50))
    events = computed(store, committed(store, revision, "github.com/2"))
    assert [(event.repository.name, event.because and event.because.name) for event in events] == [
        ("acme/r2", None),
        ("acme/r1", "acme/r2"),
    ]


@pytest.mark.parametrize(
    ("causes", "quiet"), [(("snapshot",), False), (("import", "reanalysis"), False), (("live",), True)]
)
def test_only_a_push_that_may_be_told_of_makes_others_hear_of_it(store, causes, quiet):
    retrying = [*COMMON, "retry-backoff"]
    put(store, [*of_a_kind(1, 2), *of_a_kind(4, 5, patterns=retrying)])
    (page,) = of_a_kind(1, patterns=retrying, minute=50)
    revision = put(store, [page.model_copy(update={"quiet": quiet})])
    (event,) = computed(store, committed(store, revision, "github.com/1", causes=causes))
    assert event.repository.name == "acme/r1"


def test_who_became_an_exception_and_changed_in_the_same_commit_hears_it_once(store):
    retrying = [*COMMON, "retry-backoff"]
    put(store, [*of_a_kind(1, 2), *of_a_kind(4, 5, patterns=retrying)])
    revision = put(
        store, [*of_a_kind(1, patterns=retrying, minute=50), *of_a_kind(2, packages=["httpx"], minute=50)]
    )
    events = computed(store, committed(store, revision, "github.com/1", "github.com/2"))
    assert [(event.repository.name, len(event.missing), event.because) for event in events] == [
        ("acme/r1", 0, None),
        ("acme/r2", 1, None),
    ]


def test_of_many_who_became_exceptions_fifty_hear_of_it(store, caplog):
    retrying = [*COMMON, "retry-backoff"]
    put(store, [*of_a_kind(*range(100, 160)), *of_a_kind(*range(200, 379), patterns=retrying)])
    revision = put(store, of_a_kind(160, patterns=retrying, minute=900))
    events = computed(store, committed(store, revision, "github.com/160"))
    assert len(events) == 51
    assert {len(event.missing) for event in events[1:]} == {1}
    assert "60 have become exceptions because of others; 50 are told" in caplog.text


def test_a_push_tells_of_itself_of_owners_and_of_copies_that_entering_does_not_tell(store):
    helper = component("Helper", BODY)
    put(store, [known("acme/far", 1, components=[helper]), known("acme/here", 2, packages="abc")])
    store.commit(
        {"devnexus.yaml": b"owners:\n  acme/here: ['@ada']\n"}, message="owners", expected_head=store.head()
    )
    page = known("acme/here", 2, packages="abc", patterns=["kafka"], components=[helper], minute=5)
    (event,) = computed(store, committed(store, put(store, [page]), "github.com/2"))
    (copy,) = event.copies
    assert (copy.repository.name, copy.component.name, copy.component.likeness) == ("acme/far", "Helper", 1)
    assert event.owners == copy.owners == event.introduced[0].owners == ("@ada",)
    assert (event.push.branch, event.push.author, event.push.message) == ("main", "Ada", "change")
    assert [file.path for file in event.push.files] == ["pyproject.toml", "src/http.py", "src/kafka.py"]
    again = page.model_copy(update={"description": "other"})
    (event,) = computed(store, committed(store, put(store, [again]), "github.com/2"))
    assert (event.copies, event.push) == ((), None)


def test_a_repository_is_read_for_the_first_time_when_its_whole_tree_is(store):
    page = known("acme/here", 2)
    trees = [page.model_copy(update={"snapshots": count}) for count in (0, 1, 2)]
    firsts = [
        event.first
        for tree in trees
        for event in computed(store, committed(store, put(store, [tree]), "github.com/2"))
    ]
    assert firsts == [False, True, False]


def test_a_copy_from_a_repository_that_has_become_alike_is_told_with_it(store):
    helper = component("Helper", BODY)
    put(store, [known("acme/near", 1, packages="abc", components=[helper])])
    page = known("acme/here", 2, packages="abc", components=[helper], minute=5)
    (event,) = computed(store, committed(store, put(store, [page]), "github.com/2"))
    assert [one.name for one in event.entered] == ["acme/near"]
    assert [one.name for one in event.alike[0].components] == ["Helper"]
    assert event.copies == ()


def test_who_uses_what_a_push_changed_is_told_with_it(store):
    package = PublishedPackage(
        ecosystem="pypi", name="core", path="pyproject.toml", line=2, commit=sha("core")
    )
    versions = [
        known("acme/core", 1, components=[component("C", [*BODY, str(n)])], minute=n).model_copy(
            update={"published_packages": (package,)}
        )
        for n in range(2)
    ]
    put(store, [versions[0], known("acme/shop", 2, packages=["core"])])
    (event,) = computed(store, committed(store, put(store, [versions[1]]), "github.com/1"))
    assert [one.name for one in event.changed] == ["C"]
    assert [(one.repository.name, one.package) for one in event.consumers] == [("acme/shop", "core")]
    assert event.consumer_count == 1


def test_the_largest_event_fits_into_a_message(store):
    """1 MB is what may be published; 10 MB is Pub/Sub's own bound."""
    deep = "d/" * 1500
    owners = tuple(f"@{n}-{'x' * 90}" for n in range(40))
    page = known("acme/here", 2, patterns=[f"p{n}" for n in range(150)], minute=9)
    lines = [[f"{n} {m}" for m in range(20)] for n in range(40)]
    parts = [component(f"C{n}{'x' * 190}", body, start=n) for n, body in enumerate(lines, 1)]
    others = [
        known(f"acme/r{n}", n, patterns=[f"p{m}" for m in range(250)], components=parts) for n in range(3, 9)
    ]
    hostile = known("acme/here", 2, components=parts).components
    evidence = {
        id_: one.model_copy(
            update={
                "evidence": tuple(row.model_copy(update={"path": f"{deep}{id_}"}) for row in one.evidence)
            }
        )
        for id_, one in page.standing_patterns.items()
    }
    page = page.model_copy(
        update={
            "standing_patterns": evidence,
            "owners": (PathOwners(pattern="*", owners=owners, line=1),),
            "components": tuple(one.model_copy(update={"files": (f"{deep}a.py",)}) for one in hostile),
            "last_push": LastPush(branch="b", files={f"{deep}{n}": "added" for n in range(100)}),
        }
    )
    put(store, others)
    (event,) = computed(store, committed(store, put(store, [page]), "github.com/2"))
    assert (len(event.introduced), len(event.missing), len(event.push.files)) == (100, 50, 100)
    assert len(event.model_dump_json()) < 1_000_000
