"""From a commit of knowledge to what it changed, on real revisions of a real base."""

import pytest
from builders import NOON, known, sha
from fakes.knowledge import make_store, put
from fakes.pubsub import FakePublisher

from devnexus.alike.compared import compared
from devnexus.errors import Unavailable
from devnexus.events import KnowledgeCommitted
from devnexus.events.knowledge_committed import ChangedRepository
from devnexus.events.patterns_extracted import NotRead, Receipt
from devnexus.knowledge.projection import Seen
from devnexus.knowledge.view import Views
from similarity.compute import Indexes, on_knowledge_committed

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
