"""One part of what `devnexus status` says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """What was found out about one thing, or why it could not be."""

    title: str
    lines: tuple[str, ...]
    """For people; not yet safe to print."""
    is_wrong: bool = False
    """Whether somebody has to do something."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs, as JSON."""


def not_known(title: str, reason: object) -> Part:
    """A part of which nothing can be known here, which is not wrong by itself."""
    text = " ".join(str(reason).split())
    return Part(title, (f"not known: {text}",), facts={"not_known": text})
