"""Up to when an answer looks that counts days: now, or when what it is given from was new."""

import re
from datetime import datetime

from a2a_gateway.knowledge.reading import Reading
from devnexus.timestamps import as_utc

_REVISION = re.compile(r"[0-9a-f]{7,40}")


def asked_time(as_of: str, knowledge: Reading, *, now: datetime) -> datetime:
    """`now`, the time that `as_of` names, or that of the last thing known at the revision which it names."""
    word = as_of.strip().lower()
    if not word:
        return now
    if not _REVISION.fullmatch(word):
        return min(as_utc(datetime.fromisoformat(word)), now)
    return max((page.last_updated for page in knowledge.repositories), default=now)
