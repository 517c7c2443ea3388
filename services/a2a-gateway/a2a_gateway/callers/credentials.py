"""What a request brings along to prove who sent it."""

from collections.abc import Iterable
from dataclasses import dataclass

from a2a_gateway.callers.identity import NotVerified

_LONGEST = 8192
"""Characters; a token of Google's has about a thousand."""


@dataclass(frozen=True, repr=False)
class Credentials:
    """A token or an API key, never both; not shown in logs and tracebacks."""

    token: str = ""
    api_key: str = ""


def credentials_in(headers: Iterable[tuple[bytes, bytes]]) -> Credentials | None:
    """What the headers (names in lower case) hold, or None if there is nothing of the kind.

    Raises NotVerified where something is there that cannot be told apart from an attempt: an empty header,
    another scheme, two at once.
    """
    found = [(name, value) for name, value in headers if name in {b"authorization", b"x-api-key"}]
    if not found:
        return None
    if len(found) > 1:
        raise NotVerified("The request has several credentials: send one Authorization or one X-API-Key")
    ((name, value),) = found
    text = value.decode("latin-1").strip()
    if not text.isascii() or not text.isprintable() or len(text) > _LONGEST:
        raise NotVerified(f"The credentials are no printable ASCII of up to {_LONGEST} characters")
    return Credentials(api_key=_there(text)) if name == b"x-api-key" else Credentials(token=_bearer(text))


def _bearer(text: str) -> str:
    scheme, _, token = text.partition(" ")
    if text and scheme.lower() != "bearer":
        raise NotVerified("The Authorization header is of another scheme: send Bearer and a token")
    return _there(token.strip())


def _there(text: str) -> str:
    if not text:
        raise NotVerified("The credentials are empty: send a token or an API key, or leave the header out")
    return text
