"""What becomes of events: told at once, told once in 30 days, or summed up when a run is over."""

import pytest
from notices import BILLING, ORDERS, RETRY, computed, variant
from sqlalchemy import select

from devnexus.errors import Unavailable
from devnexus.events.similarity_computed import Named
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
from devnexus.state import create_tables, open_state, transaction
from notifier import texts
from notifier.routes import load_kinds, parse_routes
from notifier.runs import QUIET_SECONDS
from notifier.sql_runs import RUN_TABLES, SqlRuns
from notifier.sql_said import DECISIONS, SAID_TABLES, SqlSaid
from notifier.sql_tables import TABLES
from notifier.telling import Telling

DAY = 86_400.0
TARGETS = {
    "team": {"channel": "console"},
    "audit": {"channel": "console"},
    "checks": {"channel": "github_check"},
}


class World:
    """Two notifiers on one store."""

    def __init__(self, folder, routes="[{to: [team]}]"):
        self.engine = open_state(f"sqlite:///{folder}/state.db")
        for tables in (TABLES, SAID_TABLES, RUN_TABLES):
            create_tables(self.engine, tables)
        self.now = 1_790_000_000.0
        self.published, self.accepted = [], []
        self.broken = False
        said = parse(Organisation, f"routes: {routes}".encode())
        content = {"targets": TARGETS, "routes": [one.model_dump() for one in said.routes]}
        self.routes = parse_routes(content, load_kinds(), file="test")
        self.telling, self.other = (
            Telling(
                routes=lambda: self.routes,
                said=SqlSaid(self.engine),
                runs=SqlRuns(self.engine),
                publish=self.publish,
                accept=self.accepted.append,
                clock=lambda: self.now,
            )
            for _ in range(2)
        )

    def publish(self, requests):
        if self.broken:
            raise Unavailable("no Pub/Sub")
        self.published += requests

    def decisions(self):
        with transaction(self.engine) as connection:
            return [(row.name, row.target, row.outcome) for row in connection.execute(select(DECISIONS))]

    def finish(self):
        self.now += QUIET_SECONDS
        self.telling.tell_finished_runs()
        return self.accepted


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.engine.dispose()


def event(revision, **changes):
    return computed(revision=f"{revision:040x}", **changes)


def test_the_same_remark_is_made_once_in_30_days(world):
    world.telling.computed(event(1, introduced=(RETRY,)))
    world.now += 29 * DAY
    world.other.computed(event(2, introduced=(RETRY,)))
    assert len(world.published) == 1
    world.now += 2 * DAY
    world.telling.computed(event(3, introduced=(RETRY,)))
    assert [request.about[:40] for request in world.published] == [f"{n:040x}" for n in (1, 3)]
    assert [outcome for _, _, outcome in world.decisions()] == ["told", "told before", "told"]


def test_the_same_remark_about_another_repository_or_of_another_kind_is_another(world):
    world.telling.computed(event(1, introduced=(RETRY,)))
    world.telling.computed(event(2, introduced=(RETRY,), repository=ORDERS))
    world.telling.computed(event(3, gone=(RETRY,)))
    world.telling.computed(event(4, variants=(variant(),)))
    world.telling.computed(event(5, variants=(variant().model_copy(update={"ours": "retrying"}),)))
    world.telling.computed(event(6, variants=(variant(),)))
    assert len(world.published) == 5


def test_an_event_that_comes_again_is_told_again_with_the_same_id_because_the_first_may_be_lost(world):
    world.broken = True
    with pytest.raises(Unavailable):
        world.telling.computed(event(1, introduced=(RETRY,)))
    world.broken = False
    world.now += 60
    world.other.computed(event(1, introduced=(RETRY,)))
    world.telling.computed(event(1, introduced=(RETRY,)))
    first, second = world.published
    assert first == second
    assert world.decisions() == [("acme/billing", "team", "told")]


