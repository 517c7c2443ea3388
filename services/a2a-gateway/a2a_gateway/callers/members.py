"""Who may come in, by name: what READERS and ALLOWED_SERVICE_ACCOUNTS hold."""

import re
from dataclasses import dataclass

from a2a_gateway.callers.caller import ANONYMOUS, Caller
from devnexus.identity.names import is_address
from devnexus.identity.proven import Identity, NotListed

Names = frozenset[str]
"""In lower case. An address has an @, a domain a dot, and the name of a key neither."""

_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_KEY_NAME = re.compile(r"[a-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Members:
    """Who may read, and who may write and read; nobody else."""

    readers: Names = frozenset()
    writers: Names = frozenset()

    def caller(self, identity: Identity) -> Caller:
        """What `identity` may do here; raise NotListed if they may not even come in."""
        may_write = identity.name in self.writers
        if may_write or identity.name in self.readers or identity.domain in self.readers:
            return Caller(identity.name, is_verified=True, may_write=may_write, sees_all=True)
        raise NotListed(_why(identity, self.readers))

    @property
    def have_addresses(self) -> bool:
        """Whether anybody is named who proves who they are with a token: an address, or those of a domain."""
        return any(not is_key_name(name) for name in self.readers | self.writers)


def is_key_name(name: str) -> bool:
    """Whether `name`, in lower case, may be that of an API key; what nobody proves is nobody's name."""
    return _KEY_NAME.fullmatch(name) is not None and name != ANONYMOUS.name


def reader_names(text: str) -> Names:
    """The names in a list with commas; raise ValueError naming what is none."""
    names = frozenset(part.strip().lower() for part in text.split(",") if part.strip())
    for name in sorted(names):
        if not (is_address(name) or is_key_name(name) or _DOMAIN.fullmatch(name)):
            raise ValueError(f"{name!r} is no e-mail address, domain (example.com) or name of an API key")
    return names


def writer_names(text: str) -> Names:
    """The names in a list with commas, of which none is a domain; raise ValueError naming what is wrong."""
    names = reader_names(text)
    for name in sorted(names):
        if _DOMAIN.fullmatch(name):
            raise ValueError(f"{name!r} is a domain: name each address that may write")
    return names


def _why(identity: Identity, readers: Names) -> str:
    name = identity.name
    domain = name.rpartition("@")[2]
    if domain in readers and is_address(name):
        return (
            f"{domain} may read, but nothing shows that {domain} manages the account of {name}"
            " (its token has no such hd): READERS can name the address"
        )
    return f"{name} is named neither in READERS nor in ALLOWED_SERVICE_ACCOUNTS"
