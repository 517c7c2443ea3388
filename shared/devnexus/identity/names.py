"""What settings name and tokens carry: e-mail addresses, and whom a token is meant for."""

import re

_ADDRESS = re.compile(r"[!-?A-~]+@[a-z0-9-]+(\.[a-z0-9-]+)*")
_AUDIENCE = re.compile(r"[!#-+\--\[\]-~]+")
"""As it may stand in a header: printable, without comma, quote and backslash."""


def is_address(name: str) -> bool:
    """Whether `name` is an e-mail address in lower case, as they are compared."""
    return _ADDRESS.fullmatch(name) is not None


def addresses(text: str) -> frozenset[str]:
    """The e-mail addresses in a list with commas, in lower case; raise ValueError naming what is none."""
    names = frozenset(part.strip().lower() for part in text.split(",") if part.strip())
    for name in sorted(names):
        if not is_address(name):
            raise ValueError(f"{name!r} is no e-mail address, such as that of a service account")
    return names


def audiences(text: str) -> tuple[str, ...]:
    """The audiences in a list with commas; raise ValueError naming what is none."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for audience in found:
        if not _AUDIENCE.fullmatch(audience):
            raise ValueError(f"{audience!r} is no audience of a token, such as https://nexus.example.com")
    return found
