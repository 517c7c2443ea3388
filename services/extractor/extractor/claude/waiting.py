"""Pushes and snapshots that Claude has yet to read, and the batches it was sent: the port to their store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from devnexus.events import CommitPushed, SnapshotRequested
from extractor.claude.calls import Call, Limits

Analysed = CommitPushed | SnapshotRequested


@dataclass(frozen=True)
class Waiter:
    """Something that rules had to answer alone."""

    event: Analysed
    because: str
    since: datetime


@dataclass(frozen=True)
class SentBatch:
    """A batch whose answers were not taken yet."""

    key: str
    """Ours, made before it was sent."""
    batch: str | None
    """What Claude calls it; None where the process died before it was told."""
    sent_at: datetime
    calls: tuple[Call, ...]
    """Each was sent under its id."""
    waiters: tuple[Waiter, ...]
    """What waits for it."""


class Waiting(Protocol):
    """Keeps what waits; every method raises Unavailable where it may not have kept it."""

    def add(self, event: Analysed, because: str, *, now: datetime) -> None:
        """List it; one that is listed already is listed once."""

    def next(self, most: int, *, now: datetime) -> Sequence[Waiter]:
        """Those for which nothing is under way and that nobody was given in the last 10 minutes.

        The one that was given longest ago comes first, before it the oldest that never was.
        """

    def sending(
        self, key: str, calls: Sequence[Call], record_ids: Sequence[str], limits: Limits, *, now: datetime
    ) -> Sequence[Call]:
        """Note, before it is sent, what a batch holds and what waits for it; return what it may hold.

        In one go with that, the calls are claimed as `Calls.claim` does: those that are beyond the budget,
        made by somebody else or answered are left out. Where none is left nothing is noted.
        """

    def sent(self, key: str, batch: str) -> None:
        """Note what Claude calls it."""

    def under_way(self) -> Sequence[SentBatch]:
        """The batches whose answers were not taken yet, the oldest first."""

    def taken(self, key: str) -> None:
        """Its answers were kept: forget the batch, and take what waited for it off the list.

        Those of its calls that have no answer are free again, with their part of the budget.
        What was listed again since the batch was sent stays there: it still has open questions.
        """

    def never_sent(self, key: str) -> None:
        """Forget the batch: its calls were not made, and what waited for it is on the list again."""

    def done(self, record_id: str) -> None:
        """It was read, or never will be: take it off the list."""

    def count(self) -> int:
        """How many are on the list."""
