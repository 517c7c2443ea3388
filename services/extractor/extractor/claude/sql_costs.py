"""What asking Claude has cost, as the operational store tells it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, case, func, select

from devnexus.state import reading
from devnexus.timestamps import as_utc
from extractor.claude.costs import Costs, DayCosts, RepositoryCosts, Taken
from extractor.claude.request import Usage
from extractor.claude.sql_claims import LEASE_SECONDS
from extractor.claude.sql_tables import BUDGET, CALLS, WAITING

_ANSWERED = CALLS.c.state == "answered"


def read_costs(engine: Engine, *, days: int, most: int, now: datetime) -> Costs:
    """The costs of today and the days before it, `days` in all, and of the `most` dearest repositories.

    Raises Unavailable where the store does not answer.
    """
    first = _day(now - timedelta(days=days - 1))
    c, on = CALLS.c, _ANSWERED & (CALLS.c.day >= first)
    by_day = _taken(c.day, c.model).where(on).group_by(c.day, c.model).order_by(c.day.desc(), c.model)
    dearest = _taken(c.repository, func.max(c.name).label("name")).where(on).group_by(c.repository)
    dearest = dearest.order_by(func.sum(c.cost_usd).desc(), c.repository).limit(most)
    with reading(engine) as connection:
        waiting = connection.execute(select(func.count(), func.min(WAITING.c.since))).one()
        return Costs(
            since=first,
            today=_day(now),
            days=tuple(DayCosts(row.day, row.model, _of(row)) for row in connection.execute(by_day)),
            dearest=tuple(
                RepositoryCosts(row.repository, row.name, _of(row)) for row in connection.execute(dearest)
            ),
            total=_of(connection.execute(_taken().where(on)).one()),
            open_calls=_open(connection, c.day >= first),
            lost_calls=_open(connection, c.day >= first, *_is_lost(now)),
            used_today=_used(connection, _day(now)),
            busiest_today=_busiest(connection, _day(now)),
            waiting=waiting[0],
            waiting_since=None if waiting[1] is None else datetime.fromtimestamp(waiting[1], UTC),
        )


def _day(moment: datetime) -> str:
    return f"{as_utc(moment):%Y-%m-%d}"


def _taken(*columns: ColumnElement[Any]) -> Select[Any]:
    c = CALLS.c
    sums = [func.coalesce(func.sum(c[name]), 0).label(name) for name in Usage.model_fields]
    return select(
        *columns,
        func.count(c.id).label("calls"),
        func.coalesce(func.sum(case((c.in_batch, 1), else_=0)), 0).label("in_batches"),
        func.coalesce(func.sum(c.cost_usd), 0.0).label("cost"),
        *sums,
    )


def _of(row: Row[Any]) -> Taken:
    usage = Usage(**{name: int(getattr(row, name)) for name in Usage.model_fields})
    return Taken(row.calls, int(row.in_batches), usage, round(float(row.cost), 6))


def _open(connection: Connection, *which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(CALLS).where(CALLS.c.state == "claimed", *which)
    return connection.scalar(query) or 0


def _is_lost(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (CALLS.c.batch_key.is_(None), CALLS.c.claimed_at <= now.timestamp() - LEASE_SECONDS)


def _used(connection: Connection, day: str) -> int:
    query = select(BUDGET.c.calls).where(BUDGET.c.day == day, BUDGET.c.repository == "")
    return connection.scalar(query) or 0


def _busiest(connection: Connection, day: str) -> tuple[str, int] | None:
    b = BUDGET.c
    name = select(func.max(CALLS.c.name)).where(CALLS.c.repository == b.repository).scalar_subquery()
    query = select(func.coalesce(name, b.repository), b.calls)
    query = query.where(b.day == day, b.repository != "", b.calls > 0)
    row = connection.execute(query.order_by(b.calls.desc(), b.repository).limit(1)).one_or_none()
    return None if row is None else (row[0], row[1])
