"""How agents call: two envelopes, real statuses, a card that tells of every skill, and one front door."""

import json
from typing import Annotated

import pytest
from pydantic import AliasChoices, Field

from a2a_gateway.answer import Answer, Input, Part, Question
from a2a_gateway.described.card import Home, agent_card
from a2a_gateway.described.json_schema import input_schema
from a2a_gateway.skill import ReadingSkill


def fail(given, knowledge):
    raise RuntimeError("secret detail")


BROKEN = ReadingSkill(
    **{"id": "broken", "name": "Broken", "description": "Fails.", "tags": ()},
    **{"input": Question, "output": Answer, "run": fail, "example": Question()},
)


@pytest.fixture
def broken(make_world):
    return make_world(skills={"broken": BROKEN})


def post(world, content):
    return world.client.post("/a2a/execute", content=content)


def test_the_second_envelope_gets_its_answer_wrapped(world):
    call = {"skill_name": "get_repository_list", "input_data": {"include_metadata": False}}
    answer = world.client.post("/a2a/execute", json=call).json()
    assert set(answer) == {"success", "data", "error", "task_id"}
    assert (answer["success"], answer["error"], answer["task_id"]) == (True, None, None)
    assert answer["data"]["total_count"] == 5
    call = {"skill_name": "query_patterns", "input_data": {"keywords": 7}}
    answer = world.client.post("/a2a/execute", json=call)
    assert answer.status_code == 400
    refused = answer.json()
    assert [refused[name] for name in ("success", "data", "task_id")] == [False, None, None]
    assert refused["error"] == "keywords: Input should be a valid list"


@pytest.mark.parametrize(("by", "field"), [("skill_id", "input_data"), ("skill_name", "input")])
def test_the_input_of_the_other_envelope_is_taken_as_well(world, by, field):
    given = {"repository": "acme/apy"}
    answer = post(world, json.dumps({by: "get_deployment_info", field: given}).encode())
    assert "acme/apy" in answer.json()["error"]


def test_a_refusal_says_how_to_go_on_in_either_envelope_and_as_of_when_it_holds(world):
    given = {"repository": "acme/apy"}
    by_id = post(world, json.dumps({"skill_id": "get_deployment_info", "input": given}).encode())
    by_name = post(world, json.dumps({"skill_name": "get_deployment_info", "input_data": given}).encode())
    assert by_id.status_code == by_name.status_code == 404
    for refused in (by_id.json(), by_name.json()):
        assert refused["available_repositories"][0] == "acme/api"
        assert (refused["revision"], refused["stale_seconds"]) == (world.store.head(), 0)


def test_an_unknown_skill_is_not_found_and_the_known_ones_are_named(world):
    answer = world.execute("nope")
    assert answer.status_code == 404
    told = answer.json()
    assert (told["success"], told["error"]) == (False, "Unknown skill: nope")
    assert {"get_cross_repo_patterns", "get_repository_list"} <= set(told["available_skills"])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{}", "Missing required field: skill_id"),
        (b'{"skill_id": null, "input": {}}', "Missing required field: skill_id"),
        (b'{"skill_id": 7}', "skill_id: Input should be a valid string"),
        (b"", "The body is not JSON"),
        (b'{"skill_id": ', "The body is not JSON"),
        (b'{"skill_id": "\\ud800"}', "The body is not JSON"),
        (b"\xff", "The body is not JSON"),
        (b"[" * 100_000, "The body is not JSON"),
        (b'["query_patterns"]', "The body is not a JSON object"),
    ],
)
def test_a_body_that_is_no_call_is_a_bad_request(world, content, problem):
    answer = post(world, content)
    refused = answer.json()
    assert (answer.status_code, refused["success"], refused["error"]) == (400, False, problem)
    assert refused["timestamp"].endswith("Z") and refused["execution_time_ms"] == 0


def test_input_that_is_no_object_is_a_bad_request(world):
    answer = post(world, b'{"skill_id": "query_patterns", "input": ["retry"]}')
    assert answer.status_code == 400
    assert answer.json()["error"] == "input: Input should be an object"


