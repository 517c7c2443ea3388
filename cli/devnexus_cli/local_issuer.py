"""Stands for Google on this machine: a key pair in the home of `devnexus run`, and tokens signed with it."""

import json
import os
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from devnexus.errors import ConfigurationError

YOU = "you@localhost"
"""Who may write in a run on this machine."""

READER = "reader@localhost"
"""Who may only read there, as everybody on the machine may without a token: to try how that is."""

_ISSUER = "devnexus-run"
_MINUTES = 60


def local_token(home: Path, email: str, audience: str, *, minutes: int = _MINUTES) -> str:
    """A token that says that its bearer is `email`, for the gateway of the run in `home` alone.

    Makes the key pair where there is none yet.
    """
    key = _private_key(home)
    now = int(time.time())
    claims = {
        **{"iss": _ISSUER, "aud": audience, "sub": email, "email": email, "email_verified": True},
        **{"hd": email.rpartition("@")[2], "iat": now, "exp": now + minutes * 60},
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": _id_of(key)})


def local_key_set(home: Path) -> Path:
    """The file with the public key of `home` as a JWK set, for LOCAL_ISSUER; made where there is none."""
    key = _private_key(home)
    known = {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "alg": "RS256", "use": "sig"}
    page = {"issuer": _ISSUER, "keys": [{**known, "kid": _id_of(key)}]}
    path = home / "issuer-keys.json"
    path.write_text(json.dumps(page, indent=2) + "\n")
    return path


def _private_key(home: Path) -> RSAPrivateKey:
    path = home / "issuer-key.pem"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        _write_once(path, _new_key())
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise ConfigurationError(
            f"{path} holds no private key: delete it, and start devnexus run again"
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError(f"{path} holds no RSA key: delete it, and start devnexus run again")
    return key


def _new_key() -> bytes:
    return generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write_once(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, unless another process was faster: then keep that one."""
    descriptor, written = tempfile.mkstemp(dir=path.parent)  # of mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.link(written, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(written)


def _id_of(key: RSAPrivateKey) -> str:
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return sha256(public).hexdigest()[:16]
