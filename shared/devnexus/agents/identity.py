"""Who we are to agents that want to know: a Google ID token, made for the one that is asked."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from devnexus.errors import ConfigurationError
from devnexus.outbound import NoAnswer, Outbound, WebAddress
from devnexus.secrets import read_secret

TokenFor = Callable[[str], str | None]
"""Gives a token for an audience, None where there is none; raises NoAnswer where one cannot be had now."""

METADATA_SERVER = WebAddress(scheme="http", host="metadata.google.internal", port=80, path="/")
"""Of the machine that this runs on; only Google's network answers under this name.

https://cloud.google.com/run/docs/authenticating/service-to-service#acquire-token
"""

_IDENTITY = "/computeMetadata/v1/instance/service-accounts/default/identity"
_SECONDS = 3.0
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}")


def token_source(secret: str, environment: Mapping[str, str]) -> TokenFor:
    """From the secret called so where there is one, on Cloud Run from Google, else from nowhere.

    The secret is read anew for each call: a token lasts an hour, and a file may be renewed. Raises
    ConfigurationError where a place is named but holds no token.
    """
    if _given(secret, environment):
        return lambda audience: _given_now(secret, environment)
    if environment.get("K_SERVICE"):
        outbound = Outbound(allow_private=True, seconds=_SECONDS)
        return lambda audience: fetch_token(audience, outbound)
    return lambda audience: None


def fetch_token(audience: str, outbound: Outbound, *, server: WebAddress = METADATA_SERVER) -> str:
    """The ID token of the service account that this process runs as; raise NoAnswer if there is none."""
    address = server.under(f"{_IDENTITY}?audience={quote(audience, safe='')}&format=full")
    answer = outbound.request("GET", address, headers={"Metadata-Flavor": "Google"})
    token = answer.body.decode("ascii", "replace").strip()
    if answer.status != 200 or not _TOKEN.fullmatch(token):
        raise NoAnswer(f"{server.host} gave no token (it answered {answer.status})")
    return token


def _given(secret: str, environment: Mapping[str, str]) -> str | None:
    found = read_secret(secret, environment)
    if found is None:
        return None
    token = found.value.decode("ascii", "replace").strip()
    if not _TOKEN.fullmatch(token):
        raise ConfigurationError(f"{secret} is no token: it holds characters that no header can carry")
    return token


def _given_now(secret: str, environment: Mapping[str, str]) -> str | None:
    try:
        return _given(secret, environment)
    except ConfigurationError as error:
        raise NoAnswer(str(error)) from error
