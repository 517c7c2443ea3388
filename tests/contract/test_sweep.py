"""What GitHub could not deliver or never sent becomes knowledge all the same, once the sweep has run."""

import random

import pytest
from fakes.github_gate import Fault
from fakes.recovery_world import RecoveryWorld

from devnexus.events import CommitPushed, RepositoryRemoved, SnapshotRequested
from devnexus.knowledge.view import Views
from devnexus.repository import Repository
from webhook_receiver.allowed import parse_allowed

RETRY = "import tenacity\n\n@tenacity.retry(wait=tenacity.wait_exponential())\ndef call():\n    pass\n"


@pytest.fixture
def world(github, tmp_path):
    world = RecoveryWorld(github, tmp_path)
    yield world
    world.close()


@pytest.fixture
def service(world):
    """A repository that is known."""
    name = world.new_repository()
    world.work()
    return name


def swept(world, **changes):
    """What a sweep counts, without what is zero, after its events have become knowledge."""
    facts = world.sweep(**changes).facts()
    world.work()
    return {name: value for name, value in facts.items() if value and name != "repositories"}


def recovered(world):
    return [e for e in world.broker.published if isinstance(e, CommitPushed) and e.recovered]


def test_where_nothing_was_missed_nothing_is_done(world, service):
    world.push(service, {"a.py": "a = 1\n"})
    world.work()
    world.later(hours=1)
    assert swept(world) == {}


def test_a_webhook_that_failed_is_delivered_again_and_not_once_more_right_after(world, service):
    world.is_up = False
    head = world.push(service, {"client.py": RETRY})
    world.is_up = True
    assert swept(world) == {"undelivered": 1, "redelivered": 1, "waiting": 1}
    assert world.page(service).recent[0].after == head
    world.later(hours=1)
    assert swept(world) == {}
    assert recovered(world) == []


def test_of_many_that_failed_a_run_asks_for_so_many_the_oldest_first(world, service):
    world.is_up = False
    first, *_ = [world.push(service, {"a.py": f"a = {n}\n"}) for n in range(4)]
    world.is_up = True
    assert world.sweep(most_redeliveries=1).redelivered == 1
    assert world.broker.published[-1].after == first


def test_all_attempts_of_three_days_are_looked_at_page_by_page(world, service):
    world.is_up = False
    world.push(service, {"client.py": RETRY})
    world.is_up = True
    for n in range(120):
        world.desk.pushed(service, "1" * 40, f"{n:040x}")
    assert world.sweep().redelivered == 1
    world.later(days=4)
    world.github.gate.requests.clear()
    assert world.sweep().undelivered == 0
    assert world.github.gate.asked("GET", "/app/hook/deliveries") == 1


def test_a_head_that_nobody_told_of_is_one_record_that_says_so(world, service):
    before = world.heads[service]
    world.push(service, {"a.py": "a = 1\n"}, send=False)
    head = world.push(service, {"client.py": RETRY}, send=False)
    at = world.desk.now
    assert world.sweep().waiting == 1, "it may be arriving"
    world.later(minutes=20)
    assert swept(world) == {"heads_closed": 1}
    (push,) = recovered(world)
    assert (push.before, push.after, push.pushed_at, push.cause) == (before, head, at, "live")
    assert world.broker.topics[world.broker.published.index(push)] == "commit-bulk"
    assert "retry-backoff" in world.page(service).standing_patterns
    assert swept(world) == {}


def test_two_sweeps_before_anything_was_read_make_the_same_push(world, service):
    world.push(service, {"client.py": RETRY}, send=False)
    world.later(minutes=20)
    world.sweep()
    world.later(minutes=20)
    world.sweep()
    one, other = recovered(world)
    assert one.id == other.id


def test_a_gap_is_closed_by_one_quiet_record_and_a_late_push_changes_nothing_more(world, service):
    first = world.push(service, {"client.py": RETRY}, send=False)
    first_at = world.desk.now
    end = world.push(service, {"client.py": "x = 1\n", "b.py": "b = 1\n"}, send=False)
    world.push(service, {"c.py": "c = 1\n"})
    world.work()
    assert [gap.before for gap in world.page(service).gaps] == [end]
    world.later(minutes=20)
    assert swept(world) == {"gaps_closed": 1}
    (push,) = recovered(world)
    assert (push.after, push.cause) == (end, "backfill")
    page = world.page(service)
    assert page.gaps == () and page.standing_patterns == {}
    late = {"after": first, "pushed_at": first_at, "recovered": False, "cause": "live"}
    world.broker.publish([push.model_copy(update=late)])
    world.work()
    after_all = world.page(service)
    assert after_all.pushes == page.pushes + 1
    assert after_all.standing_patterns == {} and after_all.latest_patterns == page.latest_patterns
    assert swept(world) == {}


