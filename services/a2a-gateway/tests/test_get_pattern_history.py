"""Where a pattern came and went, what took its place, and where to see how."""

import pytest
from builders import NOON, pushed, reading, record_of, repository, row, sha

from devnexus.events.patterns_extracted import Pattern

OLD = Pattern(id="memcached", name="Memcached", category="data")
NEW = Pattern(id="redis-caching", name="Redis caching", category="data")
ASIDE = Pattern(id="metrics", name="Metrics", category="observability")


def push(where, before, after, minute, *files):
    patterns = (OLD, NEW, ASIDE)
    return record_of(pushed(before, after, minute, repository=where), *files, patterns=patterns)


def shows(path, *patterns, line=1):
    return reading(path, *(row(pattern.id, line=line, weight=0.8) for pattern in patterns))


def migrating(name, number, *, at):
    """A repository that took up the old one, did something else, and changed to the new one."""
    where = repository(name, number)
    return [
        push(where, "0", f"{name} 1", at, shows("app.py")),
        push(where, f"{name} 1", f"{name} 2", at + 1, shows("cache.py", OLD)),
        push(where, f"{name} 2", f"{name} 3", at + 2, shows("cache.py", OLD, line=9)),
        push(where, f"{name} 3", f"{name} 4", at + 3, shows("cache.py", NEW, ASIDE, line=7)),
    ]


@pytest.fixture
def caching(empty):
    empty.learn(*migrating("acme/shop", 1, at=50))
    empty.learn(*migrating("acme/blog", 2, at=10))
    empty.learn(push(repository("acme/legacy", 3), "0", "l", 0, shows("cache.py", OLD)))
    empty.learn(push(repository("acme/other", 4), "0", "o", 900, shows("x.py", ASIDE)))
    return empty


def history(world, name="memcached", **given):
    answer = world.execute("get_pattern_history", pattern_name=name, **given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_says_with_which_pushes_a_pattern_came_and_went_and_what_came_instead(caching):
    (past,) = history(caching, repository="ACME/shop")["repositories"]
    assert (past["repository"], past["has_it"], past["is_whole"]) == ("acme/shop", False, True)
    assert past["first_seen"] == "2026-03-01T12:51:00Z"
    said = [(one["what"], one["at"], one["commit_sha"], one["replaced_by"]) for one in past["events"]]
    assert said == [
        ("appeared", "2026-03-01T12:51:00Z", sha("acme/shop 2"), []),
        ("went", "2026-03-01T12:53:00Z", sha("acme/shop 4"), ["redis-caching"]),
    ]
    assert [one["is_first_reading"] for one in past["events"]] == [False, False]


def test_the_example_is_that_of_the_last_repository_that_changed(caching):
    (replacement,) = history(caching)["replaced_by"]
    assert (replacement["pattern"], replacement["repositories"]) == (
        "Redis caching",
        ["acme/shop", "acme/blog"],
    )
    assert replacement["example"] == {
        "repository": "acme/shop",
        "commit_sha": sha("acme/shop 4"),
        "at": "2026-03-01T12:53:00Z",
        "path": "cache.py",
        "line": 7,
        "read_at": sha("acme/shop 4"),
    }


def test_where_those_who_changed_have_it_no_more_another_is_the_example(caching):
    where = repository("acme/shop", 1)
    last = push(where, "acme/shop 4", "5", 99, reading("cache.py", status="removed"))
    caching.learn(*migrating("acme/shop", 1, at=50), last)
    caching.now += 10
    assert history(caching)["replaced_by"][0]["example"]["repository"] == "acme/blog"


def test_where_it_went_comes_first_then_where_it_is_then_all_others_page_by_page(caching):
    found = history(caching, limit=2)
    assert [one["repository"] for one in found["repositories"]] == ["acme/blog", "acme/shop"]
    assert (found["pagination"]["next_offset"], found["repositories_with_pattern"]) == (2, 1)
    rest = history(caching, limit=2, offset=2)["repositories"]
    assert [(one["repository"], one["has_it"], len(one["events"])) for one in rest] == [
        ("acme/legacy", True, 1),
        ("acme/other", False, 0),
    ]
    assert rest[0]["events"][0]["is_first_reading"]


def test_a_pattern_that_everybody_left_is_still_found(empty):
    empty.learn(*migrating("acme/shop", 1, at=50))
    found = history(empty, "MEMCACHED")
    assert (found["pattern_id"], found["repositories_with_pattern"]) == ("memcached", 0)
    assert found["repositories"][0]["events"][-1]["what"] == "went"


def test_of_a_repository_that_is_pushed_to_too_often_the_last_pushes_tell(caching, monkeypatch):
    monkeypatch.setattr("a2a_gateway.knowledge.pattern_pasts.MOST_RECORDS", 3)
    (past,) = history(caching, repository="acme/shop")["repositories"]
    assert (past["is_whole"], [one["what"] for one in past["events"]]) == (False, ["appeared", "went"])
    monkeypatch.setattr("a2a_gateway.knowledge.pattern_pasts.MOST_RECORDS", 5)
    assert len(history(caching, limit=4)["repositories"]) == 1


def test_what_is_unknown_is_said_to_be(caching):
    answer = caching.execute("get_pattern_history", pattern_name="memcache", repository=None)
    assert (answer.status_code, answer.json()["near_patterns"]) == (404, ["Memcached"])
    answer = caching.execute("get_pattern_history", pattern_name="memcached", repository="acme/none")
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "Unknown repository: acme/none. get_repository_list names those that are known",
    )


def test_a_damaged_history_is_an_error_and_no_empty_one(caching):
    path = f"history/github.com/1/{NOON:%Y-%m-%d}.jsonl"
    caching.store.commit({path: b"{}\n"}, message="damage", expected_head=caching.store.head())
    caching.now += 10
    answer = caching.execute("get_pattern_history", pattern_name="memcached", repository="acme/shop")
    assert (answer.status_code, answer.json()["error"]) == (
        503,
        "The history of acme/shop cannot be read: it is damaged",
    )
