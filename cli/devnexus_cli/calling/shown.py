"""Answers as people read them in a terminal, which obeys none of what strangers wrote."""

import json
from collections.abc import Mapping

from devnexus.printable import printable


def as_json(content: object) -> str:
    """JSON over several lines, with characters that a terminal would obey escaped."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_safe, text))


def _safe(character: str) -> str:
    if character == "\n" or printable(character) == character:
        return character
    return json.dumps(character)[1:-1]


def refusal(body: Mapping[str, object]) -> str:
    """Why there is no answer, with whatever else was said of it."""
    error = printable(str(body.get("error") or body.get("detail") or "no reason is given"))
    more = {name: value for name, value in body.items() if name not in _KNOWN and value}
    return f"{error}\n{as_json(more)}" if more else error


_KNOWN = frozenset({"success", "error", "detail", "skill_id", "timestamp", "execution_time_ms"})
