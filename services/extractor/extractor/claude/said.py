"""What Claude says of one piece: untrusted words, bounded and nothing more.

These are kept as they were said, so that a later, stricter look needs no second call.
"""

from typing import Annotated, Literal

from pydantic import Field

from devnexus.values import Value

Quote = Annotated[str, Field(max_length=400)]
MOST_CLAIMS = 40
"""Of each kind and piece; more is no answer to what was asked."""


class SaidPattern(Value):
    """It says that a line shows an architectural pattern."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    """A canonical id, or a name of its own."""
    quote: Quote
    """The line, or a telling part of it, word for word."""


class SaidDecision(Value):
    """It says that people decided something."""

    kind: Literal["switch", "dropped-support", "breaking-change", "choice"]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    quote: Quote


class SaidComponent(Value):
    """It says that others could use a class or function."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    quote: Quote
    """The line that defines it."""


class Said(Value):
    """All that it says of one piece."""

    patterns: Annotated[tuple[SaidPattern, ...], Field(max_length=MOST_CLAIMS)] = ()
    decisions: Annotated[tuple[SaidDecision, ...], Field(max_length=MOST_CLAIMS)] = ()
    components: Annotated[tuple[SaidComponent, ...], Field(max_length=MOST_CLAIMS)] = ()
