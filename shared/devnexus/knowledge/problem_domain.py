"""What a repository is about, by the words that it uses of itself; unknown rather than wrong."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter

from devnexus.errors import ConfigurationError
from devnexus.own_yaml import read_own

UNKNOWN = "unknown"

_ENOUGH = 3.0
_AHEAD = 1.0
"""By how much the first must lead the second: two subjects at once are no answer."""
_KEYWORD_WEIGHT = 0.5
"""Keywords are mostly packages, which say with what something is made more than for what."""

_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

Points = Annotated[int, Field(ge=1, le=2)]


def problem_domain(introduction: str | None, keywords: Iterable[str]) -> str:
    """The domain that introduction and keywords speak for, `unknown` where none clearly leads."""
    said, known = _words(introduction or ""), _words(" ".join(keywords))
    ranked = sorted(
        ((_points(words, said, known), name) for name, words in load_domains().items()),
        key=lambda one: (-one[0], one[1]),
    )
    (best, name), (second, _) = ranked[0], ranked[1]
    return name if best >= _ENOUGH and best - second >= _AHEAD else UNKNOWN


@cache
def load_domains() -> Mapping[str, Mapping[str, int]]:
    """Domain → its words, as `problem_domains.yaml` names them; services load it at their start."""
    return parse_domains(files("devnexus").joinpath("problem_domains.yaml").read_text("utf-8"))


def parse_domains(text: str) -> Mapping[str, Mapping[str, int]]:
    """What a file such as `problem_domains.yaml` names; raises ConfigurationError where it is wrong."""
    try:
        return TypeAdapter(dict[str, dict[str, Points]]).validate_python(read_own(text))
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(f"problem_domains.yaml: {error}") from error


def _points(words: Mapping[str, int], said: frozenset[str], known: frozenset[str]) -> float:
    return sum(
        points if word in said else points * _KEYWORD_WEIGHT
        for word, points in words.items()
        if word in said or word in known
    )


def _words(text: str) -> frozenset[str]:
    """The words of `text` and each two that follow each other, also without an `s` at the end."""
    words = _WORD.findall(text.casefold())
    singular = [word[:-1] if word.endswith("s") and len(word) > 3 else word for word in words]
    pairs = (f"{one} {other}" for one, other in zip(words, words[1:], strict=False))
    return frozenset([*words, *singular, *pairs])
