"""How tasks stand, in the operational store: any instance can say.

Times are seconds since 1970, so that SQLite and PostgreSQL keep and compare them alike.
"""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    Engine,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from a2a_gateway.callers.caller import Caller
from a2a_gateway.tasks.port import Outcome, Task
from devnexus.state import reading, transaction

_KEPT_SECONDS = 86_400.0
_SILENCE_SECONDS = 60.0
_GONE = Outcome(
    "failed", error="The instance that worked on it is gone, and what it did is lost. Send the call again."
)

TASK_TABLES = MetaData()

TASKS = Table(
    "tasks",
    TASK_TABLES,
    Column("id", Text, primary_key=True),
    Column("caller", Text, nullable=False, comment="only they may ask for it"),
    Column("skill", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("began_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False, comment="when the instance last said that it goes on"),
    Column("is_unwanted", Boolean, nullable=False, comment="its caller has asked to give it up"),
    Column("answer", Text, comment="JSON"),
    Column("error", Text),
)
Index("tasks_seen", TASKS.c.seen_at)

_T = TASKS.c
_GOES_ON = _T.status.in_(["queued", "running"])


class SqlTasks:
    """A TaskStore in a database whose tables are there (`devnexus.state.create_tables`)."""

    def __init__(self, engine: Engine, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, task: Task, caller: Caller) -> None:
        """As promised by TaskStore."""
        now = self._clock()
        row = {"id": task.id, "caller": caller.name, "skill": task.skill, "status": task.status}
        times = {"began_at": task.began_at.timestamp(), "seen_at": now}
        with transaction(self._engine) as connection:
            connection.execute(delete(TASKS).where(_T.seen_at < now - _KEPT_SECONDS))
            connection.execute(insert(TASKS).values(**row, **times, step=task.step, is_unwanted=False))

    def beat(self, steps: Mapping[str, str]) -> Collection[str]:
        """As promised by TaskStore."""
        with transaction(self._engine) as connection:
            for id_, step in steps.items():
                note = {"step": step, "seen_at": self._clock(), "status": "running"}
                connection.execute(update(TASKS).where(_T.id == id_, _GOES_ON).values(**note))
            return set(connection.scalars(select(_T.id).where(_T.id.in_(steps), _T.is_unwanted)))

    def end(self, outcomes: Mapping[str, Outcome]) -> None:
        """As promised by TaskStore."""
        with transaction(self._engine) as connection:
            for id_, outcome in outcomes.items():
                self._end(connection, id_, outcome)

    def find(self, task_id: str, caller: Caller) -> Task | None:
        """As promised by TaskStore."""
        if "\0" in task_id:  # PostgreSQL takes no such text, and no id has one
            return None
        theirs = select(TASKS).where(_T.id == task_id, _T.caller == caller.name)
        with reading(self._engine) as connection:
            row = connection.execute(theirs).one_or_none()
        return None if row is None else _task(row, self._clock())

    def give_up(self, task_id: str, caller: Caller) -> None:
        """As promised by TaskStore."""
        theirs = update(TASKS).where(_T.id == task_id, _T.caller == caller.name)
        with transaction(self._engine) as connection:
            connection.execute(theirs.values(is_unwanted=True))

    def _end(self, connection: Connection, id_: str, outcome: Outcome) -> None:
        told = {"status": outcome.status, "answer": outcome.answer, "error": outcome.error}
        going_on = update(TASKS).where(_T.id == id_, _GOES_ON)
        connection.execute(going_on.values(**told, seen_at=self._clock()))


def _task(row: Row[tuple[object, ...]], now: float) -> Task:
    goes_on = row.status in {"queued", "running"}
    outcome = None if goes_on else Outcome(row.status, row.answer, row.error)
    if goes_on and row.seen_at < now - _SILENCE_SECONDS:
        outcome = _GONE
    began_at = datetime.fromtimestamp(row.began_at, UTC)
    status = outcome.status if outcome else row.status
    return Task(row.id, row.skill, status, row.step, began_at, outcome)
