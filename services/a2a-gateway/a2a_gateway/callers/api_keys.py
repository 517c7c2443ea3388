"""API keys: for callers that have no Google account to speak for them."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

from a2a_gateway.callers.members import Names, is_key_name
from devnexus.errors import ConfigurationError
from devnexus.identity.proven import Identity, NotVerified
from devnexus.secrets import Secret

_SHORTEST = 32


@dataclass(frozen=True)
class ApiKeys:
    """Keys by what they hash to; several may have one name, so that one can be replaced without a gap."""

    owners: tuple[tuple[bytes, str], ...] = ()
    """SHA-256 of a key, and the name it belongs to."""

    @property
    def names(self) -> Names:
        """Whom there are keys for."""
        return frozenset(name for _, name in self.owners)

    def identity(self, key: str) -> Identity:
        """Whose key it is; raise NotVerified if it is nobody's. Takes as long for any key."""
        hashed = sha256(key.encode()).digest()
        found = [name for known, name in self.owners if hmac.compare_digest(known, hashed)]
        if not found:
            raise NotVerified("X-API-Key is none of the keys in API_KEYS")
        return Identity(found[0])


def read_api_keys(secret: Secret | None) -> ApiKeys:
    """The keys in lines of `name=key`; raise ConfigurationError naming the line that is wrong."""
    owners: dict[bytes, str] = {}
    lines = secret.value.splitlines() if secret else []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        hashed, name = _read(line, f"API_KEYS: line {number}")
        if owners.setdefault(hashed, name) != name:
            raise ConfigurationError(f"API_KEYS: {owners[hashed]} and {name} have the same key: make another")
    return ApiKeys(tuple(owners.items()))


def _read(line: bytes, where: str) -> tuple[bytes, str]:
    name, equals, key = line.decode("latin-1").partition("=")
    name, key = name.strip().lower(), key.strip()
    if not equals or not is_key_name(name):
        raise ConfigurationError(f"{where}: write name=key, the name in letters, digits, - and _")
    if len(key) < _SHORTEST or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            f"{where}: the key should have {_SHORTEST} printable ASCII characters or more"
            " (openssl rand -hex 32)"
        )
    return sha256(key.encode()).digest(), name
