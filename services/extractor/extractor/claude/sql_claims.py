"""Claiming a call and its part of the day's budget, within a transaction of somebody else."""

import json
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, select, update

from devnexus.state import inserting
from devnexus.timestamps import as_utc
from extractor.claude.calls import Busy, Call, Claim, Claimed, Limits, OutcomeLost, OverBudget
from extractor.claude.sql_tables import BUDGET, CALLS

LEASE_SECONDS = 600.0
"""Longer than any call takes, and than Pub/Sub waits: whoever is silent for so long is dead."""

_JUST_ANSWERED_SECONDS = 3600.0
_ATTEMPTS = 2
_EVERYBODY = ""


def unanswered(call: Call) -> tuple[ColumnElement[bool], ...]:
    """That a row is a claim of this call to which nobody has said what came of it.

    A lost call may be claimed in a batch while whoever made it at once still lives: each ends its own.
    """
    return (CALLS.c.id == call.id, CALLS.c.in_batch == call.in_batch, CALLS.c.state == "claimed")


class Claims:
    """Takes calls and gives them back."""

    def __init__(self, engine: Engine) -> None:
        self._insert = inserting(engine)

    def claim(
        self,
        connection: Connection,
        call: Call,
        limits: Limits,
        now: datetime,
        *,
        batch_key: str | None = None,
    ) -> Claim:
        """As promised by `Calls.claim`."""
        attempt, refused = self._attempt(connection, call, now.timestamp())
        if refused:
            return refused
        day = f"{as_utc(now):%Y-%m-%d}"
        if over := self._take(connection, call, day, limits):
            return over
        row = {
            "id": call.id,
            "attempt": attempt,
            "repository": call.repository,
            "name": call.name,
            "record_id": call.record_id,
            "model": call.model,
            "reader": call.reader,
            "pieces": json.dumps(call.pieces),
            "in_batch": call.in_batch,
            "batch_key": batch_key,
            "state": "claimed",
            "day": day,
            "claimed_at": now.timestamp(),
            **dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"), 0),
            "cost_usd": 0.0,
        }
        new = self._insert(CALLS).values(row).on_conflict_do_nothing().returning(CALLS.c.id)
        if connection.scalar(new) is not None:  # the count of rows is not known of an insert on PostgreSQL
            return Claimed()
        self._put_back(connection, call.repository, day)  # somebody was quicker by a moment
        return Busy(LEASE_SECONDS)

    def give_back(self, connection: Connection, call: Call) -> None:
        """Undo the last claim of this call that was not answered."""
        query = select(CALLS).where(*unanswered(call)).order_by(CALLS.c.attempt.desc()).limit(1)
        row = connection.execute(query).one_or_none()
        if row is None:
            return
        # the budget first, as whoever claims: two who want the same two rows must not wait for each other
        self._put_back(connection, row.repository, row.day)
        mine = (*unanswered(call), CALLS.c.attempt == row.attempt)
        if not connection.execute(delete(CALLS).where(*mine)).rowcount:
            self._add(connection, row.day, _EVERYBODY, 1)  # another was quicker
            self._add(connection, row.day, row.repository, 1)

    def _attempt(self, connection: Connection, call: Call, now: float) -> tuple[int, Claim | None]:
        """Which attempt this would be, and why there must be none."""
        query = select(CALLS).where(CALLS.c.id == call.id).order_by(CALLS.c.attempt.desc()).limit(1)
        last = connection.execute(query).one_or_none()
        if last is None:
            return 1, None
        attempt = last.attempt + 1
        if last.state == "answered":
            # its answer is there by now; it is gone only if it was forgotten since
            is_new = now - last.answered_at < _JUST_ANSWERED_SECONDS
            return attempt, Busy(1.0) if is_new else None
        if last.batch_key:
            return attempt, OutcomeLost("it is asked in a batch")
        left = last.claimed_at + LEASE_SECONDS - now
        if left > 0:
            return attempt, Busy(left)
        may_be_asked = call.in_batch and last.attempt < _ATTEMPTS
        return attempt, None if may_be_asked else OutcomeLost()

    def _take(self, connection: Connection, call: Call, day: str, limits: Limits) -> OverBudget | None:
        if not self._count(connection, day, _EVERYBODY, limits.per_day):
            return OverBudget(f"the day's {limits.per_day} calls are used up")
        if not self._count(connection, day, call.repository, limits.per_repository):
            self._add(connection, day, _EVERYBODY, -1)
            return OverBudget(f"the day's {limits.per_repository} calls of this repository are used up")
        return None

    def _put_back(self, connection: Connection, repository: str, day: str) -> None:
        self._add(connection, day, _EVERYBODY, -1)
        self._add(connection, day, repository, -1)

    def _count(self, connection: Connection, day: str, repository: str, most: int) -> bool:
        start = self._insert(BUDGET).values(day=day, repository=repository, calls=0)
        connection.execute(start.on_conflict_do_nothing())
        return self._add(connection, day, repository, 1, below=most)

    def _add(
        self, connection: Connection, day: str, repository: str, change: int, *, below: int | None = None
    ) -> bool:
        b = BUDGET.c
        where = [b.day == day, b.repository == repository]
        where += [] if below is None else [b.calls < below]
        changed = update(BUDGET).where(*where).values(calls=b.calls + change)
        return bool(connection.execute(changed).rowcount)
