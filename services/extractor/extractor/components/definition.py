"""What a grammar tells of a definition, whatever the language, and which of them are components."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from devnexus.events.patterns_extracted import Component
from extractor.components.sketch import digest_of, sketch_of

_FEWEST_LINES = 10
_MOST_PER_FILE = 50
_MOST_METHODS = 30
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Definition:
    """A class, function or interface at the top of a file that others may import."""

    name: str
    kind: Literal["class", "function", "interface"]
    start: int
    end: int
    description: str
    """The first line of its documentation."""
    methods: tuple[str, ...]
    """Those that others may call."""
    code: tuple[str, ...]
    """Its lines without documentation, comments and blank ones."""


def fitting(definitions: Iterable[Definition]) -> list[Definition]:
    """Those worth reuse, in order of line: long, and documented or with methods; the 50 longest."""
    offered = [one for one in definitions if _is_offered(one)]
    longest = sorted(offered, key=lambda one: (one.start - one.end, one.start))[:_MOST_PER_FILE]
    return sorted(longest, key=lambda one: one.start)


def component(definition: Definition) -> Component:
    """`definition` in bounded words, with what identifies its code."""
    methods = list(dict.fromkeys(definition.methods))  # one that is overloaded stands there several times
    return Component(
        name=definition.name[:_LONGEST_NAME],
        kind=definition.kind,
        start=definition.start,
        end=definition.end,
        description=definition.description[:_LONGEST_NAME],
        public_methods=tuple(name[:_LONGEST_NAME] for name in methods[:_MOST_METHODS]),
        digest=digest_of([line.rstrip() for line in definition.code]),
        sketch=sketch_of([line.strip() for line in definition.code]),
    )


def _is_offered(definition: Definition) -> bool:
    if definition.end - definition.start + 1 < _FEWEST_LINES:
        return False
    return bool(definition.description or definition.methods)
