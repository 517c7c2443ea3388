"""Texts that callers report: of bounded length, and without the secrets that logs and people let slip in."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from devnexus.redact import redact
from devnexus.values import canonical_json

LONG, SHORT = 4000, 300

_MOST_BYTES = 50_000


def without_secrets(text: str) -> str:
    """`text` with each secret replaced by what kind it was."""
    return redact(text).text


def first(length: int) -> Callable[[str], str]:
    """Takes the beginning of a text, of which no secret is left half."""
    return lambda text: without_secrets(text)[:length]


def _without_secrets_anywhere(told: Any) -> Any:  # noqa: ANN401 - JSON
    match told:
        case str():
            return without_secrets(told)
        case dict():
            return {name: _without_secrets_anywhere(value) for name, value in told.items()}
        case list():
            return [_without_secrets_anywhere(value) for value in told]
    return told


def _bounded(told: dict[str, Any]) -> dict[str, Any]:
    if len(canonical_json(told)) > _MOST_BYTES:
        raise ValueError(f"should be at most {_MOST_BYTES} bytes of JSON")
    return told


Words = Annotated[str, Field(max_length=LONG), AfterValidator(without_secrets)]
"""Some sentences."""

Line = Annotated[str, Field(max_length=SHORT), AfterValidator(without_secrets)]
"""A name, an address, a path."""

Lines = Annotated[tuple[Line, ...], Field(max_length=100)]
"""A few of them."""

Section = Annotated[dict[str, Any], AfterValidator(_bounded), AfterValidator(_without_secrets_anywhere)]
"""A JSON object, as schema v2 has it."""
