"""Who is like a repository, with reasons that can be looked at; what people dismissed is left out."""

import pytest
from builders import known


def ask(world, **given):
    return world.execute("find_similar_repositories", **{"repository": "Acme/API", **given})


def test_the_most_alike_come_with_what_is_shared_and_where(world):
    told = ask(world, limit=2).json()
    assert [one["repository"] for one in told["similar"]][0] == "acme/billing"
    assert (told["repository"], told["count"]) == ("acme/api", 2)
    billing = told["similar"][0]
    assert billing["score"] > told["similar"][1]["score"] > 0
    assert {"name": "Retry backoff", "here": "src/retry-backoff.py:3", "there": "src/retry-backoff.py:3"} == {
        name: value
        for one in billing["shared_patterns"]
        if one["name"] == "Retry backoff"
        for name, value in one.items()
        if name != "weight"
    }
    assert [one["name"] for one in billing["shared_packages"]] == ["httpx"]
    (code,) = billing["shared_components"]
    assert (code["name"], code["here"], code["there"]) == (
        "ServiceClient",
        "src/http.py:10-29",
        "src/http.py:12-31",
    )
    assert billing["reasons"][0].startswith("Shares ")
    assert billing["reasons"][0].endswith(", and 1 component the same or nearly")
    assert "acme/billing changed it on 1 March 2026, acme/api has not since" in billing["reasons"][-1]
    page = world.page("/repositories/acme/api")
    assert f"<p>{billing['reasons'][0]}. <a" in page


def test_as_many_as_are_asked_for_are_named_and_no_others(empty):
    empty.put(*(known(f"acme/r{n}", n, patterns=["saga", "outbox"]) for n in range(1, 10)))
    told = ask(empty, repository="acme/r1", limit=7).json()
    assert told["count"] == 7 and "acme/r1" not in [one["repository"] for one in told["similar"]]
    assert ask(empty, repository="acme/r1").json()["count"] == 5


def test_whoever_is_less_alike_than_asked_for_is_left_out(world):
    first, second, *_ = ask(world).json()["similar"]
    told = ask(world, min_score=(first["score"] + second["score"]) / 2).json()
    assert [one["repository"] for one in told["similar"]] == ["acme/billing"]


def test_what_people_do_not_want_to_hear_of_is_not_named(world):
    head, path = world.store.head(), "corrections/acme/api.yaml"
    world.store.commit({path: b"hide: [{alike: acme/billing}]\n"}, message="no", expected_head=head)
    world.now += 1
    assert "acme/billing" not in [one["repository"] for one in ask(world, limit=50).json()["similar"]]


@pytest.mark.parametrize("given", [{"limit": 0}, {"limit": 51}, {"min_score": 2}])
def test_what_cannot_be_asked_for_is_refused(world, given):
    assert ask(world, **given).status_code == 400


def test_an_unknown_repository_is_not_found_and_the_nearest_are_named(world):
    answer = ask(world, repository="acme/job")
    assert (answer.status_code, answer.json()["available_repositories"][0]) == (404, "acme/jobs")
