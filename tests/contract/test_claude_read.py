"""A push through the whole extractor, with our double or npm's aimock as Claude."""

import json

import pytest
from breaker_push import SAYS, new_breaker, receipt, standing
from claude_question import model
from fakes.claude_world import ClaudeWorld, claims

from devnexus.errors import Unavailable
from devnexus.knowledge.history import record_line


@pytest.fixture
def world(tmp_path, claude):
    made = ClaudeWorld(tmp_path, model(claude.url)[0])
    yield made
    made.source.close()


def test_invented_evidence_is_dropped_beside_what_the_code_proves(world, claude):
    invented = ("circuit-breaker", "class Invented(CircuitBreaker):")
    claude.will_say(json.dumps(claims(("circuit-breaker", "class CircuitBreaker:"), invented)))
    (record,) = world.push(*new_breaker(world))
    told = receipt(record)
    assert (told.outcome, told.claims, told.unverified) == ("read", 2, 1)
    assert [claim.line for claim in record.files[0].claims] == [1]


def test_a_crash_between_the_answer_and_the_broker_is_paid_for_once(world, claude):
    claude.will_say(json.dumps(SAYS))
    shas = new_breaker(world)
    world.publisher.out_of_order = True
    with pytest.raises(Unavailable):
        world.push(*shas)
    world.publisher.out_of_order = False
    (record,), (again,) = world.push(*shas), world.push(*shas)
    assert "circuit-breaker" in standing(record)
    assert receipt(record).calls == 1 and record_line(record) == record_line(again)
    assert world.claude.calls.spent(record.record_id).calls == 1
