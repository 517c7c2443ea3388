"""The header that tokens come in."""

from devnexus.identity.proven import NotVerified

_LONGEST = 8192
"""Characters; a token of Google's has about a thousand."""


def bearer_token(authorization: str) -> str:
    """The token in an Authorization header; raise NotVerified where it holds none that could be checked."""
    text = plain(authorization)
    scheme, _, token = text.partition(" ")
    if text and scheme.lower() != "bearer":
        raise NotVerified("The Authorization header is of another scheme: send Bearer and a token")
    return there(token.strip())


def plain(credential: str) -> str:
    """A credential without the space around it; raise NotVerified unless it is short printable ASCII."""
    text = credential.strip()
    if not text.isascii() or not text.isprintable() or len(text) > _LONGEST:
        raise NotVerified(f"The credentials are no printable ASCII of up to {_LONGEST} characters")
    return text


def there(credential: str) -> str:
    """The credential; raise NotVerified if it is empty."""
    if not credential:
        raise NotVerified("The credentials are empty: send a token or an API key, or leave the header out")
    return credential
