"""What became of a write."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class WriteStatus:
    """What is known of one event that a caller sent."""

    event_id: str
    skill: str
    repository: str
    accepted_at: datetime
    revision: str | None
    """A revision of the knowledge base that holds it; None: not committed yet."""
    is_sent: bool = True
    """Whether the broker is known to have it; what it has will be committed."""
