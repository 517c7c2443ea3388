"""Whether a webhook comes from GitHub: HMAC-SHA-256 over the raw body.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

from devnexus.secrets import Secret

_SHA256 = re.compile(r"sha256=([0-9a-fA-F]{64})")


def is_signed(body: bytes, header: str | None, secrets: Sequence[Secret]) -> bool:
    """Whether `header` (X-Hub-Signature-256) is the signature of exactly these bytes by one of `secrets`.

    Takes the same time for every wrong signature, and looks at all secrets. SHA-1 is not accepted.
    """
    claimed = _SHA256.fullmatch(header or "")
    if claimed is None:
        return False
    digest = bytes.fromhex(claimed[1])
    matches = [
        hmac.compare_digest(hmac.digest(secret.value, body, hashlib.sha256), digest) for secret in secrets
    ]
    return any(matches)


def sign(body: bytes, secret: Secret) -> str:
    """The header that GitHub would send with `body`."""
    return "sha256=" + hmac.new(secret.value, body, hashlib.sha256).hexdigest()
