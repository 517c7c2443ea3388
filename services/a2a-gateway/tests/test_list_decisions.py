"""What was decided, wherever: filtered as asked, the newest first, with the line or commit that says so."""

import time
from datetime import timedelta

import pytest
from builders import NOON, known

from devnexus.knowledge.projection import StandingDecision


def decision(title, minute, *, kind="adr", status="Accepted", line=1):
    return StandingDecision(
        kind=kind,
        title=title,
        status=status,
        confidence=0.9,
        path="docs/adr/1.md" if line else None,
        line=line,
        commit="c" * 40,
        at=NOON + timedelta(minutes=minute),
    )


@pytest.fixture
def deciding(empty):
    api = (decision("Retry with backoff", 3), decision("Use tenacity for retries", 1, status="superseded"))
    web = (decision("httpx instead of requests", 2, kind="swap", status=None, line=None),)
    empty.put(
        known("acme/api", 1).model_copy(update={"standing_decisions": api}),
        known("acme/web", 2).model_copy(update={"standing_decisions": web}),
    )
    return empty


@pytest.mark.parametrize(
    ("given", "titles"),
    [
        ({}, ["Retry with backoff", "httpx instead of requests", "Use tenacity for retries"]),
        ({"repository": "ACME/web"}, ["httpx instead of requests"]),
        ({"kind": "swap"}, ["httpx instead of requests"]),
        ({"kind": "Major upgrade"}, []),
        ({"status": "accepted"}, ["Retry with backoff"]),
        ({"words": "RETR tenacity"}, ["Use tenacity for retries"]),
        ({"since": "2026-03-01T12:02:00Z"}, ["Retry with backoff", "httpx instead of requests"]),
        ({"since": "2026-03-02"}, []),
        ({"limit": 1, "offset": 1, "repository": None}, ["httpx instead of requests"]),
    ],
)
def test_decisions_are_listed_as_asked_the_newest_first(deciding, given, titles):
    told = deciding.execute("list_decisions", **given).json()
    assert [one["title"] for one in told["decisions"]] == titles


def test_a_megabyte_of_words_is_not_looked_for_in_every_title(empty):
    many = tuple(decision("e" * 300, number) for number in range(2000))
    empty.put(known("acme/api", 1).model_copy(update={"standing_decisions": many}))
    empty.execute("list_decisions")
    began = time.process_time()
    told = empty.execute("list_decisions", words="e " * 490_000, limit=1).json()
    assert told["total_decisions"] == 2000
    assert time.process_time() - began < 5


def test_a_decision_says_where_it_can_be_read(deciding):
    first, second, _ = deciding.execute("list_decisions").json()["decisions"]
    assert first == {
        "repository": "acme/api",
        "kind": "adr",
        "title": "Retry with backoff",
        "status": "Accepted",
        "confidence": 0.9,
        "source": "rules",
        "place": "docs/adr/1.md:1",
        "commit": "c" * 40,
        "at": "2026-03-01T12:03:00Z",
    }
    assert second["place"] is None


def test_what_is_not_known_or_no_time_is_refused(deciding):
    assert deciding.execute("list_decisions", repository="acme/none").status_code == 404
    answer = deciding.execute("list_decisions", since="yesterday")
    assert (answer.status_code, answer.json()["error"][:6]) == (400, "since:")
