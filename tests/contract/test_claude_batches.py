"""Questions that wait go out as one batch, and what became of each comes back under its name."""

from datetime import UTC, datetime, timedelta

import pytest
from claude_question import REQUEST
from fakes.anthropic_refusals import KEY
from fakes.anthropic_replies import Cancelled, Expires, Fails, HangsUp, Says, limited
from fakes.anthropic_server import FakeClaude

from devnexus.errors import Unavailable
from devnexus.secrets import Secret
from extractor.claude.anthropic_batches import AnthropicBatches
from extractor.claude.anthropic_client import open_client
from extractor.claude.request import Answered, NotAnswered, OutcomeUnknown


def batches(claude):
    return AnthropicBatches(open_client(Secret(KEY.encode()), claude.url))


def test_each_request_of_a_batch_has_its_answer_once_all_are_done():
    replies = {"a": '{"files": []}', "b": Says("{}", stop="refusal"), "c": Expires(), "d": Cancelled()}
    replies["e"] = Fails(400, "invalid_request_error", "prompt is too long")
    replies["f"] = Fails(500, "api_error")
    with FakeClaude(lambda asked: replies[asked.custom_id]) as claude:
        ours = batches(claude)
        batch = ours.send(dict.fromkeys(replies, REQUEST))
        assert ours.answers(batch) is None
        claude.end_batches()
        answers = ours.answers(batch)
    assert {name: one.stop for name, one in answers.items() if isinstance(one, Answered)} == {
        "a": "complete",
        "b": "refused",
    }
    failed = {name: one for name, one in answers.items() if isinstance(one, NotAnswered)}
    assert {name: one.for_good for name, one in failed.items()} == {
        "c": False,
        "d": False,
        "e": True,
        "f": False,
    }
    assert "within a day" in failed["c"].because and "called off" in failed["d"].because


def test_a_batch_whose_sending_was_lost_is_found_by_the_time_it_was_sent():
    with FakeClaude() as claude:
        claude.lists_per_page = 2
        ours, sent = batches(claude), datetime(2026, 11, 28, 12, tzinfo=UTC)
        for minute in range(7):
            claude.now = lambda at=sent + timedelta(minutes=minute): at
            claude.next = [HangsUp()] if minute == 6 else []
            if minute < 6:
                ours.send({"one": REQUEST})
            else:
                with pytest.raises(OutcomeUnknown):
                    ours.send({"one": REQUEST})
        found = ours.sent_since(sent + timedelta(minutes=2))
    assert found == [batch.id for batch in reversed(claude.batches[2:])]


def test_a_batch_that_is_refused_was_not_sent_and_says_when_to_come_again():
    with FakeClaude() as claude:
        claude.next.append(limited(30))
        with pytest.raises(Unavailable, match="limits") as refused:
            batches(claude).send({"one": REQUEST})
    assert refused.value.retry_after_seconds == 30
    assert not claude.batches


def test_of_a_batch_that_nobody_knows_any_more_every_answer_is_missing():
    with FakeClaude() as claude:
        assert batches(claude).answers("msgbatch_gone") == {}


def test_a_line_that_cannot_be_read_takes_no_other_with_it():
    with FakeClaude(ends_batches=True) as claude:
        ours = batches(claude)
        batch = ours.send({"good": REQUEST, "bad": REQUEST})
        claude.batches[0].results["bad"] = {"type": "succeeded", "message": {"content": "no list"}}
        assert ours.answers(batch).keys() == {"good"}
