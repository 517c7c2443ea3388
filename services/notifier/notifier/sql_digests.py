"""Makes one delivery of many that wait, in one transaction of the operational store."""

from collections.abc import Sequence

from sqlalchemy import Connection, exists, func, insert, select, update

from devnexus.events import NotificationRequested
from notifier.digests import FEW, MOST, can_be_member, digest_of, how_many_fit
from notifier.sql_tables import DELIVERIES, FAILING, IS_WAITING, body_of, request_in


def make_digest(connection: Connection, target: str, *, now: float) -> int:
    """As promised by DeliveryStore.digest."""
    if connection.scalar(select(exists().where(FAILING.c.target == target))):
        return 0
    members = _read(connection, _lock_never_attempted(connection, target))
    if len(members) < 2:
        return 0
    told = digest_of(list(members.values()))
    d = DELIVERIES.c
    oldest = connection.scalar(select(func.min(d.created_at)).where(d.id.in_(members)))
    trace = connection.scalar(select(d.traceparent).where(d.id == next(iter(members))))
    new = insert(DELIVERIES).values(
        id=told.id,
        target=target,
        body=body_of(told),
        state="waiting",
        attempts=0,
        unclear=0,
        received=1,
        due_at=now,
        created_at=oldest,
        members=len(members),
        traceparent=trace,
    )
    connection.execute(new)
    connection.execute(
        update(DELIVERIES)
        .where(d.id.in_(members))
        .values(state="digested", digest_id=told.id, finished_at=now)
    )
    return len(members)


def traces_in(connection: Connection, digest_id: str) -> Sequence[str]:
    """The traces of a digest's members, oldest first."""
    d = DELIVERIES.c
    query = select(d.traceparent).where(d.digest_id == digest_id, d.traceparent.is_not(None))
    return connection.scalars(query.order_by(d.created_at, d.id)).all()


def take_apart(connection: Connection, digest_id: str, *, now: float) -> None:
    """Let the members of a digest wait again; they keep its id, and none becomes part of another."""
    members = update(DELIVERIES).where(DELIVERIES.c.digest_id == digest_id)
    connection.execute(members.values(state="waiting", due_at=now, finished_at=None))


def _lock_never_attempted(connection: Connection, target: str) -> list[str]:
    """The ids of the oldest that fit, none of only a few; what somebody else has in hand is left to them."""
    d = DELIVERIES.c
    query = (
        select(d.id, func.length(d.body).label("length"))
        .where(d.target == target, IS_WAITING)
        .where(d.attempts == 0, d.claimed_until.is_(None), d.members.is_(None), d.digest_id.is_(None))
        .order_by(d.created_at, d.id)
        .limit(MOST)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(query).all()
    if len(rows) <= FEW:
        return []
    return [row.id for row in rows[: how_many_fit([row.length for row in rows])]]


def _read(connection: Connection, ids: list[str]) -> dict[str, NotificationRequested]:
    """What can be told as one, oldest first, by id."""
    d = DELIVERIES.c
    query = select(d.id, d.body).where(d.id.in_(ids)).order_by(d.created_at, d.id)
    read = {row.id: request_in(row.body) for row in connection.execute(query)}
    return {id_: request for id_, request in read.items() if request and can_be_member(request)}
