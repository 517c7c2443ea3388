"""What every frozen type that crosses a wire or is stored has in common."""

import hashlib
import json
import math
import re
from typing import Any

from pydantic import BaseModel, ConfigDict

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Value(BaseModel):
    """A frozen type: built strictly (an unknown field is a mistake), read tolerantly (`parse`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def canonical_json(content: object) -> bytes:
    """The one way to write `content` as JSON: sorted keys, UTF-8, no spaces, no NaN."""
    return json.dumps(
        content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def canonical_page(content: object) -> bytes:
    """Canonical JSON for people: indented by 2, ending in a newline, so that diffs are small."""
    return (
        json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    ).encode()


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


def digest(content: object, *, length: int = 16) -> str:
    """The first `length` hex digits of the SHA-256 of the canonical JSON of `content`."""
    return hashlib.sha256(canonical_json(content)).hexdigest()[:length]


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
