"""What is concluded about the health of a pattern: which way it may move, and how often it is right."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devnexus.knowledge.health_interval import (
    HALF_LIFE_DAYS,
    MONTH_DAYS,
    SEVERITIES,
    Weighed,
    effective_days,
    effective_issues,
    gamma_quantile,
    interval,
)

KINDS = ("timeout", "crash", "error", "memory")

DAYS = st.lists(st.floats(0.1, 365), min_size=1, max_size=30)
ISSUE = st.builds(
    Weighed,
    who_and_what=st.tuples(st.sampled_from(("1", "2")), st.sampled_from(KINDS)),
    severity=st.sampled_from([*SEVERITIES, "dreadful"]),
    age_days=st.floats(-1, 365),
)
ISSUES = st.lists(ISSUE, max_size=20)


def judged(days, issues=()):
    return interval(np.array(days), issues)


def bounds(days, issues):
    found = judged(days, issues)
    return found.low, found.estimate if found.estimate is not None else 1.0, found.high


def never_above(some, others):
    return all(one <= other for one, other in zip(some, others, strict=True))


# Which way it may move.


@given(DAYS, ISSUES)
def test_the_estimate_lies_in_its_interval(days, issues):
    low, estimate, high = bounds(days, issues)
    assert 0 <= low <= estimate <= high <= 1


@given(DAYS, ISSUES, ISSUE)
def test_an_issue_more_never_raises_it(days, issues, another):
    assert never_above(bounds(days, [*issues, another]), bounds(days, issues))


@given(DAYS, ISSUES, ISSUE, st.floats(0, 100))
def test_a_newer_issue_never_raises_it(days, issues, one, by_days):
    newer = one._replace(age_days=one.age_days - by_days)
    assert never_above(bounds(days, [*issues, newer]), bounds(days, [*issues, one]))


@given(DAYS, ISSUES, ISSUE)
def test_a_more_severe_issue_never_raises_it(days, issues, one):
    worse = [bounds(days, [*issues, one._replace(severity=severity)]) for severity in SEVERITIES]
    assert all(never_above(some, others) for some, others in pairwise(worse))


@given(DAYS, ISSUES, st.floats(0, 365))
def test_another_repository_without_issues_never_lowers_it(days, issues, its_days):
    assert never_above(bounds(days, issues), bounds([*days, its_days], issues))


@given(DAYS, st.floats(0, 365))
def test_as_long_as_nothing_happens_it_becomes_surer(days, more):
    before, after = judged(days), judged([*days, more])
    assert after.high - after.low <= before.high - before.low


# What is enough.


@pytest.mark.parametrize("days", [[], [0.0, 0.0]])
def test_where_no_repository_had_it_nothing_is_concluded(days):
    for issues in ([], [Weighed(("1", "crash"), "critical", 1)] * 5):
        found = judged(days, issues)
        assert (found.estimate, found.low, found.high, found.verdict) == (None, 0, 1, "not_enough_data")


@pytest.mark.parametrize(
    ("days", "issues", "verdict"),
    [
        ([30] * 3, 0, "not_enough_data"),
        ([30] * 4, 0, "healthy"),
        ([365], 0, "not_enough_data"),
        ([365] * 2, 0, "healthy"),
        ([30] * 5, 1, "not_enough_data"),
        ([30] * 20, 1, "healthy"),
        ([30] * 20, 4, "mostly_healthy"),
        ([30] * 20, 8, "warning"),
        ([30] * 20, 15, "critical"),
        ([30] * 2, 4, "critical"),
        ([10], 4, "not_enough_data"),
    ],
)
def test_it_says_that_there_is_not_enough_where_a_pattern_may_be_healthy_as_well_as_critical(
    days, issues, verdict
):
    each_of_its_own = [Weighed((str(number), "crash"), "critical", 5) for number in range(issues)]
    assert judged(days, each_of_its_own).verdict == verdict


def test_what_is_older_less_severe_or_the_same_again_counts_less():
    assert effective_issues([Weighed(("1", "crash"), "critical", 0)]) == 1
    assert effective_issues([Weighed(("1", "crash"), "CRITICAL", HALF_LIFE_DAYS)]) == 0.5
    assert effective_issues([Weighed(("1", "crash"), "dreadful", -3)]) == SEVERITIES["medium"]
    assert effective_issues([Weighed(("1", "crash"), "critical", 0)] * 4) == pytest.approx(
        1 + 1 / 2 + 1 / 3 + 1 / 4
    )
    assert effective_issues([Weighed(("1", kind), "high", 0) for kind in KINDS]) == pytest.approx(4 * 0.7)
    assert effective_days(np.array([1e9])) == pytest.approx(HALF_LIFE_DAYS / math.log(2))


def test_one_service_that_fails_all_the_time_does_not_condemn_what_a_hundred_use():
    assert judged([30] * 100, [Weighed(("1", "timeout"), "high", 1)] * 60).verdict == "healthy"


# How exact and how often right it is.


@pytest.mark.parametrize("z", [-1.6448536269514722, 1.6448536269514722])
def test_the_chance_that_is_told_is_near_that_of_exact_quantiles(z):
    share = 0.95 if z > 0 else 0.05
    for shape in np.geomspace(0.5, 150, 60):
        told, exact = gamma_quantile(shape, z), exact_quantile(shape, share)
        for months in np.geomspace(1, 300, 40):
            assert abs(math.exp(-told / months) - math.exp(-exact / months)) < 0.012


def exact_quantile(shape, share):
    """By halving, to 12 digits."""
    low, high = 0.0, shape + 20 * math.sqrt(shape) + 40
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(shape, middle) < share else (low, middle)
    return low


def below(shape, value):
    """The share of a gamma distribution below a value, by its series (NIST DLMF 8.7.1)."""
    term = total = 1 / shape
    step = shape
    while term > total * 1e-14:
        step += 1
        term *= value / step
        total += term
    return total * math.exp(shape * math.log(value) - value - math.lgamma(shape))


@pytest.mark.parametrize(("repositories", "days"), [(5, 30), (100, 30), (20, 180)])
@pytest.mark.parametrize("rate", [0.03, 0.1, 0.5])
def test_the_interval_holds_the_true_chance_at_least_as_often_as_it_says(rate, repositories, days):
    """`rate`: what a repository's issues of a month count for; 0.5 leaves a chance of 0.61."""
    random = np.random.default_rng(20261128)
    truth, histories = math.exp(-rate), 150
    held = sum(
        low <= truth <= high
        for low, high in (a_history(random, rate, repositories, days) for _ in range(histories))
    )
    assert held / histories >= 0.9


def a_history(random, rate, repositories, days):
    """What is concluded from repositories that took up the pattern one by one, and failed at that rate."""
    shares = (0.1, 0.3, 0.4, 0.2)
    mean = sum(share * weight for share, weight in zip(shares, SEVERITIES.values(), strict=True))
    had = np.clip(random.uniform(0, 1.5 * days, repositories), 0, days)
    issues = [
        Weighed((str(number), random.choice(KINDS)), random.choice([*SEVERITIES], p=shares), age)
        for number, its_days in enumerate(had)
        for age in random.uniform(0, its_days, random.poisson(rate / mean / MONTH_DAYS * its_days))
    ]
    found = interval(had, issues)
    return found.low, found.high
