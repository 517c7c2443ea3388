"""Text as callers may say it: of bounded length, and without the secrets that were in it."""

from typing import Annotated

from pydantic import AfterValidator, Field

from devnexus.redact import redact


def without_secrets(text: str) -> str:
    """The text with `[REDACTED:kind]` for each secret, so that none is sent, kept or answered."""
    return redact(text).text


Line = Annotated[str, Field(max_length=300), AfterValidator(without_secrets)]
"""A name, a tag, a path."""

Text = Annotated[str, Field(max_length=10_000), AfterValidator(without_secrets)]
"""As much as somebody writes who explains something."""
