"""What holds for every skill because it is one: a new one is tested here by being there."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from a2a_gateway.described.json_schema import answer_schema, input_schema
from a2a_gateway.registry import load_skills

SKILLS = load_skills()
ORIGINAL = json.loads(Path(__file__).with_name("original_skills.json").read_text())
"""Skill → what callers of the original system send and read."""

STAMP = {"revision", "stale_seconds", "timestamp", "execution_time_ms"}
ODD = ({"no": ["such", "thing"]}, 7, "text", True)

every_skill = pytest.mark.parametrize("skill", SKILLS.values(), ids=lambda skill: skill.id)
originals = pytest.mark.parametrize("skill_id", ORIGINAL)


def by_id(world, skill, given):
    answer = world.client.post("/a2a/execute", json={"skill_id": skill.id, "input": given})
    return answer.status_code, answer.json()


def by_name(world, skill, given):
    answer = world.client.post("/a2a/execute", json={"skill_name": skill.id, "input_data": given})
    body = answer.json()
    assert set(body) >= {"success", "data", "error", "task_id"}
    return answer.status_code, body["data"] or body


def by_path(world, skill, given):
    answer = world.client.post(f"/skills/{skill.id}", json=given)
    return answer.status_code, answer.json()


WAYS_IN = (by_id, by_name, by_path)


@every_skill
def test_its_example_is_answered_whoever_asks_how(writer, skill):
    for call in WAYS_IN:
        status, answer = call(writer, skill, skill.example_given())
        assert (status, answer["success"]) == (200, True), answer
        assert set(answer) >= STAMP
        Draft202012Validator(answer_schema(skill.output)).validate(answer)


@every_skill
def test_null_is_the_default_and_unknown_fields_are_ignored(writer, skill):
    nulls = dict.fromkeys(input_schema(skill.input)["properties"])
    given = {**nulls, **skill.example_given(), "no_such_field": {"deep": [1]}}
    for call in WAYS_IN:
        status, answer = call(writer, skill, given)
        assert (status, answer["success"]) == (200, True), answer


@every_skill
def test_a_field_of_the_wrong_type_is_named(writer, skill):
    for field, schema in input_schema(skill.input)["properties"].items():
        odd = next((one for one in ODD if not Draft202012Validator(schema).is_valid(one)), None)
        for call in WAYS_IN if odd is not None else ():
            status, answer = call(writer, skill, {**skill.example_given(), field: odd})
            assert (status, answer["success"]) == (400, False), field
            assert field in answer["error"]


@every_skill
def test_a_required_field_that_is_missing_is_named(writer, skill):
    for field in input_schema(skill.input)["required"]:
        given = {name: value for name, value in skill.example_given().items() if name != field}
        for call in WAYS_IN:
            status, answer = call(writer, skill, given)
            assert (status, field in answer["error"]) == (400, True), answer


@every_skill
def test_a_body_that_is_no_object_is_refused(writer, skill):
    for call in WAYS_IN:
        status, answer = call(writer, skill, ["not", "an", "object"])
        assert (status, answer["success"]) == (400, False)
        assert "object" in answer["error"]
        assert set(answer) >= {"timestamp", "execution_time_ms"}


@originals
def test_what_callers_of_the_original_send_is_taken(skill_id):
    schema = input_schema(SKILLS[skill_id].input)
    assert set(ORIGINAL[skill_id]["input"]) <= set(schema["properties"])
    assert set(schema["required"]) <= set(ORIGINAL[skill_id]["required"])


@originals
def test_what_callers_of_the_original_read_is_there(skill_id):
    assert set(ORIGINAL[skill_id]["answer"]) <= set(answer_schema(SKILLS[skill_id].output)["properties"])
