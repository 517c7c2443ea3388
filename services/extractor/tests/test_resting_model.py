"""While Claude does not answer it is left alone, so that an outage costs a push next to nothing."""

import threading

import pytest

from extractor.claude.request import Answered, NotAnswered, OutcomeUnknown, Request, Usage
from extractor.claude.resting import FIRST_REST_SECONDS, PATIENCE, RestingModel

REQUEST = Request("claude-sonnet-5-5", "brief", "repository", "material", {}, 100)
ANSWER = Answered("{}", "complete", Usage(), "claude-sonnet-5-5")
OVERLOADED = NotAnswered("Claude is overloaded")


class Scripted:
    """A Model that says what it is told to, and counts."""

    def __init__(self):
        self.says = ANSWER
        self.asked = 0
        self.time = 0.0
        self.during = lambda: None

    def ask(self, request):
        self.asked += 1
        self.during()
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def scripted():
    return Scripted()


@pytest.fixture
def resting(scripted):
    return RestingModel(scripted, clock=lambda: scripted.time)


def test_it_is_not_asked_again_before_the_time_it_named(scripted, resting):
    scripted.says = NotAnswered("limits", retry_after_seconds=90)
    resting.ask(REQUEST)
    scripted.says, scripted.time = ANSWER, 60
    turned_away = resting.ask(REQUEST)
    assert (turned_away.because, turned_away.retry_after_seconds) == ("limits", 30)
    scripted.time = 90
    assert resting.ask(REQUEST) == ANSWER
    assert scripted.asked == 2


def test_failures_in_a_row_begin_a_rest_that_grows_until_an_answer_comes(scripted, resting):
    scripted.says = OVERLOADED
    for _ in range(PATIENCE + 1):
        resting.ask(REQUEST)
    assert scripted.asked == PATIENCE
    scripted.time = FIRST_REST_SECONDS
    resting.ask(REQUEST)  # the trial, which fails too
    scripted.time += FIRST_REST_SECONDS
    assert resting.ask(REQUEST).retry_after_seconds == FIRST_REST_SECONDS
    scripted.time, scripted.says = 10_000, ANSWER
    assert [resting.ask(REQUEST) for _ in range(2)] == [ANSWER] * 2


def test_a_lost_outcome_counts_as_a_failure(scripted, resting):
    scripted.says = OutcomeUnknown("no answer in time")
    for _ in range(PATIENCE):
        with pytest.raises(OutcomeUnknown):
            resting.ask(REQUEST)
    assert resting.ask(REQUEST).because == "no answer in time"


def test_a_request_that_is_refused_for_good_is_no_reason_to_rest(scripted, resting):
    scripted.says = NotAnswered("too long", for_good=True)
    for _ in range(PATIENCE + 2):
        resting.ask(REQUEST)
    assert scripted.asked == PATIENCE + 2


def test_only_one_tries_it_after_a_rest_while_others_are_turned_away(scripted, resting):
    scripted.says = NotAnswered("limits", retry_after_seconds=10)
    resting.ask(REQUEST)
    scripted.says, scripted.time = ANSWER, 10
    trying, go_on = threading.Event(), threading.Event()
    scripted.during = lambda: (trying.set(), go_on.wait(5))
    trial = threading.Thread(target=resting.ask, args=(REQUEST,))
    trial.start()
    assert trying.wait(5)
    assert isinstance(resting.ask(REQUEST), NotAnswered)
    go_on.set()
    trial.join()
    assert resting.ask(REQUEST) == ANSWER
    assert scripted.asked == 3
