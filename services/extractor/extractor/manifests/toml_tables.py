"""TOML from strangers: parsed in bounded time, and read without trusting what stands where."""

import tomllib
from collections.abc import Mapping

from extractor.regex import compile_regex

Table = Mapping[str, object]

# tomllib's time is quadratic in the parts of a dotted key; nobody writes 64 of them
_ABSURD_KEY = compile_regex(r"(?:^|[\[{,])[ \t]*(?:(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){64}")


def load_toml(text: str) -> Table:
    """The whole file; raises ValueError with the reason if it is malformed or absurd."""
    if _ABSURD_KEY.found_in(text):
        raise ValueError("a key has more than 64 parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("TOML is nested too deeply") from error


def table(content: Table, *path: str) -> Table:
    """The table under `path`; an empty one where it is missing or something else."""
    found: object = content
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def text_of(content: Table, key: str) -> str | None:
    """The text under `key`, None where there is none."""
    value = content.get(key)
    return value if isinstance(value, str) and value else None
