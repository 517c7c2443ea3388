"""What every frozen type that crosses a wire or is stored has in common."""

import hashlib
import json
import math
import re
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

_LINE = 300
"""The longest line of a page on which more than one value may stand."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

_Model = TypeVar("_Model", bound=BaseModel)


class Value(BaseModel):
    """A frozen type: built strictly (an unknown field is a mistake), read tolerantly (`parse`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def lean(value: _Model) -> _Model:
    """`value`, which nobody else holds yet, in less memory; it says the same.

    With every value pydantic keeps the set of the fields that were given, which often takes more than the
    value itself. Nothing here asks for it: values of one type share theirs.
    """
    object.__setattr__(value, "__pydantic_fields_set__", _fields(type(value)))
    for field in value.__dict__.values():
        inner = field.values() if isinstance(field, dict) else field if isinstance(field, tuple) else (field,)
        for one in inner:
            if isinstance(one, BaseModel):
                lean(one)
    return value


@cache
def _fields(type_: type[BaseModel]) -> set[str]:
    return set(type_.model_fields)


def canonical_json(content: object) -> bytes:
    """The one way to write `content` as JSON: sorted keys, UTF-8, no spaces, no NaN."""
    return json.dumps(
        content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def canonical_page(content: object) -> bytes:
    """Canonical JSON for people: sorted keys, indented by 2, ending in a newline.

    What fits into 300 characters stands on one line, so that a row of evidence is a line of a diff.
    """
    return (_laid_out(content, "\n") + "\n").encode()


def load_json(data: bytes | str) -> Any:  # noqa: ANN401 - the one door through which untyped JSON comes in
    """Parse strict UTF-8 JSON; ValueError for NaN, half a surrogate pair, nesting too deep, or malformed."""
    text = data if isinstance(data, str) else data.decode()
    try:
        content = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        if _SURROGATE.search(text):
            canonical_json(content)  # a pair is fine, half of one is no text that could be written again
    except RecursionError as error:
        raise ValueError("JSON is nested too deeply") from error
    return content


def is_deeper_than(depth: int, content: object) -> bool:
    """Whether more than `depth` JSON objects or arrays stand inside each other in `content`."""
    level = [content]
    for _ in range(depth + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def digest(content: object, *, length: int = 16) -> str:
    """The first `length` hex digits of the SHA-256 of the canonical JSON of `content`."""
    return hashlib.sha256(canonical_json(content)).hexdigest()[:length]


def _laid_out(content: object, new_line: str) -> str:
    if not isinstance(content, dict | list | tuple):
        return _scalar(content)
    if isinstance(content, dict):
        for key in content:
            if not isinstance(key, str):
                raise TypeError(f"a JSON object has text as keys, not {key!r}")
    children = content.values() if isinstance(content, dict) else content
    if not any(isinstance(child, dict | list | tuple) for child in children):
        line = _on_one_line(content)  # in C, and most of what a page holds
        if len(line) <= _LINE:
            return line
    deeper = new_line + "  "
    if isinstance(content, dict):
        items = [f"{_scalar(key)}: {_laid_out(content[key], deeper)}" for key in sorted(content)]
        return _bracketed("{", items, "}", new_line)
    return _bracketed("[", [_laid_out(item, deeper) for item in content], "]", new_line)


def _bracketed(opening: str, items: list[str], closing: str, new_line: str) -> str:
    length = sum(map(len, items)) + 2 * len(items)
    if length <= _LINE and not any("\n" in item for item in items):
        return opening + ", ".join(items) + closing
    return f"{opening}{new_line}  {f',{new_line}  '.join(items)}{new_line}{closing}"


_scalar = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_on_one_line = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(", ", ": ")
).encode


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
