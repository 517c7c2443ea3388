"""The public keys of an issuer of tokens, as a JWK set (RFC 7517) holds them."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError
from pydantic import BaseModel, ConfigDict, ValidationError

from devnexus.values import load_json

KeySet = Mapping[str, RSAPublicKey]
"""Key by its id."""

_SMALLEST_BITS = 2048
_MOST_KEYS = 100


class _Key(BaseModel):
    model_config = ConfigDict(extra="ignore")

    kty: str
    kid: str = ""
    alg: str = "RS256"
    use: str = "sig"
    n: str = ""
    e: str = ""


class _Set(BaseModel):
    model_config = ConfigDict(extra="ignore")

    keys: tuple[_Key, ...]
    issuer: str = ""


def read_key_set(content: bytes) -> KeySet:
    """The RSA keys in a JWK set that sign with RS256; raise ValueError if there is none."""
    return _usable(_parsed(content))


def read_issuer(content: bytes) -> tuple[str, KeySet]:
    """The name and the keys of an issuer in a JWK set with one member more, `issuer`.

    Raises ValueError where it holds no such thing.
    """
    parsed = _parsed(content)
    keys = _usable(parsed)
    if not parsed.issuer:
        raise ValueError("it does not name its issuer")
    return parsed.issuer, keys


def _parsed(content: bytes) -> _Set:
    try:
        return _Set.model_validate(load_json(content))
    except ValidationError as error:
        raise ValueError("not a JWK set") from error


def _usable(parsed: _Set) -> KeySet:
    keys = {}
    for key in parsed.keys[:_MOST_KEYS]:
        if (key.kty, key.alg, key.use) == ("RSA", "RS256", "sig") and key.kid:
            if read := _rsa(key):
                keys[key.kid] = read
    if not keys:
        raise ValueError("it holds no RSA key for RS256")
    return keys


def _rsa(key: _Key) -> RSAPublicKey | None:
    """The key; None if it is malformed, or too small to prove anything."""
    try:
        read = RSAAlgorithm.from_jwk({"kty": "RSA", "n": key.n, "e": key.e})
    except (InvalidKeyError, ValueError):
        return None
    return read if isinstance(read, RSAPublicKey) and read.key_size >= _SMALLEST_BITS else None
