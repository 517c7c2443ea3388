"""What makes two pieces of code comparable whoever indented or commented them."""

import hashlib
from collections.abc import Sequence

from devnexus.events.patterns_extracted import SHINGLE_LINES, SKETCH_SIZE


def digest_of(lines: Sequence[str]) -> str:
    """The first 16 hex digits of the SHA-256 of `lines`."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]


def sketch_of(lines: Sequence[str]) -> tuple[str, ...]:
    """The smallest hashes of all runs of three lines (Broder's bottom-k sketch), in ascending order."""
    shingles = {
        hashlib.sha256("\n".join(lines[at : at + SHINGLE_LINES]).encode("utf-8", "replace")).hexdigest()[:8]
        for at in range(len(lines) - SHINGLE_LINES + 1)
    }
    return tuple(sorted(shingles)[:SKETCH_SIZE])
