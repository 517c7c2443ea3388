"""Who somebody has proved to be, and that they have not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """Somebody who is who they say they are; whether they may come in is another question."""

    name: str
    """An e-mail address in lower case, or the name of an API key."""
    domain: str = ""
    """The domain that vouches for the address; empty where none does."""


class NotVerified(Exception):
    """The credentials prove nothing. The text says why and what to do in ASCII, and nothing of them."""


class NoCredentials(NotVerified):
    """Nothing was sent that could prove anything."""


class NotListed(Exception):
    """Somebody proved who they are, and may not come in; the text says what would let them."""
