"""What a caller is told of what they wrote."""

from datetime import UTC, datetime, timedelta

import pytest
from lessons import ANA

from a2a_gateway.callers.caller import LOCAL, Caller
from a2a_gateway.writes.write_status import WriteStatus
from devnexus.errors import Unavailable

MINE = "ana@example.com:add_lesson_learned:k"


def written(world, *, minutes=0, **known):
    """Let the world know of one write, that many minutes ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    status = WriteStatus(MINE, "add_lesson_learned", "acme/api", at, **{"revision": None, **known})
    world.writing.status = lambda event_id, caller: (
        status if (event_id, caller.name) == (MINE, ANA.name) else None
    )
    return status


def ask(world, event_id=MINE):
    return world.execute("get_write_status", event_id=event_id)


def test_a_committed_write_names_a_revision_that_holds_it(writer):
    written(writer, revision="c" * 40)
    answer = ask(writer).json()
    known = ("success", "event_id", "status", "committed", "revision", "skill", "repository", "message")
    assert {name: answer[name] for name in known} == {
        "success": True,
        "event_id": MINE,
        "status": "committed",
        "committed": True,
        "revision": "c" * 40,
        "skill": "add_lesson_learned",
        "repository": "acme/api",
        "message": "",
    }
    assert answer["accepted_at"].endswith("Z")


@pytest.mark.parametrize(
    ("known", "advice"),
    [
        ({"minutes": 9}, ""),
        ({"minutes": 11}, "devnexus dead-letters list"),
        ({"minutes": 11, "is_sent": False}, "Send the same call again with the same idempotency_key"),
    ],
)
def test_a_pending_write_has_no_revision_and_says_what_to_do_where_something_is(writer, known, advice):
    written(writer, **known)
    answer = ask(writer).json()
    assert (answer["status"], answer["committed"], answer["revision"]) == ("pending", False, None)
    assert advice in answer["message"] and bool(advice) is bool(answer["message"])


def test_what_others_wrote_is_as_unknown_as_what_nobody_wrote(make_world):
    ben = make_world(caller=Caller("ben@example.com", is_verified=True, may_write=True))
    written(ben)
    theirs, nobodys = ask(ben), ask(ben, "nobody:wrote:this")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["error"].replace(MINE, "") == nobodys.json()["error"].replace(
        "nobody:wrote:this", ""
    )


def test_without_its_store_the_answer_is_none_rather_than_a_wrong_one(writer):
    def away(event_id, caller):
        raise Unavailable("the operational store did not answer")

    writer.writing.status = away
    answer = ask(writer)
    assert (answer.status_code, answer.json()["success"]) == (503, False)
    assert "operational" not in answer.text


def test_only_who_may_write_has_writes_to_ask_for(make_world):
    assert ask(make_world(caller=LOCAL)).status_code == 401
