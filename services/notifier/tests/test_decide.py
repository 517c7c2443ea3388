"""The decision: who is told of what, and what is no news."""

import pytest
from notices import BILLING, ORDERS, RETRY, alike, computed, missing

from devnexus.events.similarity_computed import Named
from devnexus.people.organisation import Route
from notifier.decide import decide
from notifier.routes import Routes


def routes(*routes):
    return Routes(file="test", targets={}, routes=routes)


EVERYTHING = routes(Route(to=("team",)))


@pytest.mark.parametrize(
    "change",
    [
        {"introduced": (RETRY,)},
        {"gone": (RETRY,)},
        {"alike": (alike(),), "entered": (ORDERS,)},
        {"left": (ORDERS,)},
        {"missing": (missing(),)},
    ],
    ids=lambda change: "+".join(change),
)
def test_each_kind_of_change_is_news_on_its_own(change):
    (request,) = decide(computed(**change), EVERYTHING)
    assert (request.target, request.about) == ("team", computed().id)
    assert request.notice.repository == BILLING
    assert all(getattr(request.notice, name) for name in change if name != "alike")


def test_that_nothing_has_changed_is_no_news():
    assert decide(computed(alike=(alike(),)), EVERYTHING) == ()


@pytest.mark.parametrize("cause", ["snapshot", "backfill", "reanalysis", "import", "agent"])
def test_only_a_live_push_tells_anyone(cause):
    assert decide(computed(cause=cause, introduced=(RETRY,)), EVERYTHING) == ()


def test_of_a_repository_that_asks_for_quiet_nobody_is_told():
    assert decide(computed(quiet=True, introduced=(RETRY,)), EVERYTHING) == ()


def test_what_has_entered_is_told_with_its_reasons_and_what_was_alike_before_is_not():
    archive = Named(id="github.com/44", name="acme/archive")
    event = computed(alike=(alike(archive), alike(ORDERS)), entered=(ORDERS,))
    (request,) = decide(event, EVERYTHING)
    assert request.notice.entered == (alike(ORDERS),)


def test_a_target_that_several_routes_name_is_told_once():
    several = routes(
        Route(to=("team", "console"), repositories=("acme/*",)), Route(to=("console", "audit", "team"))
    )
    requests = decide(computed(introduced=(RETRY,)), several)
    assert [request.target for request in requests] == ["team", "console", "audit"]
    assert len({request.id for request in requests}) == 3


@pytest.mark.parametrize(
    ("glob", "is_told"),
    [
        ("acme/*", True),
        ("ACME/Bill*", True),
        ("*/billing", True),
        ("*", True),
        ("acme/orders", False),
        ("acm/*", False),
        ("billing/*", False),
    ],
)
def test_a_route_is_for_the_repositories_that_its_globs_match_ignoring_case(glob, is_told):
    requests = decide(computed(introduced=(RETRY,)), routes(Route(to=("team",), repositories=(glob,))))
    assert bool(requests) is is_told


def test_the_same_event_makes_the_same_requests_so_that_a_redelivery_adds_none():
    event = computed(introduced=(RETRY,))
    assert decide(event, EVERYTHING) == decide(event, EVERYTHING)