def test_what_agents_tell_and_what_is_read_once_more_is_nobodys_news(world):
    world.telling.computed(event(1, cause="agent", introduced=(RETRY,)))
    world.telling.computed(event(2, cause="snapshot", introduced=(RETRY,)))
    world.telling.computed(event(3, cause="backfill", introduced=(RETRY,), quiet=True))
    assert (world.finish(), world.published, world.decisions()) == ([], [], [])


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        ("snapshot", "Read for the first time: 1000 repositories"),
        ("backfill", "Past pushes were read: 1000 repositories"),
        ("import", "Imported: 1000 repositories"),
    ],
)
def test_a_run_over_a_thousand_repositories_is_one_summary_when_it_is_over(world, cause, says):
    kafka = RETRY.model_copy(update={"id": "kafka", "name": "Kafka messaging"})
    for number in range(1000):
        here = Named(id=f"github.com/{number + 100}", name=f"acme/r{number:03}")
        new = (RETRY, kafka) if number % 4 == 0 else (RETRY,)
        world.now += 0.5
        notifier = world.telling if number % 2 else world.other
        notifier.computed(event(number, cause=cause, repository=here, introduced=new, first=True))
        if number % 100 == 0:
            world.telling.tell_finished_runs()
    assert world.accepted == []
    (request,) = world.finish()
    assert texts.text(request.message).splitlines() == [
        says,
        "acme/r000, acme/r001, acme/r002 and 997 more",
        "new patterns: Retry with backoff in 1000, Kafka messaging in 250",
    ]
    assert world.published == []


def test_a_run_is_told_once_however_often_one_looks_and_what_comes_late_opens_no_new_one(world):
    world.telling.computed(event(1, cause="backfill"))
    (request,) = world.finish()
    world.other.computed(event(1, cause="backfill"))
    assert world.finish() == [request]
    world.other.computed(event(2, cause="backfill"))
    assert len({one.id for one in world.finish()}) == 2


def test_a_run_that_never_pauses_is_told_of_once_a_day(world):
    for number in range(170):
        world.now += 9 * 60
        world.telling.computed(event(number, cause="snapshot", first=True))
    world.telling.tell_finished_runs()
    world.telling.computed(event(170, cause="snapshot", first=True))
    world.telling.tell_finished_runs()
    assert [one.summary.repositories for one in world.accepted] == [1]


def test_a_run_that_was_told_to_half_of_its_targets_is_told_again_with_the_same_ids(world):
    world.telling.computed(event(1, cause="import"))
    told = []

    def breaks(request):
        told.append(request)
        raise Unavailable("no store")

    world.telling._accept = breaks
    world.finish()
    world.other.tell_finished_runs()
    assert world.accepted == told


def test_a_summary_is_about_what_its_target_hears_of(tmp_path):
    world = World(
        tmp_path,
        "[{to: [team], repositories: [acme/b*]}, {to: [audit], patterns: [kafka], causes: [backfill]}]",
    )
    kafka = RETRY.model_copy(update={"id": "kafka", "name": "Kafka messaging"})
    world.telling.computed(event(1, cause="backfill", introduced=(RETRY,), repository=BILLING))
    world.telling.computed(event(2, cause="backfill", introduced=(RETRY, kafka), repository=ORDERS))
    told = {one.target: one.summary for one in world.finish()}
    assert [one.name for one in told["team"].names] == ["acme/billing"]
    assert [one.name for one in told["audit"].names] == ["acme/orders"]
    assert [one.name for one in told["audit"].patterns] == ["Kafka messaging"]


def test_a_summary_counts_the_patterns_that_it_does_not_name(world):
    new = tuple(RETRY.model_copy(update={"id": f"p{n}", "name": f"P{n:02}"}) for n in range(12))
    world.telling.computed(event(1, cause="import", introduced=new))
    assert texts.text(world.finish()[0].message).endswith("P08 in 1, P09 in 1 and 2 more")


def test_who_is_told_of_single_commits_only_gets_no_summary(tmp_path):
    world = World(tmp_path, "[{to: [checks, team]}]")
    world.telling.computed(event(1, cause="backfill"))
    assert [one.target for one in world.finish()] == ["team"]


def test_what_is_older_than_anybody_asks_for_is_dropped(world):
    world.telling.computed(event(1, introduced=(RETRY,)))
    world.telling.tell_finished_runs()
    world.now += 91 * DAY
    world.telling.tell_finished_runs()
    assert world.decisions() == []
