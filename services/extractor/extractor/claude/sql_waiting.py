"""What waits for Claude, and the batches that were sent, in the operational store."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, or_, select, update

from devnexus.errors import Rejected
from devnexus.events import CommitPushed, SnapshotRequested
from devnexus.printable import printable
from devnexus.repository import RepositoryId
from devnexus.state import inserting, reading, transaction
from devnexus.values import canonical_json, load_json
from extractor.claude.calls import Call, Claimed, Limits
from extractor.claude.sql_claims import Claims
from extractor.claude.sql_tables import BATCHES, CALLS, WAITING
from extractor.claude.waiting import Analysed, SentBatch, Waiter

_GIVEN_SECONDS = 600.0
"""Whoever was given something either has it under way by then, or died."""

_log = logging.getLogger(__name__)

_TYPES: Mapping[str, type[Analysed]] = {kind.TYPE: kind for kind in (CommitPushed, SnapshotRequested)}


class SqlWaiting:
    """Keeps the list in a database whose tables are there (`devnexus.state.create_tables`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = inserting(engine)
        self._claims = Claims(engine)

    def add(self, event: Analysed, because: str, *, now: datetime) -> None:
        """As promised by Waiting."""
        new = self._insert(WAITING).values(
            record_id=event.id,
            repository=event.repository.id,
            type=event.TYPE,
            event=canonical_json(event.payload()).decode(),
            because=printable(because),
            since=now.timestamp(),
            listed_at=now.timestamp(),
        )
        again = {"because": new.excluded.because, "listed_at": new.excluded.listed_at}
        with transaction(self._engine) as connection:
            connection.execute(new.on_conflict_do_update(index_elements=[WAITING.c.record_id], set_=again))

    def next(self, most: int, *, now: datetime) -> Sequence[Waiter]:
        """As promised by Waiting."""
        w, seconds = WAITING.c, now.timestamp()
        free = or_(w.given_at.is_(None), w.given_at < seconds - _GIVEN_SECONDS)
        turn = (func.coalesce(w.given_at, 0.0), w.since, w.record_id)
        query = select(WAITING).where(w.batch_key.is_(None), free).order_by(*turn).limit(most)
        with transaction(self._engine) as connection:
            rows = connection.execute(query.with_for_update(skip_locked=True)).all()
            ids = [row.record_id for row in rows]
            connection.execute(update(WAITING).where(w.record_id.in_(ids)).values(given_at=seconds))
        return _waiters(rows)

    def sending(
        self, key: str, calls: Sequence[Call], record_ids: Sequence[str], limits: Limits, *, now: datetime
    ) -> Sequence[Call]:
        """As promised by Waiting."""
        with transaction(self._engine) as connection:
            claimed = [call for call in calls if self._claimed(connection, call, limits, now, key)]
            if claimed:
                asking = {call.record_id for call in claimed} & {*record_ids}
                connection.execute(self._insert(BATCHES).values(key=key, sent_at=now.timestamp()))
                held = update(WAITING).where(WAITING.c.record_id.in_(sorted(asking)))
                connection.execute(held.values(batch_key=key))
        return claimed

    def sent(self, key: str, batch: str) -> None:
        """As promised by Waiting."""
        with transaction(self._engine) as connection:
            connection.execute(update(BATCHES).where(BATCHES.c.key == key).values(batch=batch))

    def under_way(self) -> Sequence[SentBatch]:
        """As promised by Waiting."""
        with reading(self._engine) as connection:
            batches = connection.execute(select(BATCHES).order_by(BATCHES.c.sent_at, BATCHES.c.key)).all()
            return [_sent_batch(connection, row) for row in batches]

    def taken(self, key: str) -> None:
        """As promised by Waiting."""
        w = WAITING.c
        sent_at = select(BATCHES.c.sent_at).where(BATCHES.c.key == key).scalar_subquery()
        with transaction(self._engine) as connection:
            self._give_back(connection, key)
            connection.execute(delete(WAITING).where(w.batch_key == key, w.listed_at <= sent_at))
            self._forget(connection, key)

    def never_sent(self, key: str) -> None:
        """As promised by Waiting."""
        with transaction(self._engine) as connection:
            self._give_back(connection, key)
            self._forget(connection, key)

    def done(self, record_id: str) -> None:
        """As promised by Waiting."""
        with transaction(self._engine) as connection:
            connection.execute(delete(WAITING).where(WAITING.c.record_id == record_id))

    def count(self) -> int:
        """As promised by Waiting."""
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(WAITING)) or 0

    def forget(self, repository: RepositoryId) -> None:
        """Take everything of a repository off the list."""
        with transaction(self._engine) as connection:
            connection.execute(delete(WAITING).where(WAITING.c.repository == repository))

    def _claimed(self, connection: Connection, call: Call, limits: Limits, now: datetime, key: str) -> bool:
        return isinstance(self._claims.claim(connection, call, limits, now, batch_key=key), Claimed)

    def _give_back(self, connection: Connection, key: str) -> None:
        """Only what is of this batch: a call of the same id may be in the next one by now."""
        for call in _calls(connection, key):
            self._claims.give_back(connection, call)

    def _forget(self, connection: Connection, key: str) -> None:
        free = update(WAITING).where(WAITING.c.batch_key == key).values(batch_key=None, given_at=None)
        connection.execute(free)
        connection.execute(update(CALLS).where(CALLS.c.batch_key == key).values(batch_key=None))
        connection.execute(delete(BATCHES).where(BATCHES.c.key == key))


def _sent_batch(connection: Connection, row: Row[Any]) -> SentBatch:
    w = WAITING.c
    waiters = select(WAITING).where(w.batch_key == row.key).order_by(w.since, w.record_id)
    return SentBatch(
        key=row.key,
        batch=row.batch,
        sent_at=datetime.fromtimestamp(row.sent_at, UTC),
        calls=_calls(connection, row.key),
        waiters=tuple(_waiters(connection.execute(waiters).all())),
    )


def _calls(connection: Connection, key: str) -> tuple[Call, ...]:
    """Those of a batch that nobody has the answer to yet."""
    c = CALLS.c
    query = select(CALLS).where(c.batch_key == key, c.state == "claimed").order_by(c.id)
    return tuple(
        Call(
            id=row.id,
            repository=row.repository,
            name=row.name,
            record_id=row.record_id,
            model=row.model,
            reader=row.reader,
            pieces=tuple(json.loads(row.pieces)),
            in_batch=row.in_batch,
        )
        for row in connection.execute(query)
    )


def _waiters(rows: Sequence[Row[Any]]) -> Sequence[Waiter]:
    """What the rows hold, save for what another version has written so that this one cannot read it."""
    found = []
    for row in rows:
        try:
            event = _TYPES[row.type].parse(load_json(row.event))
        except (KeyError, ValueError, Rejected):
            _log.warning("%s was listed by another version: this one leaves it alone", row.record_id)
        else:
            found.append(Waiter(event, row.because, datetime.fromtimestamp(row.since, UTC)))
    return found
