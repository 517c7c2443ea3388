"""Looks in the operational store."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Engine,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    select,
)

from devnexus.agents.looks import KEPT_SECONDS, Look
from devnexus.state import transaction

TABLES = MetaData()
AGENT_HEALTH = Table(
    "agent_health",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("healthy", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("detail", Text, nullable=False),
)
Index("agent_health_by_time", AGENT_HEALTH.c.agent, AGENT_HEALTH.c.at)


class SqlLooks:
    """Looks in a database whose tables are there (`devnexus.state.create_tables`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, looks: Sequence[Look], *, now: float) -> None:
        """As promised by Looks."""
        with transaction(self._engine) as connection:
            if looks:
                connection.execute(insert(AGENT_HEALTH), [asdict(look) for look in looks])
            connection.execute(delete(AGENT_HEALTH).where(AGENT_HEALTH.c.at < now - KEPT_SECONDS))

    def after(self, moment: float) -> Sequence[Look]:
        """As promised by Looks."""
        query = select(AGENT_HEALTH).where(AGENT_HEALTH.c.at > moment).order_by(AGENT_HEALTH.c.at)
        with transaction(self._engine) as connection:
            return [_look(row) for row in connection.execute(query)]

    def newest(self) -> Mapping[str, Look]:
        """As promised by Looks."""
        last = (
            select(AGENT_HEALTH.c.agent, func.max(AGENT_HEALTH.c.at).label("at"))
            .group_by(AGENT_HEALTH.c.agent)
            .subquery()
        )
        is_last = and_(AGENT_HEALTH.c.agent == last.c.agent, AGENT_HEALTH.c.at == last.c.at)
        query = select(AGENT_HEALTH).join(last, is_last)
        with transaction(self._engine) as connection:
            return {row.agent: _look(row) for row in connection.execute(query)}


def _look(row: Row[tuple[object, ...]]) -> Look:
    return Look(
        agent=row.agent,
        at=row.at,
        healthy=row.healthy,
        status=row.status,
        latency_ms=row.latency_ms,
        detail=row.detail,
    )
