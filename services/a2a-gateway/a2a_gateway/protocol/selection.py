"""Which skill a message asks for, and with what input: the protocol itself has no word for it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from a2a.types.a2a_pb2 import Message, Part
from google.protobuf.struct_pb2 import Struct, Value

from a2a_gateway.protocol.values import plain
from devnexus.values import is_deeper_than, load_json

__all__ = ["EXTENSION", "Asked", "Unclear", "asked", "plain"]

EXTENSION = "urn:dev-nexus:a2a:skills:1"
"""The extension by which a message names the skill in so many words; nobody has to know it."""

_IN_METADATA = ("skillId", "skill_id", "skill")
_IN_CALLS = (*_IN_METADATA, "skillName", "skill_name")
_INPUTS = ("input", "input_data", "inputData")

_BEFORE_JSON = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_DEEPEST = 100
_SHOWN = 100


@dataclass(frozen=True)
class Asked:
    """The skill that a message names, which may be none that there is, and the input as it was given."""

    skill_id: str
    input: object
    """None where the message holds none."""


class Unclear(Exception):
    """What a message says of the skill or of its input cannot be what was meant, or is said twice."""

    def __init__(self, *fields: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message in fields))
        self.fields = list(fields)
        """What is wrong in which field."""


@dataclass(frozen=True)
class _Said:
    where: str
    what: object


@dataclass(frozen=True)
class _Told:
    """All that a message says."""

    names: list[_Said] = field(default_factory=list)
    inputs: list[_Said] = field(default_factory=list)
    loose: list[_Said] = field(default_factory=list)
    """JSON objects in text that name no skill: input where there is no other, and else a repetition of it."""
    files: list[str] = field(default_factory=list)


def asked(message: Message, request_metadata: Struct) -> Asked | None:
    """What the message asks for; None where it names no skill.

    Raises Unclear where it names several, or gives several inputs, or input that no skill takes.
    """
    told = _Told()
    told.names.extend(_in_metadata(message.metadata, "message.metadata"))
    told.names.extend(_in_metadata(request_metadata, "metadata"))
    for number, part in enumerate(message.parts):
        _read(part, f"message.parts[{number}]", told)
    if not told.names:
        return None
    skill_id = _skill_id(told.names)
    if told.files:
        raise Unclear((told.files[0], "No skill takes files: give the input in a data part"))
    return Asked(skill_id, _input(told.inputs or told.loose))


def _in_metadata(metadata: Struct, where: str) -> Iterator[_Said]:
    fields = metadata.fields
    if EXTENSION in fields:
        ours = _plain(fields[EXTENSION], f"{where}[{EXTENSION}]")
        if not isinstance(ours, dict):
            raise Unclear((f"{where}[{EXTENSION}]", 'Should be an object: {"skillId": …}'))
        yield from _names(ours, _IN_METADATA, f"{where}[{EXTENSION}]")
    found = {key: _plain(fields[key], f"{where}.{key}") for key in _IN_METADATA if key in fields}
    yield from _names(found, _IN_METADATA, where)


def _names(content: dict[str, object], keys: Sequence[str], where: str) -> Iterator[_Said]:
    for key in keys:
        if content.get(key) not in (None, ""):
            yield _Said(f"{where}.{key}", content[key])


def _read(part: Part, where: str, told: _Told) -> None:
    match part.WhichOneof("content"):
        case "data":
            content = _plain(part.data, f"{where}.data")
            if not _read_call(content, f"{where}.data", told):
                told.inputs.append(_Said(f"{where}.data", content))
        case "text":
            content = _in_text(part.text, f"{where}.text")
            if content is not None and not _read_call(content, f"{where}.text", told):
                told.loose.append(_Said(f"{where}.text", content))
        case "raw" | "url" as kind:
            told.files.append(f"{where}.{kind}")


def _read_call(content: object, where: str, told: _Told) -> bool:
    """Whether `content` is a call as `/a2a/execute` takes it, which is noted then."""
    if not isinstance(content, dict):
        return False
    names = list(_names(content, _IN_CALLS, where))
    told.names.extend(names)
    if names:
        told.inputs.extend(_Said(f"{where}.{key}", content[key]) for key in _INPUTS if key in content)
    return bool(names)


def _in_text(text: str, where: str) -> dict[str, object] | None:
    """The JSON object that a text is, or the call that `skill_id {…}` is; None for all other text."""
    before, brace, rest = text.strip().partition("{")
    skill_id = before.rstrip()
    if not brace or not rest.endswith("}") or (skill_id and not _BEFORE_JSON.fullmatch(skill_id)):
        return None
    try:
        content = load_json(brace + rest)
    except ValueError:
        return None
    if is_deeper_than(_DEEPEST, content):
        raise Unclear((where, "The JSON is nested too deeply"))
    return {"skill_id": skill_id, "input": content} if skill_id else content


def _skill_id(names: list[_Said]) -> str:
    first = names[0]
    for name in names:
        if not isinstance(name.what, str):
            raise Unclear((name.where, "Should be a text: the id of a skill"))
        if name.what != first.what:
            raise Unclear(
                (first.where, f"Names the skill {_shown(first.what)}"),
                (name.where, f"Names another skill: {_shown(name.what)}"),
            )
    return str(first.what)


def _shown(what: object) -> str:
    return str(what)[:_SHOWN]


def _input(inputs: list[_Said]) -> object:
    if not inputs:
        return None
    first = inputs[0]
    for one in inputs:
        if one.what != first.what:
            raise Unclear(
                (first.where, "Holds input for the skill"), (one.where, "Holds other input: give it once")
            )
    return first.what


def _plain(value: Value, where: str) -> object:
    try:
        return plain(value)
    except ValueError as problem:
        raise Unclear((where, str(problem))) from problem
