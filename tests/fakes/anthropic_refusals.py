"""What Anthropic's API refuses, as https://platform.claude.com/docs tells of Sonnet 5.5 and Haiku 5.5."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fakes.anthropic_replies import Fails

KEY = "sk-ant-s3cr3t"
"""The one key that it knows."""
MODELS = frozenset({"claude-sonnet-5-5", "claude-haiku-5-5"})
_KNOWN = {
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "stop_sequences",
} | {
    "stream",
    "system",
    "thinking",
    "tool_choice",
    "tools",
}
_SAMPLING = ("temperature", "top_p", "top_k")


def faults_of(body: Mapping[str, Any]) -> Iterator[str]:
    """Why the models of the 5.5 family would refuse it with status 400."""
    yield from (f"{name}: not supported by this model" for name in _SAMPLING if name in body)
    unknown = body.keys() - _KNOWN - set(_SAMPLING)
    yield from (f"{name}: Extra inputs are not permitted" for name in sorted(unknown))
    if not 1 <= body.get("max_tokens", 0) <= 128_000:
        yield "max_tokens: must lie between 1 and 128000"
    if body.get("thinking", {}).get("type", "adaptive") not in {"adaptive", "between_tools"}:
        yield "thinking.type: can be neither turned off nor given a budget"
    if body.get("tool_choice", {}).get("type") in {"any", "tool"}:
        yield "tool_choice: this model cannot be forced to use a tool"
    if not body.get("messages") or body["messages"][-1]["role"] != "user":
        yield "messages: the last turn must be the user's"
    yield from _faults_of_text(body)
    output = body.get("output_config", {})
    if output.get("effort", "high") not in {"low", "medium", "high", "xhigh", "max"}:
        yield "output_config.effort: unknown"
    if "format" in output:
        yield from _faults_of_schema(output["format"]["schema"], "output_config.format.schema")


def _faults_of_text(body: Mapping[str, Any]) -> Iterator[str]:
    turns = [turn["content"] for turn in body.get("messages", ())]
    parts = [part for turn in (body.get("system", ()), *turns) if not isinstance(turn, str) for part in turn]
    if any(not text for text in [*(part["text"] for part in parts), *turns]):
        yield "text content blocks must be non-empty"
    if sum("cache_control" in part for part in parts) > 4:
        yield "A maximum of 4 blocks with cache_control may be provided"


_OUTSIDE_OF_DIALECT = {
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("maxItems", "uniqueItems", "minProperties", "maxProperties", "oneOf", "patternProperties"),
}


def _faults_of_schema(schema: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from (f"{at}: {word} is not supported" for word in sorted(schema.keys() & _OUTSIDE_OF_DIALECT))
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield f"{at}: 'additionalProperties' must be explicitly set to false"
    if schema.get("minItems", 0) > 1:
        yield f"{at}: minItems can be 0 or 1"
    named = {**schema.get("properties", {}), **schema.get("$defs", {})}
    for name, inner in named.items():
        yield from _faults_of_schema(inner, f"{at}.{name}")
    for inner in [schema["items"]] if "items" in schema else schema.get("anyOf", []):
        yield from _faults_of_schema(inner, f"{at}[]")


def refusal_of(headers: Mapping[str, str], body: Mapping[str, Any] | None) -> Fails | None:
    """The error that such a request gets, None where it is taken."""
    if KEY not in (headers.get("x-api-key"), headers.get("authorization", "").removeprefix("Bearer ")):
        return Fails(401, "authentication_error", "invalid x-api-key")
    if "anthropic-version" not in headers:
        return Fails(400, "invalid_request_error", "anthropic-version: header is required")
    if body is None:
        return None
    if "requests" not in body and body.get("model") not in MODELS:
        return Fails(404, "not_found_error", f"model: {body.get('model')}")
    faults = list(_faults_of_batch(body["requests"]) if "requests" in body else faults_of(body))
    return Fails(400, "invalid_request_error", faults[0]) if faults else None


def _faults_of_batch(requests: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    ids = [str(one.get("custom_id")) for one in requests]
    if not 1 <= len(ids) <= 100_000:
        yield "requests: must be 1 to 100000"
    if len(set(ids)) < len(ids):
        yield "requests: each needs a custom_id of its own"
    if not all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", one) for one in ids):
        yield "custom_id: must match ^[a-zA-Z0-9_-]{1,64}$"
