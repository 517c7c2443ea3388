"""Deliveries in the operational store: SQLite or PostgreSQL, through SQLAlchemy Core."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Update, and_, case, func, select, update

from devnexus.events import NotificationRequested
from devnexus.state import inserting, reading, transaction
from notifier import sql_digests, sql_old_rows, sql_targets
from notifier.delivery_store import Claim
from notifier.sql_tables import DELIVERIES, FAILING, IS_WAITING, body_of, request_in


class SqlDeliveries:
    """A DeliveryStore in a database whose tables are there (`devnexus.state.create_tables`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = inserting(engine)

    def record(self, request: NotificationRequested, *, now: float, traceparent: str | None = None) -> None:
        """As promised by DeliveryStore."""
        d = DELIVERIES.c
        with transaction(self._engine) as connection:
            cool_until = sql_targets.of_failing(connection, request.target, FAILING.c.cool_until)
            new = self._insert(DELIVERIES).values(
                id=request.id,
                target=request.target,
                body=body_of(request),
                state="waiting",
                attempts=0,
                unclear=0,
                received=1,
                due_at=max(now, cool_until),
                created_at=now,
                traceparent=traceparent,
            )
            known = {d.received: d.received + 1}
            connection.execute(new.on_conflict_do_update(index_elements=[d.id], set_=known))

    def targets_due(self, *, now: float) -> Sequence[str]:
        """As promised by DeliveryStore."""
        query = (
            select(DELIVERIES.c.target)
            .where(sql_targets.is_free(now), sql_targets.has_a_turn(now))
            .group_by(DELIVERIES.c.target)
            .order_by(func.min(DELIVERIES.c.created_at))
        )
        with reading(self._engine) as connection:
            return connection.scalars(query).all()

    def due(self, target: str, *, now: float, most: int) -> Sequence[str]:
        """As promised by DeliveryStore."""
        d = DELIVERIES.c
        query = (
            select(d.id)
            .where(d.target == target, sql_targets.is_free(now), sql_targets.has_a_turn(now))
            .order_by(d.created_at, d.id)
            .limit(most)
        )
        with reading(self._engine) as connection:
            return connection.scalars(query).all()

    def next_due(self, *, now: float) -> float | None:
        """As promised by DeliveryStore."""
        with reading(self._engine) as connection:
            return sql_targets.next_due(connection, now)

    def claim(self, delivery_id: str, *, now: float, until: float) -> Claim | None:
        """As promised by DeliveryStore."""
        with transaction(self._engine) as connection:
            row = _take(connection, delivery_id, now=now, until=until)
            return row and _claim(connection, row)

    def claim_turn(self, delivery_id: str, target: str, *, now: float, until: float) -> Claim | None:
        """As promised by DeliveryStore."""
        with transaction(self._engine) as connection:
            if not sql_targets.take_turn(connection, target, now=now, until=until):
                return None
            row = _take(connection, delivery_id, now=now, until=until)
            if row is None:
                sql_targets.end_turn(connection, target, taken_until=until, quiet_until=now)
                return None
            return _claim(connection, row)

    def end_turn(self, claim: Claim, *, quiet_until: float) -> None:
        """As promised by DeliveryStore."""
        with transaction(self._engine) as connection:
            sql_targets.end_turn(connection, claim.target, taken_until=claim.until, quiet_until=quiet_until)

    def delivered(self, claim: Claim, *, now: float) -> None:
        """As promised by DeliveryStore; true even if the claim expired before it was known."""
        finish = (
            update(DELIVERIES)
            .where(DELIVERIES.c.id == claim.delivery_id, IS_WAITING)
            .values(state="delivered", claimed_until=None, last_error=None, finished_at=now)
        )
        with transaction(self._engine) as connection:
            connection.execute(finish)
            sql_targets.note_success(connection, claim.target, now=now)

    def postpone(self, claim: Claim, *, reason: str, due_at: float, cool_until: float) -> None:
        """As promised by DeliveryStore; nothing if the claim expired and another has it."""
        wait = _held(claim).values(due_at=due_at, claimed_until=None, last_error=reason)
        with transaction(self._engine) as connection:
            connection.execute(wait)
            sql_targets.note_failure(connection, claim.target, cool_until=cool_until)

    def give_up(self, claim: Claim, *, reason: str, now: float) -> None:
        """As promised by DeliveryStore; nothing if the claim expired and another has it."""
        with transaction(self._engine) as connection:
            _give_up(connection, claim, reason=reason, now=now)

    def take_apart(self, claim: Claim, *, reason: str, now: float) -> None:
        """As promised by DeliveryStore; nothing if the claim expired and another has it."""
        with transaction(self._engine) as connection:
            if _give_up(connection, claim, reason=reason, now=now):
                sql_digests.take_apart(connection, claim.delivery_id, now=now)

    def disable(self, claim: Claim, *, reason: str, now: float) -> bool:
        """As promised by DeliveryStore."""
        wait = _held(claim).values(due_at=now, claimed_until=None, last_error=reason)
        with transaction(self._engine) as connection:
            connection.execute(wait)
            return sql_targets.disable(connection, claim.target, reason=reason, now=now)

    def enable(self, target: str) -> bool:
        """Hold a target that has shown that it takes messages back no longer; whether it was disabled."""
        with transaction(self._engine) as connection:
            return sql_targets.enable(connection, target)

    def digest(self, target: str, *, now: float) -> int:
        """As promised by DeliveryStore."""
        with transaction(self._engine) as connection:
            return sql_digests.make_digest(connection, target, now=now)

    def forget(self, *, finished_before: float) -> int:
        """As promised by DeliveryStore."""
        with transaction(self._engine) as connection:
            return sql_old_rows.forget(connection, finished_before=finished_before)

    def give_up_disabled(self, *, waiting_since: float, now: float) -> Mapping[str, int]:
        """As promised by DeliveryStore."""
        with transaction(self._engine) as connection:
            return sql_old_rows.give_up_disabled(connection, waiting_since=waiting_since, now=now)


def _take(connection: Connection, delivery_id: str, *, now: float, until: float) -> Row[Any] | None:
    """The row of a delivery that is claimed from now on; None if it is not to be had."""
    d = DELIVERIES.c
    expired = case((d.claimed_until.is_(None), 0), else_=1)
    take = (
        update(DELIVERIES)
        .where(d.id == delivery_id, sql_targets.is_free(now))
        .values(attempts=d.attempts + 1, unclear=d.unclear + expired, claimed_until=until)
    )
    if connection.execute(take).rowcount != 1:
        return None
    return connection.execute(select(DELIVERIES).where(d.id == delivery_id)).one()


def _claim(connection: Connection, row: Row[Any]) -> Claim:
    return Claim(
        delivery_id=row.id,
        target=row.target,
        attempt=row.attempts,
        unclear=row.unclear,
        failures_before=int(sql_targets.of_failing(connection, row.target, FAILING.c.failures)),
        until=row.claimed_until,
        request=request_in(row.body),
        traceparent=row.traceparent,
        members=sql_digests.traces_in(connection, row.id) if row.members else (),
    )


def _give_up(connection: Connection, claim: Claim, *, reason: str, now: float) -> bool:
    end = _held(claim).values(state="given_up", claimed_until=None, last_error=reason, finished_at=now)
    return connection.execute(end).rowcount == 1


def _held(claim: Claim) -> Update:
    """A change of the delivery that this claim, and no later one, is about."""
    d = DELIVERIES.c
    mine = and_(d.id == claim.delivery_id, IS_WAITING, d.attempts == claim.attempt)
    return update(DELIVERIES).where(mine)
