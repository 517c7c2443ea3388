"""What a history of looks says of an agent."""

import random

from devnexus.agents.looks import DAY_SECONDS, Look, Standing, standings

NOW = 10_000_000.0
HOUR = 3600.0


def look(hours_ago, healthy, agent="orchestrator"):
    status = "healthy" if healthy else "no answer"
    return Look(agent=agent, at=NOW - hours_ago * HOUR, healthy=healthy, status=status, latency_ms=5)


def standing(*looks):
    return standings(looks, now=NOW)["orchestrator"]


def test_an_agent_is_as_the_last_look_found_it_and_since_the_first_that_found_it_so():
    found = standing(look(9, True), look(5, False), look(3, True), look(2, True), look(1, True))
    assert found == Standing(last=look(1, True), since=NOW - 3 * HOUR, availability=4 / 5)


def test_it_is_down_since_the_first_look_that_found_it_down():
    found = standing(look(4, True), look(3, False), look(2, False))
    assert (found.last.healthy, found.since, found.availability) == (False, NOW - 3 * HOUR, 1 / 3)


def test_only_the_last_24_hours_count_for_how_often_it_was_well():
    assert standing(look(30, False), look(25, False), look(1, True)).availability == 1.0
    day = DAY_SECONDS / HOUR
    assert standing(look(day, False), look(day - 1, True)).availability == 1.0


def test_an_agent_that_nobody_looked_at_for_a_day_has_no_figure():
    found = standing(look(48, True), look(47, True))
    assert (found.since, found.availability) == (NOW - 48 * HOUR, None)


def test_each_agent_stands_by_itself_whatever_order_the_looks_come_in():
    looks = [look(n, n % 3 > 0, agent) for n in range(1, 20) for agent in ("a", "b")]
    expected = standings(looks, now=NOW)
    random.Random(7).shuffle(looks)
    assert standings(looks, now=NOW) == expected
    assert list(expected) == ["a", "b"]
    assert standings([], now=NOW) == {}
