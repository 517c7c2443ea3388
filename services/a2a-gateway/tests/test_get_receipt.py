"""What `get_receipt` tells of a push: the same as its page, whichever way the push is named."""

import pytest
from builders import NOON, sha


def ask(world, **given):
    return world.execute("get_receipt", repository="ACME/api", **given)


def test_the_last_push_tells_what_was_read_and_what_was_not(told):
    receipt = ask(told).json()
    assert receipt["summary"] == "Of 9 touched files, 2 were read whole."
    assert (receipt["files"], receipt["read"], receipt["unverified"]) == (9, 2, 1)
    assert receipt["not_read"] == [{"reason": "lock file", "count": 6, "paths": ["uv.lock"]}]
    assert receipt["clipped"] == [{"reason": "too many lines", "count": 1, "paths": ["big.sql"]}]
    assert receipt["redacted"] == [{"kind": "aws-access-key", "path": "src/settings.py", "count": 2}]
    assert (receipt["removed"], receipt["removed_count"]) == (["old.py"], 1)
    retry, caching = receipt["patterns"]
    assert (retry["pattern"], retry["introduced"]) == ("Retry with backoff", True)
    assert retry["places"] == ["src/client.py:7", "src/client.py:90"]
    assert (caching["id"], caching["introduced"]) == ("redis-caching", False)
    assert told.client.get(receipt["page"]).status_code == 200


def test_a_push_is_found_by_its_day_and_digits_its_id_and_its_commits(told):
    last = ask(told).json()
    for given in (
        {"day": "2026-03-01", "digits": last["digits"]},
        {"push": last["record_id"]},
        {"commit": sha("a")[:7].upper()},
        {"commit": sha("a"), "day": "2026-03-01"},
    ):
        assert ask(told, **given).json()["record_id"] == last["record_id"], given


@pytest.mark.parametrize(
    ("given", "status", "problem"),
    [
        ({"commit": "abcdef0"}, 404, "No such push or snapshot on the days of the last 10 pushes;"),
        ({"commit": sha("a"), "day": "2026-02-28"}, 404, "No such push or snapshot on 2026-02-28"),
        ({"commit": "abc"}, 400, "commit: give at least 7 digits"),
        ({"commit": sha("a"), "day": "../../x"}, 400, "day: write it as 2026-03-01"),
        ({"day": "2026-03-01"}, 400, "day: give the digits, the push or the commit as well"),
    ],
)
def test_what_cannot_be_found_says_why(told, given, status, problem):
    answer = ask(told, **given)
    assert answer.status_code == status and answer.json()["error"].startswith(problem)


def test_a_history_that_cannot_be_read_is_an_error_and_no_empty_receipt(told):
    path = f"history/github.com/1/{NOON:%Y-%m-%d}.jsonl"
    told.store.commit({path: b"{broken\n"}, message="damage", expected_head=told.store.head())
    told.now += 1
    assert ask(told).status_code == 503
