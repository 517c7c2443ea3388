"""What people read."""

import json
from datetime import UTC, datetime, timedelta, timezone

from notices import BILLING, ORDERS, RETRY, alike, missing, notice, place

from devnexus import logs
from devnexus.events.similarity_computed import Named, SharedComponent
from notifier import texts
from notifier.channels.console import Console

CLIENT = SharedComponent(
    name="HttpClient",
    likeness=0.93,
    here=place("src/http.py", 8, 60),
    there=place("src/http.py", 8, 66),
    changed_last="there",
    other_known=True,
    changed_at=datetime(2026, 5, 4, 1, tzinfo=timezone(timedelta(hours=2))),
)


def test_a_notice_reads_as_one_headline_and_a_line_for_each_further_fact():
    archive = Named(id="github.com/44", name="acme/archive")
    told = notice(
        introduced=(RETRY, RETRY.model_copy(update={"name": "Circuit breaker", "confidence": 0.6})),
        gone=(RETRY.model_copy(update={"name": "Polling"}),),
        entered=(alike(ORDERS, CLIENT),),
        left=(archive, BILLING),
        missing=(missing("Health check"),),
    )
    assert texts.text(told).splitlines() == [
        "acme/billing: Retry with backoff is new (src/http.py:14, strong)",
        "Circuit breaker is new (src/http.py:14, likely)",
        "Polling is gone",
        "now like acme/orders (0.43): both have Kafka messaging, tenacity and 2 more",
        "HttpClient (src/http.py:8-60) is about 93% the same as in acme/orders (src/http.py:8-66); "
        "acme/orders changed it on 3 May 2026, acme/billing has not since",
        "no longer like acme/archive and acme/billing",
        "4 of 5 repositories of its kind have Health check; acme/billing shows none "
        "(for example acme/orders src/http.py:22)",
    ]


def test_whatever_comes_first_is_the_headline():
    assert texts.headline(notice(left=(ORDERS,))) == "acme/billing: no longer like acme/orders"
    without_place = RETRY.model_copy(update={"place": None})
    assert texts.headline(notice(introduced=(without_place,))) == (
        "acme/billing: Retry with backoff is new (strong)"
    )


def test_what_a_terminal_would_obey_is_written_out():
    hostile = "a\x1b[2Jb\nc\x9bd\u202ee\u2028f\x00g\U000e0041h é 日本"
    told = notice(introduced=(RETRY.model_copy(update={"name": hostile}),))
    assert texts.text(told) == (
        "acme/billing: a\\u001b[2Jb\\u000ac\\u009bd\\u202ee\\u2028f\\u0000g\\U000e0041h é 日本"
        " is new (src/http.py:14, strong)"
    )


def test_the_console_writes_a_notice_as_one_line_of_the_log(capsys):
    logs.configure("notifier")
    Console().send("delivery 1", notice(introduced=(RETRY,), left=(ORDERS,)), datetime.now(UTC))
    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert entry["message"].splitlines() == [
        "acme/billing: Retry with backoff is new (src/http.py:14, strong)",
        "no longer like acme/orders",
    ]
    assert (entry["delivery_id"], entry["repository"]) == ("delivery 1", "acme/billing")
