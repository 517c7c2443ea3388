"""Deliveries in the operational store: SQLite or PostgreSQL, through SQLAlchemy Core.

Times are seconds since 1970, so that both databases keep and compare them alike.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Double,
    Engine,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from devnexus.events import NotificationRequested
from devnexus.state import transaction
from devnexus.values import canonical_json, load_json
from notifier.deliveries import Claim, Due

TABLES = MetaData()

DELIVERIES = Table(
    "deliveries",
    TABLES,
    Column("id", Text, primary_key=True, comment="what the target sees as webhook-id, at every attempt"),
    Column("target", Text, nullable=False),
    Column("body", Text, nullable=False, comment="the payload of NotificationRequested, JSON"),
    Column("state", Text, CheckConstraint("state IN ('waiting', 'delivered', 'given_up')"), nullable=False),
    Column("attempts", Integer, nullable=False, comment="begun, whatever became of them"),
    Column("unclear", Integer, nullable=False, comment="of these, those whose outcome nobody recorded"),
    Column("received", Integer, nullable=False, comment="how often the event arrived"),
    Column("due_at", Double, nullable=False),
    Column("claimed_until", Double, comment="set while somebody attempts it"),
    Column("last_error", Text),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
)
_WAITING = DELIVERIES.c.state == "waiting"
Index("deliveries_waiting", DELIVERIES.c.due_at, sqlite_where=_WAITING, postgresql_where=_WAITING)

FAILING = Table(
    "failing_targets",
    TABLES,
    Column("target", Text, primary_key=True, comment="one that did not take what it was sent last"),
    Column("failures", Integer, nullable=False, comment="attempts since the last that it took"),
    Column("cool_until", Double, nullable=False, comment="nothing is attempted before"),
)

_INSERTS: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class SqlDeliveries:
    """A DeliveryStore in a database whose tables are there (`devnexus.state.create_tables`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = _INSERTS[engine.dialect.name]

    def record(self, request: NotificationRequested, *, now: float) -> None:
        """As promised by DeliveryStore."""
        d = DELIVERIES.c
        with transaction(self._engine) as connection:
            cool_until = _of_target(connection, request.target, FAILING.c.cool_until)
            new = self._insert(DELIVERIES).values(
                id=request.id,
                target=request.target,
                body=canonical_json(request.payload()).decode(),
                state="waiting",
                attempts=0,
                unclear=0,
                received=1,
                due_at=max(now, cool_until),
                created_at=now,
            )
            known = {d.received: d.received + 1}
            connection.execute(new.on_conflict_do_update(index_elements=[d.id], set_=known))

    def due(self, *, now: float, per_target: int) -> Sequence[Due]:
        """As promised by DeliveryStore."""
        d = DELIVERIES.c
        cooling = select(FAILING.c.target).where(FAILING.c.cool_until > now)
        place = func.row_number().over(partition_by=d.target, order_by=(d.created_at, d.id))
        found = (
            select(d.id, d.target, d.created_at, place.label("place"))
            .where(_is_free(now), d.target.not_in(cooling))
            .subquery()
        )
        query = (
            select(found.c.id, found.c.target)
            .where(found.c.place <= per_target)
            .order_by(found.c.created_at, found.c.id)
        )
        with transaction(self._engine) as connection:
            return [Due(delivery_id=row.id, target=row.target) for row in connection.execute(query)]

    def claim(self, delivery_id: str, *, now: float, until: float) -> Claim | None:
        """As promised by DeliveryStore."""
        d = DELIVERIES.c
        expired = case((d.claimed_until.is_(None), 0), else_=1)
        take = (
            update(DELIVERIES)
            .where(d.id == delivery_id, _is_free(now))
            .values(attempts=d.attempts + 1, unclear=d.unclear + expired, claimed_until=until)
        )
        with transaction(self._engine) as connection:
            if connection.execute(take).rowcount != 1:
                return None
            row = connection.execute(select(DELIVERIES).where(d.id == delivery_id)).one()
            failures = _of_target(connection, row.target, FAILING.c.failures)
        return Claim(
            delivery_id=row.id,
            target=row.target,
            attempt=row.attempts,
            failures_before=int(failures),
            request=NotificationRequested.parse(load_json(row.body)),
        )

    def delivered(self, claim: Claim, *, now: float) -> None:
        """As promised by DeliveryStore; true even if the claim expired before it was known."""
        finish = (
            update(DELIVERIES)
            .where(DELIVERIES.c.id == claim.delivery_id, _WAITING)
            .values(state="delivered", claimed_until=None, last_error=None, finished_at=now)
        )
        with transaction(self._engine) as connection:
            connection.execute(finish)
            connection.execute(
                delete(FAILING).where(FAILING.c.target == claim.target, FAILING.c.cool_until <= now)
            )

    def postpone(self, claim: Claim, *, reason: str, due_at: float, cool_until: float) -> None:
        """As promised by DeliveryStore; nothing if the claim expired and another has it."""
        wait = (
            update(DELIVERIES)
            .where(_is_held(claim))
            .values(due_at=due_at, claimed_until=None, last_error=reason)
        )
        f = FAILING.c
        fail = self._insert(FAILING).values(target=claim.target, failures=1, cool_until=cool_until)
        # what the target asked for stands, whatever became of an attempt that was under way beside it
        later = case((f.cool_until > cool_until, f.cool_until), else_=cool_until)
        again = {f.failures: f.failures + 1, f.cool_until: later}
        with transaction(self._engine) as connection:
            connection.execute(wait)
            connection.execute(fail.on_conflict_do_update(index_elements=[f.target], set_=again))

    def give_up(self, claim: Claim, *, reason: str, now: float) -> None:
        """As promised by DeliveryStore; nothing if the claim expired and another has it."""
        end = (
            update(DELIVERIES)
            .where(_is_held(claim))
            .values(state="given_up", claimed_until=None, last_error=reason, finished_at=now)
        )
        with transaction(self._engine) as connection:
            connection.execute(end)


def _of_target(connection: Connection, target: str, column: Column[Any]) -> float:
    """What is known of a failing target; 0 for one that is not."""
    return float(connection.scalar(select(column).where(FAILING.c.target == target)) or 0)


def _is_free(now: float) -> ColumnElement[bool]:
    d = DELIVERIES.c
    return and_(_WAITING, d.due_at <= now, or_(d.claimed_until.is_(None), d.claimed_until <= now))


def _is_held(claim: Claim) -> ColumnElement[bool]:
    d = DELIVERIES.c
    return and_(d.id == claim.delivery_id, _WAITING, d.attempts == claim.attempt)
