"""Runs over many repositories in the operational store, until everybody was told of them."""

from collections.abc import Iterator

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Engine,
    Index,
    MetaData,
    Table,
    Text,
    delete,
    or_,
    select,
    update,
)

from devnexus.events.event import Cause
from devnexus.events.similarity_computed import Named
from devnexus.state import inserting, reading, transaction
from devnexus.values import canonical_json, load_json
from notifier.runs import Brought, Run

_KEPT = 86_400.0
"""For so long events of a run that was told are known, and a late redelivery opens no new one."""

RUN_TABLES = MetaData()

RUNS = Table(
    "runs",
    RUN_TABLES,
    Column("id", Text, primary_key=True),
    Column("cause", Text, nullable=False),
    Column("open_cause", Text, unique=True, comment="the cause while the run goes on, so that one does"),
    Column("began_at", Double, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("told_at", Double),
)

RUN_EVENTS = Table(
    "run_events",
    RUN_TABLES,
    Column("id", Text, primary_key=True, comment="id of the SimilarityComputed"),
    Column("run", Text, nullable=False),
    Column("repository", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("owners", Text, nullable=False, comment="JSON"),
    Column("patterns", Text, nullable=False, comment="JSON: id to name and category"),
    Column("at", Double, nullable=False),
)
Index("run_events_run", RUN_EVENTS.c.run, RUN_EVENTS.c.at)


class SqlRuns:
    """A RunStore in a database whose tables are there (`devnexus.state.create_tables`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = inserting(engine)

    def note(self, event_id: str, cause: Cause, brought: Brought, *, now: float) -> None:
        """As promised by RunStore."""
        with transaction(self._engine) as connection:
            if connection.scalar(select(RUN_EVENTS.c.id).where(RUN_EVENTS.c.id == event_id)):
                return
            new = self._insert(RUN_EVENTS).values(
                id=event_id,
                run=self._open_run(connection, cause, now),
                repository=brought.repository.id,
                name=brought.repository.name,
                owners=canonical_json(list(brought.owners)).decode(),
                patterns=canonical_json(dict(brought.patterns)).decode(),
                at=now,
            )
            connection.execute(new.on_conflict_do_nothing())

    def _open_run(self, connection: Connection, cause: Cause, now: float) -> str:
        new = self._insert(RUNS).values(
            id=f"{cause}@{now:.6f}", cause=cause, open_cause=cause, began_at=now, last_at=now
        )
        connection.execute(
            new.on_conflict_do_update(index_elements=[RUNS.c.open_cause], set_={"last_at": now})
        )
        return str(connection.scalars(select(RUNS.c.id).where(RUNS.c.open_cause == cause)).one())

    def finished(self, *, now: float, quiet: float, longest: float) -> Iterator[Run]:
        """As promised by RunStore."""
        r = RUNS.c
        is_over = or_(r.last_at <= now - quiet, r.began_at <= now - longest)
        close = update(RUNS).where(r.open_cause.is_not(None), is_over)
        with transaction(self._engine) as connection:
            connection.execute(close.values(open_cause=None))
            rows = connection.execute(
                select(RUNS).where(r.open_cause.is_(None), r.told_at.is_(None)).order_by(r.id)
            ).all()
        for row in rows:
            yield Run(row.id, row.cause, row.began_at, row.last_at, self._brought(row.id))

    def told(self, run_id: str, *, now: float) -> None:
        """As promised by RunStore; what was told long ago is dropped."""
        old = select(RUNS.c.id).where(RUNS.c.told_at < now - _KEPT)
        with transaction(self._engine) as connection:
            connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(told_at=now))
            connection.execute(delete(RUN_EVENTS).where(RUN_EVENTS.c.run.in_(old)))
            connection.execute(delete(RUNS).where(RUNS.c.told_at < now - _KEPT))

    def _brought(self, run_id: str) -> list[Brought]:
        e = RUN_EVENTS.c
        found: dict[str, Brought] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(select(RUN_EVENTS).where(e.run == run_id).order_by(e.at, e.id)):
                before = found.get(row.repository)
                patterns = {
                    id_: (name, category) for id_, (name, category) in load_json(row.patterns).items()
                }
                found[row.repository] = Brought(
                    Named(id=row.repository, name=row.name),
                    tuple(load_json(row.owners)),
                    {**(before.patterns if before else {}), **patterns},
                )
        return list(found.values())
