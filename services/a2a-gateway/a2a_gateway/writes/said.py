"""Texts that callers report: of bounded length, and without the secrets that logs and people let slip in."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticKnownError

from devnexus.redact import redact
from devnexus.values import canonical_json, is_deeper_than

LONG, SHORT = 10_000, 300

_MOST_BYTES = 50_000
_DEEPEST = 10
_LOOKED_AT = 20
"""So many times as much as is kept is looked through for secrets, which may be longer than what is kept."""


def without_secrets(text: str) -> str:
    """`text` with each secret replaced by what kind it was."""
    return redact(text).text


def filled(text: str) -> str:
    """The text; ValueError where it says nothing."""
    if not text.strip():
        raise ValueError("should not be empty")
    return text


def web_address(text: str) -> str:
    """The text; ValueError unless it is empty or an address that a page may link to."""
    if text and not text.startswith(("https://", "http://")):
        raise ValueError("should begin with https://")
    return text


def at_most(count: int) -> BeforeValidator:
    """Refuses a longer list before anything in it is looked at: a body has room for many mistakes."""

    def counted(told: object) -> object:
        if isinstance(told, list | tuple) and len(told) > count:
            about = {"field_type": "Tuple", "max_length": count, "actual_length": len(told)}
            raise PydanticKnownError("too_long", about)
        return told

    return BeforeValidator(counted)


def first(length: int) -> Callable[[str], str]:
    """Takes the beginning of a text, of which no secret is left half."""
    return lambda text: without_secrets(text[: _LOOKED_AT * length])[:length]


def _without_secrets_anywhere(told: Any) -> Any:  # noqa: ANN401 - JSON
    match told:
        case str():
            return without_secrets(told)
        case dict():
            return {without_secrets(name): _named(name, value) for name, value in told.items()}
        case list():
            return [_without_secrets_anywhere(value) for value in told]
    return told


def _named(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    """What stands under `name`, which may say that it is a secret where nothing else does."""
    if isinstance(value, str) and (found := redact(f'{name}="{value}"').found):
        plain = without_secrets(value)
        return plain if plain != value else f"[REDACTED:{next(iter(found))}]"
    return _without_secrets_anywhere(value)


def _bounded(told: dict[str, Any]) -> dict[str, Any]:
    if is_deeper_than(_DEEPEST, told):
        raise ValueError(f"should be nested no deeper than {_DEEPEST} levels")
    if len(canonical_json(told)) > _MOST_BYTES:
        raise ValueError(f"should be at most {_MOST_BYTES} bytes of JSON")
    return told


Words = Annotated[str, Field(max_length=LONG), AfterValidator(without_secrets)]
"""Some sentences."""

Line = Annotated[str, Field(max_length=SHORT), AfterValidator(without_secrets)]
"""A name, an address, a path."""

WebAddress = Annotated[Line, AfterValidator(web_address)]
"""An address that can be followed; empty: none."""

Lines = Annotated[tuple[Line, ...], Field(max_length=100), at_most(100)]
"""A few of them."""

Section = Annotated[dict[str, Any], AfterValidator(_bounded), AfterValidator(_without_secrets_anywhere)]
"""A JSON object, as schema v2 has it."""
