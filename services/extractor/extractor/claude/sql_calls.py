"""Calls, what was said and what it cost, in the operational store."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, Engine, delete, func, select, update

from devnexus.printable import printable
from devnexus.repository import RepositoryId
from devnexus.state import inserting, reading, transaction
from devnexus.timestamps import as_utc
from extractor.claude.calls import Call, Claim, Known, Limits, Spent
from extractor.claude.request import Usage
from extractor.claude.said import Said
from extractor.claude.sql_claims import Claims, unanswered
from extractor.claude.sql_tables import BUDGET, CALLS, KNOWN

KEPT = timedelta(days=400)
"""So that the costs of a year can be told, and nothing of it is paid twice."""

_AT_ONCE = 500
"""Digests in one question; databases limit the values of a statement."""


class SqlCalls:
    """Keeps calls in a database whose tables are there (`devnexus.state.create_tables`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = inserting(engine)
        self._claims = Claims(engine)

    def known(self, repository: RepositoryId, reader: str, digests: Sequence[str]) -> Mapping[str, Known]:
        """As promised by Calls."""
        k, found = KNOWN.c, dict[str, Known]()
        with reading(self._engine) as connection:
            for some in _chunks(list(dict.fromkeys(digests))):
                query = select(k.digest, k.said, k.because).where(
                    k.repository == repository, k.reader == reader, k.digest.in_(some)
                )
                for row in connection.execute(query):
                    said = None if row.said is None else Said.model_validate_json(row.said, extra="ignore")
                    found[row.digest] = Known(said, row.because)
        return found

    def claim(self, call: Call, limits: Limits, *, now: datetime) -> Claim:
        """As promised by Calls."""
        with transaction(self._engine) as connection:
            return self._claims.claim(connection, call, limits, now)

    def answered(
        self,
        call: Call,
        known: Mapping[str, Known],
        usage: Usage,
        cost_usd: float,
        *,
        now: datetime,
    ) -> None:
        """As promised by Calls."""
        last = select(func.max(CALLS.c.attempt)).where(*unanswered(call)).scalar_subquery()
        taken = {"cost_usd": cost_usd, **usage.model_dump()}
        ended = (
            update(CALLS)
            .where(*unanswered(call), CALLS.c.attempt == last)
            .values(state="answered", answered_at=now.timestamp(), **taken)
        )
        with transaction(self._engine) as connection:
            connection.execute(ended)
            self._keep(connection, call.repository, call.reader, known, now)

    def given_back(self, call: Call, *, now: datetime) -> None:
        """As promised by Calls."""
        with transaction(self._engine) as connection:
            self._claims.give_back(connection, call)

    def remember(
        self, repository: RepositoryId, reader: str, known: Mapping[str, Known], *, now: datetime
    ) -> None:
        """As promised by Calls."""
        if known:
            with transaction(self._engine) as connection:
                self._keep(connection, repository, reader, known, now)

    def asked(self, record_id: str) -> frozenset[str]:
        """As promised by Calls."""
        query = select(CALLS.c.pieces).where(CALLS.c.record_id == record_id, CALLS.c.state == "answered")
        with reading(self._engine) as connection:
            return frozenset(piece for pieces in connection.scalars(query) for piece in json.loads(pieces))

    def spent(self, record_id: str) -> Spent:
        """As promised by Calls."""
        c = CALLS.c
        sums = [func.coalesce(func.sum(c[name]), 0).label(name) for name in Usage.model_fields]
        query = select(
            func.count().label("calls"), func.coalesce(func.sum(c.cost_usd), 0.0).label("cost"), *sums
        )
        with reading(self._engine) as connection:
            row = connection.execute(query.where(c.record_id == record_id, c.state == "answered")).one()
        usage = Usage(**{name: int(getattr(row, name)) for name in Usage.model_fields})
        return Spent(row.calls, usage, round(float(row.cost), 6))

    def forget(self, repository: RepositoryId) -> None:
        """Drop all that is kept of what was said of a repository, and of the calls about it."""
        with transaction(self._engine) as connection:
            connection.execute(delete(KNOWN).where(KNOWN.c.repository == repository))
            connection.execute(delete(CALLS).where(CALLS.c.repository == repository))
            connection.execute(delete(BUDGET).where(BUDGET.c.repository == repository))

    def forget_old(self, *, now: datetime) -> None:
        """Drop what is older than 400 days."""
        until = now - KEPT
        with transaction(self._engine) as connection:
            connection.execute(delete(KNOWN).where(KNOWN.c.at < until.timestamp()))
            connection.execute(delete(CALLS).where(CALLS.c.day < f"{as_utc(until):%Y-%m-%d}"))
            connection.execute(delete(BUDGET).where(BUDGET.c.day < f"{as_utc(until):%Y-%m-%d}"))

    def _keep(
        self,
        connection: Connection,
        repository: RepositoryId,
        reader: str,
        known: Mapping[str, Known],
        now: datetime,
    ) -> None:
        """Keep what is known; what was kept first stays, so that everybody reads the same."""
        rows = [
            {
                "repository": repository,
                "reader": reader,
                "digest": digest,
                "said": None if one.said is None else one.said.model_dump_json(exclude_defaults=True),
                "because": printable(one.because),
                "at": now.timestamp(),
            }
            for digest, one in sorted(known.items())
        ]
        for some in _chunks(rows):
            connection.execute(self._insert(KNOWN).values(some).on_conflict_do_nothing())


T = TypeVar("T")


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
