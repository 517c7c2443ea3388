"""What Claude answers is understood, whatever becomes of a question; against our double and npm's aimock."""

import socket
import time

import pytest
from claude_question import REQUEST, model
from fakes.anthropic_replies import OVERLOADED, Fails, Late, Says, limited

from extractor.claude.request import Answered, NotAnswered, OutcomeUnknown


@pytest.mark.parametrize(
    ("stop", "told"), [("end_turn", "complete"), ("max_tokens", "cut"), ("refusal", "refused")]
)
def test_an_answer_comes_with_why_it_ended_and_what_it_took(claude, stop, told):
    claude.will_say(Says('{"files": ["first", "second"]}', stop=stop))
    answer = model(claude.url)[0].ask(REQUEST)
    assert isinstance(answer, Answered)
    assert (answer.stop, answer.model) == (told, "claude-sonnet-5-5")
    assert answer.usage.input_tokens + answer.usage.cache_write_tokens > 0
    if told == "complete":
        assert answer.text == '{"files": ["first", "second"]}'


def test_text_that_is_no_json_is_an_answer_all_the_same(claude):
    claude.will_say("I would rather write prose.")
    assert model(claude.url)[0].ask(REQUEST).text == "I would rather write prose."


@pytest.mark.parametrize(
    ("fails", "because", "waits"),
    [
        (limited(2), "limits are reached", [2, 2]),
        (limited(120), "limits are reached", []),
        (OVERLOADED, "overloaded", [1, 3]),
        (Fails(500), "a fault", [1, 3]),
        (Fails(401, "authentication_error"), "ANTHROPIC_API_KEY", []),
    ],
)
def test_a_refusal_is_waited_out_where_that_is_short_and_told_in_words(claude, fails, because, waits):
    claude.will_say(fails)
    asked, waited = model(claude.url)
    answer = asked.ask(REQUEST)
    assert isinstance(answer, NotAnswered) and because in answer.because
    assert not answer.for_good and waited == waits
    assert answer.retry_after_seconds == (float(fails.headers["retry-after"]) if fails.headers else None)


def test_silence_is_an_unknown_outcome_and_the_question_is_not_put_again(claude):
    claude.will_say(Late(3, "{}"))
    started = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        model(claude.url, longest_seconds=0.5)[0].ask(REQUEST)
    assert time.monotonic() - started < 2.5


def test_a_question_that_reached_nobody_was_not_answered():
    with socket.create_server(("127.0.0.1", 0)) as soon_closed:
        port = soon_closed.getsockname()[1]
    answer = model(f"http://127.0.0.1:{port}")[0].ask(REQUEST)
    assert isinstance(answer, NotAnswered) and "cannot be reached" in answer.because