def test_a_bug_shows_nothing_of_the_inside(broken):
    answer = broken.execute("broken")
    assert answer.status_code == 500
    assert set(answer.json()) == {"success", "error", "request_id", "timestamp", "execution_time_ms"}
    assert (answer.json()["success"], answer.json()["error"]) == (False, "Internal error")


def test_no_task_can_be_cancelled_because_there_is_none(world):
    answer = world.client.post("/a2a/cancel", json={})
    assert (answer.status_code, answer.json()["error"]) == (400, "Missing required field: task_id")
    answer = world.client.post("/a2a/cancel", json={"task_id": "7"})
    assert (answer.status_code, answer.json()["error"].startswith("Unknown task: 7. ")) == (404, True)


def test_the_card_tells_of_every_skill_what_goes_in(world):
    card = world.client.get("/.well-known/agent.json", headers={"Host": "nexus.example.com"}).json()
    assert (card["name"], card["url"]) == ("pattern_discovery_agent", "http://nexus.example.com")
    assert card["capabilities"] == {"streaming": False, "multimodal": False, "authentication": "optional"}
    assert card["metadata"]["skill_count"] == len(card["skills"]) == len(world.skills)
    (entry,) = (skill for skill in card["skills"] if skill["id"] == "query_patterns")
    assert set(entry) == {
        *("id", "name", "description", "tags", "requires_authentication", "input_schema", "examples")
    }
    assert entry["examples"][0]["input"] == {"patterns": ["Retry with backoff"]}
    assert entry["input_schema"]["properties"]["min_matches"] == {
        "type": "integer",
        "default": 1,
        "minimum": 1,
        "description": "How many of the keywords, patterns or words a repository must have.",
    }


def test_the_card_says_how_to_come_in_and_who_else_is_there():
    home = Home("knowledge", "https://nexus.example", False, {"pattern_miner": "https://miner.example"})
    card = agent_card([], home, "http://internal")
    assert card["capabilities"]["authentication"] == "required"
    assert card["metadata"]["external_agents"] == {"pattern_miner": "https://miner.example"}
    assert card["metadata"]["documentation"] == "https://nexus.example/openapi.json"
    note = card["metadata"]["authentication_note"]
    assert "Bearer" in note and "X-API-Key" in note and "https://nexus.example" in note


class Place(Part):
    """Somewhere."""

    line: int


class Nested(Input):
    """What goes in."""

    places: Annotated[list[Place], Field(validation_alias=AliasChoices("places", "where", "at"))]
    """Where to look."""


def test_the_schema_of_an_input_refers_to_nothing_and_says_what_else_a_field_is_called():
    place = {
        "title": "Place",
        "description": "Somewhere.",
        "type": "object",
        "properties": {"line": {"type": "integer"}},
        "required": ["line"],
        "additionalProperties": False,
    }
    assert input_schema(Nested) == {
        "type": "object",
        "properties": {
            "places": {
                "type": "array",
                "items": place,
                "description": "Where to look. Also taken as `at` or `where`.",
            }
        },
        "required": ["places"],
    }


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/html;q=0.9, application/json;q=0.8", "text/html"),
        ("text/html;q=0.8, application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("image/png", "application/json"),
    ],
)
def test_the_front_door_shows_browsers_a_page_and_agents_json(world, accept, kind):
    answer = world.client.get("/", headers={"Accept": accept})
    assert (answer.status_code, world.mimetype(answer), answer.headers["Vary"]) == (200, kind, "Accept")


def test_the_front_door_tells_agents_where_everything_is(world):
    answer = world.client.get("/").json()
    assert answer["service"] == "Pattern Discovery Agent A2A Server"
    assert answer["endpoints"]["execute"] == "http://localhost/a2a/execute"
    assert set(answer["endpoints"]) == {
        *("execute", "cancel", "workflow", "agent_card", "health", "skills", "openapi")
    }
    assert answer["protocol_cards"]["1.0"] == "http://localhost/.well-known/agent-card.json"
    assert answer["skills_registered"] == len(world.skills)


def test_what_is_not_there_is_said_in_the_client_s_language(world):
    answer = world.client.get("/nothing")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Not Found")
    answer = world.client.get("/nothing", headers=world.BROWSER)
    assert (answer.status_code, world.mimetype(answer)) == (404, "text/html")
    answer = world.client.get("/a2a/execute")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
