"""Which targets are held back, and why: parts of statements and transactions of the operational store."""

from typing import Any

from sqlalchemy import Column, Connection, and_, case, delete, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from devnexus.state import inserting
from notifier.sql_tables import DELIVERIES, DISABLED, FAILING, IS_WAITING, PACED


def is_free(now: float) -> ColumnElement[bool]:
    """That a delivery is due and unclaimed, and its target neither cools down nor is disabled."""
    d = DELIVERIES.c
    cooling = select(FAILING.c.target).where(FAILING.c.cool_until > now)
    return and_(
        IS_WAITING,
        d.due_at <= now,
        or_(d.claimed_until.is_(None), d.claimed_until <= now),
        d.target.not_in(cooling),
        d.target.not_in(select(DISABLED.c.target)),
    )


def has_a_turn(now: float) -> ColumnElement[bool]:
    """That nothing was told to the target of a delivery so recently that it wants to be left alone."""
    quiet = select(PACED.c.target).where(PACED.c.quiet_until > now)
    return DELIVERIES.c.target.not_in(quiet)


def next_due(connection: Connection, now: float) -> float | None:
    """When the first delivery will be free and have a turn; that of a disabled target never is."""
    d = DELIVERIES.c
    free_at = case((d.claimed_until > now, d.claimed_until), else_=d.due_at)
    query = (
        select(func.min(free_at), func.max(FAILING.c.cool_until), func.max(PACED.c.quiet_until))
        .select_from(
            DELIVERIES.outerjoin(FAILING, FAILING.c.target == d.target).outerjoin(
                PACED, PACED.c.target == d.target
            )
        )
        .where(IS_WAITING, d.target.not_in(select(DISABLED.c.target)))
        .group_by(d.target)
    )
    times = (max(time for time in row if time is not None) for row in connection.execute(query))
    return min(times, default=None)


def take_turn(connection: Connection, target: str, *, now: float, until: float) -> bool:
    """Hold a paced target back until then; False if it is held back already."""
    p = PACED.c
    take = inserting(connection.engine)(PACED).values(target=target, quiet_until=until)
    quiet = take.on_conflict_do_update(
        index_elements=[p.target], set_={p.quiet_until: until}, where=p.quiet_until <= now
    )
    return connection.scalar(quiet.returning(p.target)) is not None


def end_turn(connection: Connection, target: str, *, taken_until: float, quiet_until: float) -> None:
    """Hold a paced target back until `quiet_until`, if it is still held back by the turn in question."""
    p = PACED.c
    mine = and_(p.target == target, p.quiet_until == taken_until)
    connection.execute(update(PACED).where(mine).values(quiet_until=quiet_until))


def note_failure(connection: Connection, target: str, *, cool_until: float) -> None:
    """Count a failure and let the target cool down."""
    f = FAILING.c
    fail = inserting(connection.engine)(FAILING).values(target=target, failures=1, cool_until=cool_until)
    # what the target asked for stands, whatever became of an attempt that was under way beside it
    later = case((f.cool_until > cool_until, f.cool_until), else_=cool_until)
    again = {f.failures: f.failures + 1, f.cool_until: later}
    connection.execute(fail.on_conflict_do_update(index_elements=[f.target], set_=again))


def note_success(connection: Connection, target: str, *, now: float) -> None:
    """Forget the target's failures, unless it asked to be left alone for longer."""
    f = FAILING.c
    connection.execute(delete(FAILING).where(f.target == target, f.cool_until <= now))


def disable(connection: Connection, target: str, *, reason: str, now: float) -> bool:
    """Hold a target back until it is enabled; whether it was not disabled before."""
    new = inserting(connection.engine)(DISABLED).values(target=target, reason=reason, since=now)
    return connection.scalar(new.on_conflict_do_nothing().returning(DISABLED.c.target)) is not None


def enable(connection: Connection, target: str) -> bool:
    """Hold a target back no longer, for whatever reason it was; whether it was disabled."""
    for table in (FAILING, PACED):
        connection.execute(delete(table).where(table.c.target == target))
    return connection.execute(delete(DISABLED).where(DISABLED.c.target == target)).rowcount == 1


def of_failing(connection: Connection, target: str, column: Column[Any]) -> float:
    """What is known of a failing target; 0 for one that is not."""
    return float(connection.scalar(select(column).where(FAILING.c.target == target)) or 0)
