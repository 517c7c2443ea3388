"""Lines without their layout: what a formatter changes makes no difference to them.

White space, the kind of quotation marks and a comma before a closing bracket do not count.
"""

import hashlib
import re
from collections.abc import Iterable

_BEFORE_CLOSING = re.compile(r",(?=[)\]}])")
KEY_DIGITS = 8


def without_layout(text: str) -> str:
    """What stays the same of `text` when a formatter has been over it."""
    return _BEFORE_CLOSING.sub("", "".join(text.split()).replace("'", '"'))


def line_key(line: str) -> str:
    """The first 8 hex digits of the SHA-256 of the line without its layout."""
    return hashlib.sha256(without_layout(line).encode("utf-8", "replace")).hexdigest()[:KEY_DIGITS]


def layout_digest(lines: Iterable[str]) -> str:
    """The first 32 hex digits of the SHA-256 of all lines together without their layout."""
    return hashlib.sha256(without_layout("\n".join(lines)).encode("utf-8", "replace")).hexdigest()[:32]
