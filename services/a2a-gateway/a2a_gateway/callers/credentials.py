"""What a request brings along to prove who sent it."""

from collections.abc import Iterable
from dataclasses import dataclass

from devnexus.identity.bearer import bearer_token, plain, there
from devnexus.identity.proven import NotVerified


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
    text = value.decode("latin-1")
    if name == b"x-api-key":
        return Credentials(api_key=there(plain(text)))
    return Credentials(token=bearer_token(text))
