"""Writes that were accepted, in the operational store: what makes a retry the very same event.

Losing this store loses no knowledge. A key that is used again afterwards gives a second copy of its event,
at another time, and of two copies of one event the knowledge base keeps one.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Engine,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    delete,
    select,
    update,
)

from devnexus.errors import Unavailable
from devnexus.events import Record
from devnexus.knowledge.history import read_records, record_line
from devnexus.knowledge.store import Damaged
from devnexus.state import inserting, reading, transaction

KEPT_SECONDS = 30 * 86_400.0

_AT_ONCE = 1000
"""Rows that one transaction removes, so that nobody waits for it."""

WRITE_TABLES = MetaData()

ACCEPTED = Table(
    "accepted_writes",
    WRITE_TABLES,
    Column("id", Text, primary_key=True, comment="<caller>:<skill>:<idempotency key>"),
    Column("event_id", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("skill", Text, nullable=False),
    Column("given", Text, nullable=False, comment="digest of what the caller gave"),
    Column("record", Text, nullable=False, comment="the event, as a line of history"),
    Column("at", Double, nullable=False),
    Column("is_sent", Boolean, nullable=False, comment="whether the broker is known to have it"),
)
Index("accepted_writes_by_event", ACCEPTED.c.event_id)
Index("accepted_writes_by_time", ACCEPTED.c.at)


@dataclass(frozen=True)
class Write:
    """One event that a caller's call amounts to, however often the call is made."""

    id: str
    caller: str
    skill: str
    given: str
    record: Record
    is_sent: bool = False


class SqlWrites:
    """Keeps writes in a database whose tables are there (`devnexus.state.create_tables`).

    Every method raises Unavailable if the store may not have done it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = inserting(engine)

    def accept(self, write: Write) -> Write:
        """The write of this id that was accepted first: this one, if there was none."""
        new = self._insert(ACCEPTED).values(
            id=write.id,
            event_id=write.record.id,
            caller=write.caller,
            skill=write.skill,
            given=write.given,
            record=record_line(write.record).decode(),
            at=write.record.at.timestamp(),
            is_sent=write.is_sent,
        )
        with transaction(self._engine) as connection:
            connection.execute(new.on_conflict_do_nothing())
            return _write(connection.execute(select(ACCEPTED).where(ACCEPTED.c.id == write.id)).one())

    def note_sent(self, write: Write) -> None:
        """Keep that the broker has its event."""
        sent = update(ACCEPTED).where(ACCEPTED.c.id == write.id).values(is_sent=True)
        with transaction(self._engine) as connection:
            connection.execute(sent)

    def find(self, event_id: str, *, caller: str) -> Write | None:
        """The write that sent this event for this caller."""
        if "\0" in event_id:  # PostgreSQL takes no such text, and no id has one
            return None
        query = select(ACCEPTED).where(ACCEPTED.c.event_id == event_id, ACCEPTED.c.caller == caller)
        with reading(self._engine) as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return _write(row) if row else None

    def forget_old(self, *, now: float) -> None:
        """Drop some of what was accepted more than 30 days ago."""
        old = select(ACCEPTED.c.id).where(ACCEPTED.c.at < now - KEPT_SECONDS).limit(_AT_ONCE)
        with transaction(self._engine) as connection:
            connection.execute(delete(ACCEPTED).where(ACCEPTED.c.id.in_(old)))

    def database_version(self) -> str:
        """What the database says it is."""
        with reading(self._engine) as connection:
            connection.execute(select(1))
            version = connection.dialect.server_version_info or ()
        return f"{self._engine.dialect.name} {'.'.join(map(str, version))}"


def _write(row: Row[Any]) -> Write:
    try:
        (record,) = read_records(row.record.encode(), path="accepted_writes")
    except Damaged as error:
        raise Unavailable(f"another version of this service accepted it: {error}") from error
    return Write(
        id=row.id,
        caller=row.caller,
        skill=row.skill,
        given=row.given,
        record=record,
        is_sent=row.is_sent,
    )
