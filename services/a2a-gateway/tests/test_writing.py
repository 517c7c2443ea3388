"""What a caller hears of a write when the broker does not take it, and when it takes long to commit."""

import pytest
from lessons import ANA, TELL

from a2a_gateway.registry import load_skills
from devnexus.errors import Unavailable


@pytest.fixture
def telling(make_world):
    """A world in which lessons can be told."""
    return make_world(caller=ANA, skills={**load_skills(), TELL.id: TELL})


def test_what_could_not_be_sent_can_be_sent_again_without_being_recorded_twice(telling):
    accept, keys = telling.writing.accept, []

    def fail_once(report, *, key, **named):
        keys.append(key)
        if len(keys) == 1:
            raise Unavailable("the broker is away")
        return accept(report, key=key, **named)

    telling.writing.accept = fail_once
    refused = telling.execute("tell", lesson="Set timeouts")
    assert (refused.status_code, refused.json()["success"]) == (503, False)
    again = refused.json()["idempotency_key"]
    assert "broker" not in refused.text
    assert telling.execute("tell", lesson="Set timeouts", idempotency_key=again).json()["committed"]
    assert keys == [again, again]


def test_what_is_not_committed_yet_is_not_called_recorded(telling):
    async def too_long(accepted):
        return None

    telling.writing.committed = too_long
    before = telling.store.head()
    answer = telling.execute("tell", lesson="Set timeouts").json()
    assert (answer["success"], answer["committed"], answer["revision"]) == (True, False, before)
    assert answer["message"].startswith("Accepted, and not committed yet: a lesson for acme/api")
    assert answer["event_id"].startswith("ana@example.com:tell:")


def test_each_call_without_a_key_is_one_of_its_own_and_the_header_is_a_key(telling):
    body = {"skill_id": "tell", "input": {"lesson": "Set timeouts"}}
    for headers in ({}, {}, {"Idempotency-Key": "k"}, {"Idempotency-Key": "k"}):
        assert telling.client.post("/a2a/execute", json=body, headers=headers).status_code == 200
    assert len({record.id for record in telling.writing.sent}) == 3
