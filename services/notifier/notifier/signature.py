"""The signature that proves to a target that a message is ours, as Standard Webhooks defines it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from devnexus.secrets import Secret

_FEWEST_BYTES = 24
"""What the specification asks for: 192 bits."""


def signing_key(secret: Secret) -> bytes:
    """The key in `secret`: base64, with or without the prefix `whsec_`. Raise ValueError otherwise."""
    text = secret.value.removeprefix(b"whsec_")
    try:
        key = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("it is not base64, with or without whsec_ before it") from error
    if len(key) < _FEWEST_BYTES:
        raise ValueError(f"it holds {len(key)} bytes, fewer than {_FEWEST_BYTES}")
    return key


def sign(keys: Sequence[bytes], *, delivery_id: str, seconds: int, body: bytes) -> str:
    """The value of the header `webhook-signature`: a signature by each of the keys."""
    signed = f"{delivery_id}.{seconds}.".encode() + body
    digests = (hmac.digest(key, signed, hashlib.sha256) for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
