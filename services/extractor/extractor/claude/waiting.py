"""Pushes and snapshots that Claude has yet to read, and the batches it was sent: the port to their store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from devnexus.events import CommitPushed, SnapshotRequested
from extractor.claude.calls import Call

Analysed = CommitPushed | SnapshotRequested


@dataclass(frozen=True)
class Waiter:
    """Something that rules had to answer alone."""

    event: Analysed
    because: str
    since: datetime


@dataclass(frozen=True)
class SentBatch:
    """A batch that has not been read yet."""

    key: str
    """Ours, made before it was sent."""
    batch: str | None
    """What Claude calls it; None where the process died before it was told."""
    sent_at: datetime
    calls: tuple[Call, ...]
    """Each with the id under which it was sent."""
    record_ids: tuple[str, ...]


class Waiting(Protocol):
    """Keeps what waits; every method raises Unavailable where it may not have kept it."""

    def add(self, event: Analysed, because: str, *, now: datetime) -> None:
        """List it; one that is listed already stays where it is."""

    def next(self, most: int) -> Sequence[Waiter]:
        """Those for which nothing is under way, the oldest first."""

    def sending(self, key: str, calls: Sequence[Call], record_ids: Sequence[str], *, now: datetime) -> None:
        """Note, before it is sent, what a batch holds and what waits for it."""

    def sent(self, key: str, batch: str) -> None:
        """Note what Claude calls it."""

    def under_way(self) -> Sequence[SentBatch]:
        """The batches that were not read yet, the oldest first."""

    def read(self, key: str, still_waiting: Mapping[str, str] = {}) -> Sequence[Waiter]:
        """The batch was read: take what waited for it off the list and return it, to be analysed again.

        What is in `still_waiting` (record id → why) goes back to the list instead.
        """

    def done(self, record_id: str) -> None:
        """It was read, or never will be: take it off the list."""

    def count(self) -> int:
        """How many are on the list."""
