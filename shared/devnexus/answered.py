"""One line for each event that a service had in hand: what became of it, and how long that took."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from devnexus.events import EVENT_TYPES
from devnexus.metrics import OTHER

Outcome = Literal["handled", "duplicate", "parked", "not-now", "bug"]
"""`duplicate`: it was known already. `not-now` and `bug`: it comes again."""

_LEVELS: Mapping[Outcome, int] = {
    "handled": logging.INFO,
    "duplicate": logging.INFO,
    "parked": logging.ERROR,
    "not-now": logging.WARNING,
    "bug": logging.ERROR,
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class InHand:
    """A delivery of an event, from when it came in."""

    attributes: Mapping[str, str]
    published: datetime | None
    """When Pub/Sub took it first; None if that is not known."""
    since: float = field(default_factory=time.monotonic)

    def answered(self, outcome: Outcome, *, reason: str = "", **fields: object) -> None:
        """Log what Pub/Sub is answered; where it is a `bug` that is being handled, with the traceback."""
        kind = self.attributes.get("ce-type", "")
        told: dict[str, object] = {
            "event_type": kind if kind in EVENT_TYPES else OTHER,
            "outcome": outcome,
            "duration_ms": round((time.monotonic() - self.since) * 1000),
            "lag_ms": self._lag_ms(),
            **fields,
        }
        if reason:
            told["reason"] = reason
        _log.log(_LEVELS[outcome], "event answered", extra=told, exc_info=outcome == "bug")

    def _lag_ms(self) -> int | None:
        if self.published is None:
            return None
        return max(0, round((time.time() - self.published.timestamp()) * 1000))
