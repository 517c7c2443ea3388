"""Secrets of targets by name: many people read the routes, so these say only where a secret stands."""

import re
from typing import Annotated

from pydantic import AfterValidator

from devnexus.errors import ConfigurationError
from devnexus.outbound import WebAddress, web_address
from devnexus.secrets import Secret, require_secret
from notifier.channel import Surroundings


def _variable(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", text):
        raise ValueError("the name of an environment variable such as TEAM_SECRET, not the secret itself")
    return text


SecretName = Annotated[str, AfterValidator(_variable)]
"""The name of an environment variable."""


def secret_of(field: str, name: str, surroundings: Surroundings, *, about: str) -> Secret:
    """The secret called `name`; raise ConfigurationError, beginning with the field, where there is none."""
    try:
        return require_secret(name, surroundings.environment, about=about)
    except ConfigurationError as error:
        raise ConfigurationError(f"{field}: {error}") from error


def secret_token(field: str, name: str, surroundings: Surroundings, *, about: str) -> Secret:
    """The secret called `name`, which can stand in a header; raise ConfigurationError otherwise."""
    secret = secret_of(field, name, surroundings, about=about)
    if not re.fullmatch(rb"[!-~]+", secret.value):
        raise ConfigurationError(f"{field}: {name} does not hold {about}: that is one word in ASCII")
    return secret


def secret_address(field: str, name: str, surroundings: Surroundings, *, about: str, like: str) -> WebAddress:
    """The web address in the secret called `name`; raise ConfigurationError, not showing it, otherwise."""
    secret = secret_of(field, name, surroundings, about=about)
    try:
        return web_address(secret.value.decode(), allow_private=surroundings.allow_private_targets)
    except ValueError:
        raise ConfigurationError(
            f"{field}: {name} does not hold a web address such as {like} "
            "(plain http and private addresses only with ALLOW_PRIVATE_TARGETS=true)"
        ) from None
