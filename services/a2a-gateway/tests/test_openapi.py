"""The OpenAPI document, and the real application held against it by schemathesis."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from a2a_gateway.described.card import Home
from a2a_gateway.described.openapi import openapi_document
from a2a_gateway.kb.operations import KB_OPERATIONS
from a2a_gateway.registry import load_skills

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SETTINGS = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck), max_examples=10
)
WITH_MORE = settings(SETTINGS, max_examples=20)
NAMED = {"owner": "acme", "repo": "api", "pattern_type": "retry"}
"""What is known here of what paths name."""

SKILLS = load_skills()
DOCUMENT = openapi_document(SKILLS, Home("knowledge.git", None, is_open=True), KB_OPERATIONS)
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
BODIES = [path for path, method in OPERATIONS if method == "post"]


def hold(world, path, method, mode=GenerationMode.POSITIVE, settings=SETTINGS):
    """Call one operation with what its schema allows, or does not, and check each answer."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", world.client.app)
    example = DOCUMENT["paths"][path][method].get("requestBody", {})
    example = example.get("content", {}).get("application/json", {}).get("example", {})
    kept = st.sets(st.sampled_from(sorted(example))) if example else st.just(())

    @settings
    @given(case=schema[path][method].as_strategy(generation_mode=mode), kept=kept, named=st.booleans())
    def held(case, kept, named):
        if mode is GenerationMode.POSITIVE and example:
            case.body.pop("as_of", None)  # hardly any text is a time
            # what is known here, which is further in than any name that can be made up
            case.body.update({field: example[field] for field in kept})
        if named and set(case.path_parameters) <= NAMED.keys():
            case.path_parameters = {name: NAMED[name] for name in case.path_parameters}
        case.call_and_validate(checks=CHECKS)

    held()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_one_that_the_document_describes(writer, path, method):
    hold(writer, path, method, settings=WITH_MORE)


@pytest.mark.parametrize("path", BODIES)
def test_input_that_the_document_does_not_allow_is_no_trouble(writer, path):
    hold(writer, path, "post", GenerationMode.NEGATIVE)


@pytest.mark.parametrize("path", BODIES)
def test_whoever_does_not_say_who_they_are_is_answered_as_described(stranger, path):
    hold(stranger, path, "post")


def test_every_schema_is_one_and_refers_to_what_is_there():
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    referred = set(_references(DOCUMENT))
    assert referred == {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "responses")
        for name in DOCUMENT["components"][kind]
    }


def _references(part):
    if isinstance(part, dict):
        for name, value in part.items():
            yield from [value] if name == "$ref" else _references(value)
    elif isinstance(part, list):
        for one in part:
            yield from _references(one)


def test_the_document_says_who_may_call_and_what_comes_back(world):
    answer = world.client.get("/openapi.json")
    document = answer.json()
    asked = document["paths"]["/skills/query_patterns"]["post"]
    assert asked["security"] == [{}, {"bearer": []}, {"apiKey": []}]
    assert asked["requestBody"]["content"]["application/json"] == {
        "schema": {"$ref": "#/components/schemas/QueryPatterns"},
        "example": {"patterns": ["Retry with backoff"]},
    }
    answered = document["components"]["schemas"]["Matches"]
    assert {"matches", "revision", "stale_seconds", "timestamp"} <= set(answered["required"])
    closed = openapi_document(world.skills, Home("knowledge.git", "https://nexus.example", is_open=False))
    assert closed["paths"]["/skills/query_patterns"]["post"]["security"] == [{"bearer": []}, {"apiKey": []}]
    assert closed["servers"] == [{"url": "https://nexus.example"}]
    same = world.client.get("/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
