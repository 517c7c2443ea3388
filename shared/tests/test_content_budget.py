"""The budget of requests that create content, with a clock that the test turns."""

import pytest

from devnexus.knowledge.stores.content_budget import PER_HOUR, PER_MINUTE, ContentBudget


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def spend(budget: ContentBudget, clock: Clock, requests: int, *, every_seconds: float) -> None:
    for _ in range(requests):
        budget.spend()
        clock.now += every_seconds


def test_there_is_no_pause_before_half_of_the_hour_is_used(clock: Clock) -> None:
    budget = ContentBudget(clock)
    spend(budget, clock, PER_HOUR // 2, every_seconds=1.0)
    assert budget.pause_seconds() == 0.0
    spend(budget, clock, 50, every_seconds=1.0)
    assert budget.pause_seconds() == pytest.approx(50.6, abs=0.1), "what is left lasts till the first is past"


def test_steady_work_is_slowed_down_more_the_nearer_it_comes_to_what_is_allowed(clock: Clock) -> None:
    budget = ContentBudget(clock)
    spend(budget, clock, 260, every_seconds=3600 / 260)
    assert budget.pause_seconds() == pytest.approx(4.3, abs=0.5)
    spend(budget, clock, 450, every_seconds=8.0)
    assert budget.pause_seconds() == pytest.approx(24.0, abs=0.5)


def test_constant_load_neither_stops_nor_exceeds_what_github_allows(clock: Clock) -> None:
    budget, commits, longest = ContentBudget(clock), [], 0.0
    while clock.now < 1000.0 + 4 * 3600:
        pause = budget.pause_seconds()
        longest = max(longest, pause)
        clock.now += pause
        spend(budget, clock, 3, every_seconds=0.7)
        commits.append(clock.now)
        assert budget.usage()["content_requests_last_hour"] <= PER_HOUR
        assert budget.usage()["content_requests_last_minute"] <= PER_MINUTE
    last_hour = sum(at > clock.now - 3600 for at in commits)
    assert 130 <= last_hour <= 166, "about one in 24 s"
    assert longest <= 62.0, "never longer than a minute's window"


def test_a_full_minute_is_waited_for_and_no_longer(clock: Clock) -> None:
    budget = ContentBudget(clock)
    spend(budget, clock, PER_MINUTE - 3, every_seconds=0.1)
    assert budget.pause_seconds() == pytest.approx(60.0 - (PER_MINUTE - 3) * 0.1), "until the first is past"
    clock.now += budget.pause_seconds()
    assert budget.pause_seconds() == 0.0


def test_a_full_hour_is_waited_for(clock: Clock) -> None:
    budget = ContentBudget(clock)
    spend(budget, clock, PER_HOUR, every_seconds=2.0)
    pause = budget.pause_seconds()
    assert pause == pytest.approx(3600.0 - 1000.0 + 3 * 2.0), "until four have left the hour"
    clock.now += pause
    assert budget.pause_seconds() <= 60.0


def test_what_github_asks_to_wait_is_waited(clock: Clock) -> None:
    budget = ContentBudget(clock)
    budget.hold(60.0)
    budget.hold(10.0)
    assert budget.pause_seconds() == 60.0
    clock.now += 61.0
    assert budget.pause_seconds() == 0.0


def test_the_usage_names_the_last_hour_and_minute(clock: Clock) -> None:
    budget = ContentBudget(clock)
    spend(budget, clock, 3, every_seconds=10.0)
    clock.now += 35.0
    assert budget.usage() == {"content_requests_last_hour": 3, "content_requests_last_minute": 2}
    clock.now += 3600.0
    assert budget.usage() == {"content_requests_last_hour": 0, "content_requests_last_minute": 0}
