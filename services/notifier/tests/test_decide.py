"""The decision: who is told of what, what is no news, and that it is said why."""

import pytest
from notices import BILLING, ORDERS, RETRY, alike, changed, computed, consumer, copy, missing, variant

from devnexus.events.similarity_computed import Named, Push
from devnexus.people.organisation import Organisation, Route
from devnexus.people.yaml_file import parse
from notifier.decide import Outcome, decide
from notifier.routes import Routes, Target

KAFKA = RETRY.model_copy(update={"id": "kafka", "name": "Kafka messaging", "category": "messaging"})
PUSH = Push(branch="main", message="Try again")


def routes(*routes, **traits):
    targets = {name: Target("console", None, **these) for name, these in traits.items()}
    return Routes(file="test", targets=targets, routes=routes)


def written(text):
    return routes(*parse(Organisation, f"routes: [{{to: [team], {text}}}]".encode()).routes)


EVERYTHING = routes(Route(to=("team",)))


def everything(target, remarks):
    return remarks


def told(event, routes=EVERYTHING, not_yet_told=everything):
    return [one.request for one in decide(event, routes, not_yet_told) if one.request]


@pytest.mark.parametrize(
    "change",
    [
        {"introduced": (RETRY,)},
        {"gone": (RETRY,)},
        {"alike": (alike(),), "entered": (ORDERS,)},
        {"left": (ORDERS,)},
        {"missing": (missing(),)},
        {"variants": (variant(),)},
        {"copies": (copy(),)},
        {"changed": (changed(),), "consumers": (consumer(),)},
    ],
    ids=lambda change: "+".join(change),
)
def test_each_kind_of_change_is_news_on_its_own(change):
    (request,) = told(computed(**change))
    assert (request.target, request.about) == ("team", computed().id)
    assert request.notice.repository == BILLING
    assert all(getattr(request.notice, name) for name in change if name != "alike")


@pytest.mark.parametrize("change", [{"alike": (alike(),)}, {"touched": (RETRY,)}, {"push": PUSH}])
def test_that_nothing_has_changed_is_no_news(change):
    (decision,) = decide(computed(**change), EVERYTHING, everything)
    assert (decision.outcome, decision.request) == (Outcome.NOTHING_NEW, None)


def test_of_a_repository_that_asks_for_quiet_nobody_is_told():
    (decision,) = decide(computed(quiet=True, introduced=(RETRY,), push=PUSH), EVERYTHING, everything)
    assert (decision.outcome, decision.request) == (Outcome.QUIET, None)


def test_what_no_route_wants_to_hear_of_is_said_to_be_so():
    (decision,) = decide(computed(introduced=(RETRY,)), written("patterns: [kafka]"), everything)
    assert decision.outcome is Outcome.NO_ROUTE


def test_what_has_entered_is_told_with_its_reasons_and_what_was_alike_before_is_not():
    archive = Named(id="github.com/44", name="acme/archive")
    event = computed(alike=(alike(archive), alike(ORDERS)), entered=(ORDERS,))
    (request,) = told(event)
    assert request.notice.entered == (alike(ORDERS),)


def test_a_target_that_several_routes_name_is_told_once():
    several = routes(
        Route(to=("team", "console"), repositories=("acme/*",)), Route(to=("console", "audit", "team"))
    )
    requests = told(computed(introduced=(RETRY,)), several)
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
    requests = told(computed(introduced=(RETRY,)), routes(Route(to=("team",), repositories=(glob,))))
    assert bool(requests) is is_told


@pytest.mark.parametrize(
    ("conditions", "introduced", "others"),
    [
        ("patterns: [Retry*]", ["retry-backoff"], False),
        ("patterns: [KAFKA, retry-backoff]", ["retry-backoff", "kafka"], False),
        ("categories: [Messaging]", ["kafka"], False),
        ("patterns: [retry-backoff], categories: [messaging]", [], False),
        ("owners: ['@ada']", ["retry-backoff"], False),
        ("owners: ['@ADA', '@platform']", ["retry-backoff", "kafka"], True),
        ("owners: ['@nobody']", [], False),
        ("causes: [live]", ["retry-backoff", "kafka"], True),
        ("causes: [backfill]", [], False),
    ],
)
def test_a_target_hears_of_the_remarks_that_meet_its_routes_conditions(conditions, introduced, others):
    event = computed(
        introduced=(RETRY.model_copy(update={"owners": ("@ada",)}), KAFKA),
        left=(ORDERS,),
        owners=("@platform",),
    )
    requests = told(event, written(conditions))
    assert bool(requests) is bool(introduced)
    for request in requests:
        assert [one.id for one in request.notice.introduced] == introduced
        assert bool(request.notice.left) is others


def test_what_one_route_leaves_out_another_of_the_same_target_may_ask_for():
    both = routes(Route(to=("team",), patterns=("kafka",)), Route(to=("team",), owners=("@ada",)))
    event = computed(introduced=(RETRY.model_copy(update={"owners": ("@ada",)}), KAFKA, RETRY))
    (request,) = told(event, both)
    assert len(request.notice.introduced) == 2


def test_what_a_target_was_told_before_is_left_out_and_of_nothing_else_there_is_no_message():
    event = computed(introduced=(RETRY, KAFKA), changed=(changed(),), consumers=(consumer(),))
    (request,) = told(
        event, not_yet_told=lambda _, remarks: [one for one in remarks if one.pattern == "kafka"]
    )
    assert (request.notice.introduced, request.notice.consumers) == ((KAFKA,), ())
    (decision,) = decide(event, EVERYTHING, lambda _, remarks: [])
    assert (decision.outcome, decision.target, decision.request) == (Outcome.TOLD_BEFORE, "team", None)


def test_a_target_that_wants_every_push_gets_it_whole_be_there_news_or_not():
    machine = routes(Route(to=("machine", "team")), machine={"every_push": True}, team={})
    silent = computed(push=PUSH)
    assert [request.target for request in told(silent, machine)] == ["machine"]
    known = computed(push=PUSH, introduced=(RETRY,))
    (request,) = told(known, machine, lambda _, remarks: [])
    assert (request.target, request.notice.introduced, request.notice.push) == ("machine", (RETRY,), PUSH)


def test_the_same_event_makes_the_same_requests_so_that_a_redelivery_adds_none():
    event = computed(introduced=(RETRY,))
    assert told(event) == told(event)