def test_what_github_has_no_more_is_named_and_not_asked_of_the_extractor(world, service):
    world.desk.pushed(service, "1" * 40, world.heads[service])
    world.later(minutes=1)
    world.work()
    assert world.page(service).gaps
    world.later(minutes=20)
    assert swept(world) == {"out_of_reach": [service]}


def test_who_is_installed_and_unknown_is_onboarded_unless_it_is_empty_or_not_wanted(world, service):
    unknown = world.new_repository()
    world.desk.install("acme/elsewhere")
    del world.broker.published[-1], world.broker.topics[-1]  # lost
    world.github.gate.faults = [
        Fault("GET", "/repos/acme/elsewhere/commits", status=409, message="Git Repository is empty.")
    ]
    assert swept(world) == {"snapshots": 1}
    (asked,) = [
        e for e in world.broker.published if isinstance(e, SnapshotRequested) and e.asked_by == "sweep"
    ]
    assert (asked.repository.name, asked.sha) == (unknown, world.heads[unknown])
    assert world.page(unknown).snapshots == 1


def test_whose_installation_is_not_allowed_is_left_alone(world):
    world.new_repository()
    del world.broker.published[-2:]
    assert world.sweep(allowed=parse_allowed("others")).repositories == 0
    assert world.sweep(allowed=parse_allowed("ACME")).repositories == 1


def test_what_the_base_takes_for_removed_and_is_installed_comes_back(world, service):
    known = world.page(service)
    repository = Repository(id=known.repository_id, name=service, default_branch="main")
    world.later(minutes=1)
    world.broker.publish(
        [RepositoryRemoved(cause="live", repository=repository, at=world.desk.now, asked_by="test")]
    )
    world.work()
    assert Views(world.store).head().named(service) is None
    assert swept(world) == {"registered": 1}
    assert world.page(service).standing_patterns == known.standing_patterns
    assert swept(world) == {}


def test_what_is_not_installed_any_more_is_told_and_left_alone(world, service):
    world.new_repository()
    world.work()
    del world.desk.installed[service]
    head = world.store.head()
    assert swept(world) == {"not_installed": [service]}
    assert world.store.head() == head


def test_a_limit_ends_the_run_at_once_and_the_next_one_does_the_rest(world, service):
    world.push(service, {"client.py": RETRY}, send=False)
    world.later(minutes=20)
    world.github.gate.faults = [
        Fault(
            "GET",
            "/installation/repositories",
            status=429,
            message="slow down",
            headers={"Retry-After": "1800"},
        )
    ]
    stopped = world.sweep()
    assert (stopped.retry_after_seconds, stopped.heads_closed) == (1800, 0)
    assert "asks to wait 1800 s" in stopped.stopped
    assert swept(world) == {"heads_closed": 1}


def test_after_an_outage_and_lost_webhooks_the_knowledge_is_complete(world):
    """Down for a third of the time, and one webhook in ten never sent."""
    chance = random.Random(7)
    names = [world.new_repository() for _ in range(3)]
    world.work()
    told: dict[str, dict[str, str]] = {name: {} for name in names}
    for number in range(45):
        world.is_up = not 15 <= number < 30
        name = chance.choice(names)
        path = f"src/m{chance.randrange(6)}.py"
        told[name][path] = RETRY if chance.random() < 0.5 else f"x = {number}\n"
        world.push(name, {path: told[name][path]}, send=chance.random() >= 0.1)
        if chance.random() < 0.5:
            world.work()
    assert world.desk.never_sent > 2
    world.is_up = True
    world.work()
    for _ in range(2):
        world.later(minutes=20)
        world.sweep()
        world.work()
    for name in names:
        page = world.page(name)
        with_retry = sorted(path for path, text in told[name].items() if text == RETRY)
        pattern = page.standing_patterns.get("retry-backoff")
        assert page.recent[0].after == world.heads[name]
        assert page.gaps == ()
        assert sorted({row.path for row in pattern.evidence} if pattern else ()) == with_retry
    world.later(minutes=20)
    assert swept(world) == {}
