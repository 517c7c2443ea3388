"""YAML that people write becomes frozen types, or one error that says where and what to write instead."""

import re
from typing import TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from devnexus.people.mistake import Mistake
from devnexus.people.section import Section
from devnexus.printable import printable

MAX_BYTES = 200_000

S = TypeVar("S", bound=Section)

_Place = tuple[int | str, ...]
_PROBLEMS_NAMED = 5
_LONGEST_FIELD = 60
_QUOTED = re.compile(r"'[^<'][^']+'|\"[^\"]{2,}\"")
_NO_ALIASES = "a value that starts with * needs quotes; YAML's aliases are not read"
_TRUE = {"true", "yes", "on"}
_IN_WORDS = {
    "tuple_type": "write a list here",
    "dict_type": "write fields here",
    "string_type": "write text here; yes, no, on and off need quotes",
    "missing": "is missing",
    "too_short": "write at least one here",
}


def parse(kind: type[S], content: bytes, *, max_bytes: int = MAX_BYTES) -> S:
    """The file as a `kind`; an empty one has every field at its default.

    Raises Mistake, which names lines and fields and what is allowed there, and repeats no value.
    """
    lines: dict[_Place, int] = {}
    if len(content) > max_bytes:
        raise Mistake(f"larger than {max_bytes // 1000} kB")
    plain = _read(content, lines)
    try:
        return kind.model_validate(plain)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        named = "; ".join(_described(one, lines) for one in found[:_PROBLEMS_NAMED])
        more = len(found) - _PROBLEMS_NAMED
        raise Mistake(f"{named}; and {more} more" if more > 0 else named) from None


def _read(content: bytes, lines: dict[_Place, int]) -> object:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Mistake(f"line {line}: this is not UTF-8; save the file as UTF-8") from None
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        return None if node is None else _plain(node, (), lines)
    except RecursionError:
        raise Mistake("nested too deeply") from None
    except yaml.YAMLError as error:
        raise Mistake(_reason(error)) from None


class _Loader(yaml.SafeLoader):
    """Fields, lists and text only: YAML's aliases can blow up, its tags can build anything."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise Mistake(f"line {line}: {_NO_ALIASES}")
        if getattr(event, "tag", None) is not None:
            raise Mistake(f"line {line}: YAML's tags (!) are not read")
        return super().compose_node(parent, index)


def _plain(node: yaml.Node, place: _Place, lines: dict[_Place, int]) -> object:
    """Fields, lists, truth values, None and text, which stays as it was written: a number is text as well."""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _fields(node, place, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, (*place, number), lines) for number, one in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value.lower() in _TRUE
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _fields(node: yaml.MappingNode, place: _Place, lines: dict[_Place, int]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise Mistake(f"line {line}: the name of a field is plain text")
        if key.value in fields:
            raise Mistake(f"line {line}: {_name((*place, key.value))} is there twice; keep one of them")
        lines[(*place, key.value)] = line
        fields[key.value] = _plain(value, (*place, key.value), lines)
    return fields


def _described(error: ErrorDetails, lines: dict[_Place, int]) -> str:
    place = error["loc"]
    at = (*place, error["ctx"]["field"]) if error["type"] == "unknown_field" else place
    said = _IN_WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
    text = f"{_name(place)}: {said}" if place else said
    line = next((lines[at[:end]] for end in range(len(at), 0, -1) if at[:end] in lines), None)
    return f"line {line}: {text}" if line else text


def _name(place: _Place) -> str:
    return ".".join(printable(str(part)[:_LONGEST_FIELD]) for part in place if part != "[key]")


def _reason(error: yaml.YAMLError) -> str:
    """What is wrong and where, without the words of the line."""
    if not isinstance(error, yaml.MarkedYAMLError) or not error.problem_mark:
        return "this is not YAML: it holds characters that no text file has"
    line = error.problem_mark.line + 1
    if error.context == "while scanning an alias":
        return f"line {line}: {_NO_ALIASES}"
    said = " ".join(words for words in (error.context, error.problem) if words)
    return f"line {line}: this is not YAML: {_QUOTED.sub('that', said)}"
