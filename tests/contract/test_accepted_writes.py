"""What callers may rely on when they send a write again, to either of two gateways on one database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Barrier

import pytest
from fakes.gateway import learn
from fakes.knowledge import make_store
from fakes.pubsub import FakePublisher
from lessons import ANA, API, Tell, lesson_report
from sqlalchemy import func, select

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.callers.caller import Caller
from a2a_gateway.writes.commit_watch import CommitWatch
from a2a_gateway.writes.published_writes import PublishedWrites
from a2a_gateway.writes.report import Report, WrittenAnswer
from a2a_gateway.writes.sql_writes import ACCEPTED, WRITE_TABLES, SqlWrites
from devnexus.codec import encode
from devnexus.errors import Unavailable
from devnexus.events import RepositoryRegistered
from devnexus.state import create_tables, open_state, transaction

BEN = Caller("ben@example.com", is_verified=True, may_write=True)
NOON = datetime(2026, 11, 28, 12, 0, 0, 123456, tzinfo=UTC)
FIRST = NOON + timedelta(seconds=1)


class Gateway:
    """One of several, with its own way into the database."""

    def __init__(self, database_url, store, kind=SqlWrites):
        self.engine = open_state(database_url)
        create_tables(self.engine, WRITE_TABLES)
        self.publisher = FakePublisher()
        self.now = NOON
        self.writes = PublishedWrites(
            kept=kind(self.engine), publisher=self.publisher, commits=CommitWatch(store), now=self._tick
        )

    def _tick(self):
        self.now += timedelta(seconds=1)
        return self.now

    def tell(self, lesson="Set timeouts", key="k", *, caller=ANA, skill="tell", report=None):
        """The record that is sent for this call."""
        report = report or lesson_report(lesson)
        given = Tell(lesson=lesson, idempotency_key=key)
        return self.writes.accept(report, caller=caller, skill=skill, key=key, given=given).record

    def rows(self):
        with transaction(self.engine) as connection:
            return connection.scalar(select(func.count()).select_from(ACCEPTED))


@pytest.fixture
def store(tmp_path):
    store = make_store(tmp_path / "knowledge.git")
    yield store
    store.close()


@pytest.fixture
def gateways(database_url, store):
    pair = [Gateway(database_url, store) for _ in range(2)]
    yield pair
    for gateway in pair:
        gateway.engine.dispose()


def sent(gateways):
    """The content of the messages that the broker got."""
    return [encode(event, source="/x")[0] for gateway in gateways for event in gateway.publisher.published]


def refused(call):
    with pytest.raises(CannotAnswer) as caught:
        call()
    return caught.value


def test_a_retry_sends_the_same_bytes_whatever_has_changed_meanwhile(gateways):
    one, other = gateways
    first = one.tell()
    renamed = lesson_report("Set timeouts", API.model_copy(update={"name": "acme/service"}))
    other.now += timedelta(minutes=1)
    assert other.tell(report=renamed) == first
    assert (first.at, first.id) == (FIRST, "ana@example.com:tell:k")
    assert len(sent(gateways)) == 2 and sent(gateways)[0] == sent(gateways)[1]


def test_a_key_belongs_to_one_input_of_one_skill_of_one_caller(gateways):
    one, other = gateways
    one.tell()
    problem = refused(lambda: other.tell("Another lesson"))
    assert problem.status == HTTPStatus.CONFLICT
    assert "'k' was sent with other input of tell at 2026-11-28T12:00:01.123456Z" in problem.error
    assert "a key of its own" in problem.error
    assert {other.tell(caller=BEN).id, other.tell(skill="say").id} == {
        "ben@example.com:tell:k",
        "ana@example.com:say:k",
    }
    assert len(sent(gateways)) == 3


def test_names_that_run_into_each_other_are_told_apart(gateways):
    one, _ = gateways
    one.tell(key="b:c", skill="a")
    assert refused(lambda: one.tell(key="c", skill="a:b")).status == HTTPStatus.CONFLICT


@pytest.mark.parametrize("key", ["", "ü", "x" * 201, "a\nb", "\x00", "\ud800"])
def test_a_key_that_no_log_could_show_is_refused(gateways, key):
    one, _ = gateways
    assert refused(lambda: one.tell(key=key)).error.startswith("idempotency_key: give 1 to 200")
    assert (one.rows(), sent(gateways)) == (0, [])


def test_what_the_knowledge_base_would_refuse_is_not_accepted(gateways):
    one, _ = gateways
    for lesson in ("x" * 1_000_000, "half a pair \ud800"):
        problem = refused(lambda lesson=lesson: one.tell(report=lesson_report(lesson)))
        assert (problem.status, problem.error[:24]) == (HTTPStatus.BAD_REQUEST, "This cannot be recorded:")
    assert one.rows() == 0


def test_what_could_not_be_sent_is_sent_by_the_retry_as_it_was(gateways):
    one, other = gateways
    one.publisher.out_of_order = True
    with pytest.raises(Unavailable):
        one.tell()
    assert not one.writes.status("ana@example.com:tell:k", ANA).is_sent
    assert other.tell().at == FIRST
    assert one.writes.status("ana@example.com:tell:k", ANA).is_sent


def test_instances_that_race_with_one_key_send_one_event(gateways):
    at_once = Barrier(8)

    def tell(number):
        at_once.wait()
        return gateways[number % 2].tell()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(tell, range(8)))) == 1
    assert len(sent(gateways)) == 8 and len(set(sent(gateways))) == 1


def test_only_who_wrote_is_told_what_became_of_it(gateways, store):
    one, other = gateways
    record = one.tell()
    assert other.writes.status(record.id, BEN) is None
    assert other.writes.status("ana@example.com:tell:other", ANA) is None
    pending = other.writes.status(record.id, ANA)
    assert (pending.revision, pending.repository, pending.accepted_at) == (None, "acme/api", FIRST)
    learn(store, record)
    assert other.writes.status(record.id, ANA).revision == store.head()


def test_an_event_whose_id_is_not_that_of_the_call_is_found_by_its_own(gateways, store):
    one, _ = gateways

    def register(origin):
        asked_by = f"{origin.caller}:{origin.skill}:{origin.key}"
        return RepositoryRegistered(cause="agent", at=origin.at, repository=API, asked_by=asked_by)

    record = one.tell(report=Report("it", register, lambda record: WrittenAnswer()))
    assert record.id == "github.com/1:registered:ana@example.com:tell:k"
    learn(store, record)
    assert one.writes.status(record.id, ANA).revision == store.head()


@pytest.mark.parametrize(("days", "left"), [(29, 2), (31, 1)])
def test_what_was_accepted_is_forgotten_after_30_days(gateways, days, left):
    one, other = gateways
    one.tell(key="old")
    other.now += timedelta(days=days)
    other.tell(key="new")
    assert one.rows() == left


def test_a_store_that_fails_once_the_broker_has_the_event_fails_no_call(database_url, store):
    class Failing(SqlWrites):
        def note_sent(self, write):
            raise Unavailable("the operational store did not answer")

    gateway = Gateway(database_url, store, kind=Failing)
    assert gateway.tell() == gateway.tell()
    assert len(sent([gateway])) == 2
    gateway.engine.dispose()
