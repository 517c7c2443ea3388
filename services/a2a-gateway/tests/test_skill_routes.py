"""`/skills`: each skill by its own address."""

import logging
from dataclasses import replace

import pytest

from a2a_gateway.registry import load_skills


def test_a_skill_is_called_by_its_own_address_with_its_input_as_the_body(world):
    answer = world.client.post("/skills/get_repository_list", json={"include_metadata": False})
    assert (answer.status_code, answer.json()["total_count"]) == (200, 5)
    assert answer.json()["revision"] == world.store.head()


def test_a_skill_that_needs_nothing_is_called_without_a_body(world):
    assert world.client.post("/skills/get_repository_list").json()["total_count"] == 5


def test_the_list_says_who_may_call_what(world):
    listed = world.client.get("/skills").json()
    assert (listed["success"], listed["count"]) == (True, len(world.skills))
    (entry,) = (one for one in listed["skills"] if one["id"] == "get_repository_list")
    assert entry == {
        "id": "get_repository_list",
        "name": "Get Repository List",
        "description": world.skills["get_repository_list"].description,
        "tags": ["repositories", "list", "metadata"],
        "kind": "reading",
        "who_may_call": "readers",
    }


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "error"),
    [
        ("POST", "/skills/nope", b"{}", 404, "Unknown skill: nope"),
        ("POST", "/skills/query_patterns", b"{", 400, "The body is not JSON"),
        ("POST", "/skills/query_patterns", b"[]", 400, "The body is not a JSON object"),
        ("GET", "/skills/query_patterns", b"", 405, "Method Not Allowed"),
        ("POST", "/skills", b"{}", 405, "Method Not Allowed"),
        ("POST", "/health", b"", 405, "Method Not Allowed"),
        ("DELETE", "/openapi.json", b"", 405, "Method Not Allowed"),
        ("GET", "/skills/a/b", b"", 404, "Not Found"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_shape(world, method, path, content, status, error):
    answer = world.client.request(method, path, content=content)
    assert (answer.status_code, answer.json()["success"], answer.json()["error"]) == (status, False, error)


def test_each_call_leaves_one_line_that_says_what_became_of_it(make_world, caplog):
    def fail(asked, knowledge):
        raise KeyError("a secret")

    skills = load_skills()
    broken = replace(skills["get_pattern_health"], run=fail)
    world = make_world(skills={**skills, broken.id: broken})
    caplog.set_level(logging.INFO, logger="a2a_gateway.perform")
    world.is_down = True
    world.execute("get_repository_list")
    world.is_down = False
    world.now += 10
    world.execute("get_repository_list", token="hidden")
    world.execute("query_patterns", limit="many")
    world.execute("nobody's skill " * 1000)
    world.execute(broken.id, **broken.example_given())
    lines = [one for one in caplog.records if one.name == "a2a_gateway.perform"]
    assert [(one.skill, one.outcome) for one in lines] == [
        ("get_repository_list", "not-now"),
        ("get_repository_list", "answered"),
        ("query_patterns", "refused"),
        ("other", "refused"),
        (broken.id, "bug"),
    ]
    assert all(one.duration_ms >= 0 and one.getMessage() == "skill called" for one in lines)
    assert "hidden" not in str([vars(one) for one in lines])
