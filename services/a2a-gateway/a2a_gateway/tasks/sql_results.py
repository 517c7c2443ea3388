"""What was worked out before, in the operational store: so much of it, and for so long."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Engine,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    func,
    select,
)

from devnexus.errors import Unavailable
from devnexus.state import inserting, reading, transaction
from devnexus.values import digest

_KEPT_SECONDS = 30 * 86_400.0
_LARGEST = 1_000_000
_ALL_TOGETHER = 200_000_000

RESULT_TABLES = MetaData()

RESULTS = Table(
    "results",
    RESULT_TABLES,
    Column("key", Text, primary_key=True, comment="digest of all that the result depends on"),
    Column("result", Text, nullable=False),
    Column("size", Integer, nullable=False, comment="characters"),
    Column("at", Double, nullable=False),
)
Index("results_at", RESULTS.c.at)

_R = RESULTS.c

_log = logging.getLogger(__name__)


class SqlResults:
    """Results in a database whose tables are there (`devnexus.state.create_tables`).

    Where the database does not answer, it is as if nothing had been worked out before.
    """

    def __init__(
        self, engine: Engine, *, clock: Callable[[], float] = time.time, most: int = _ALL_TOGETHER
    ) -> None:
        """`most`: so many characters are kept, of the newest results."""
        self._engine = engine
        self._insert = inserting(engine)
        self._clock = clock
        self._most = most

    def get(self, key: str) -> str | None:
        """As promised by Results."""
        found = select(_R.result).where(_R.key == digest(key, length=64))
        with _doing_without(), reading(self._engine) as connection:
            result = connection.scalar(found.where(_R.at > self._clock() - _KEPT_SECONDS))
            return None if result is None else str(result)
        return None

    def keep(self, key: str, result: str) -> None:
        """As promised by Results; what is too large is worked out again the next time."""
        if len(result) > _LARGEST:
            return
        row = {"key": digest(key, length=64), "result": result, "size": len(result), "at": self._clock()}
        new = self._insert(RESULTS).values(row)
        again = {"result": new.excluded.result, "size": new.excluded.size, "at": new.excluded.at}
        with _doing_without(), transaction(self._engine) as connection:
            connection.execute(new.on_conflict_do_update(index_elements=[_R.key], set_=again))
            connection.execute(delete(RESULTS).where(_R.at < self._clock() - _KEPT_SECONDS))
            self._make_room(connection)

    def _make_room(self, connection: Connection) -> None:
        total = connection.scalar(select(func.sum(_R.size))) or 0
        if total <= self._most:
            return
        newest_first = func.sum(_R.size).over(order_by=(_R.at.desc(), _R.key))
        summed = select(_R.key, newest_first.label("so_far")).subquery()
        too_much = select(summed.c.key).where(summed.c.so_far > self._most)
        connection.execute(delete(RESULTS).where(_R.key.in_(too_much)))


@contextmanager
def _doing_without() -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        _log.warning("what was worked out before cannot be had, or kept: %s", error)
