"""What somebody writes as `key=value` in a terminal, as the JSON that a skill takes."""

import difflib
import json
from collections.abc import Iterable
from typing import Any

from devnexus.errors import ConfigurationError
from devnexus.values import load_json
from devnexus_cli.calling.described import Described, Schema, type_of

_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})


def read_given(skill: Described, pairs: Iterable[str]) -> dict[str, object]:
    """The fields that `pairs` give, each as its skill's schema wants it.

    Raises ConfigurationError naming the field where there is none of that name, or the value cannot be read.
    """
    given: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise ConfigurationError(f"{pair!r} is not KEY=VALUE")
        given[name] = _value(name, text, _field(skill, name))
    return given


def _field(skill: Described, name: str) -> Schema:
    fields = skill.input_schema.properties
    if name in fields:
        return fields[name]
    like = difflib.get_close_matches(name, fields, n=1)
    meant = f"did you mean {like[0]}?" if like else f"there are: {', '.join(fields) or 'none'}"
    raise ConfigurationError(f"{name}: {skill.id} has no such field; {meant}")


def _value(name: str, text: str, schema: Schema) -> object:
    kinds = _kinds(schema)
    if "object" in kinds and (text[:1] == "{" or kinds == {"object"}):
        return _json(name, text, schema)
    if "array" in kinds:
        return _list(name, text, schema)
    if "boolean" in kinds and text.lower() in _YES | _NO:
        return text.lower() in _YES
    for kind, number in (("integer", int), ("number", float)):
        if kind in kinds and (found := _number(text, number)) is not None:
            return found
    if "string" in kinds or not kinds:
        return text
    raise ConfigurationError(f"{name}: {text!r} is not {type_of(schema)}")


def _kinds(schema: Schema) -> set[str]:
    """The types that a value may have, as far as they are told."""
    match schema:
        case {"anyOf": [*several]}:
            return set().union(*(_kinds(one) for one in several if isinstance(one, dict))) - {"null"}
        case {"type": str(kind)}:
            return {kind}
        case {"enum": [*values]} | {"const": values}:
            return {"string"} if all(isinstance(one, str) for one in values) else set()
    return set()


def _list(name: str, text: str, schema: Schema) -> list[object]:
    if text[:1] == "[":
        found = _json(name, text, schema)
        assert isinstance(found, list)
        return found
    items = _items(schema)
    if text[:1] == "{":
        return [_json(name, text, items)]
    return [_value(name, one.strip(), items) for one in text.split(",")] if text.strip() else []


def _items(schema: Schema) -> Schema:
    branches = [schema, *(one for one in schema.get("anyOf", ()) if isinstance(one, dict))]
    items: Any = next((one["items"] for one in branches if isinstance(one.get("items"), dict)), {})
    found: Schema = items
    return found


def _number(text: str, number: type[int] | type[float]) -> int | float | None:
    try:
        found = number(text)
        json.dumps(found, allow_nan=False)
    except ValueError:
        return None
    return found


def _json(name: str, text: str, schema: Schema) -> object:
    try:
        found: object = load_json(text)
    except ValueError as error:
        raise ConfigurationError(f"{name}: {type_of(schema)}, to be written as JSON: {error}") from error
    return found
