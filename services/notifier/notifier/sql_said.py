"""What was said to whom, and what was decided, in the operational store."""

from collections.abc import Collection, Sequence

from sqlalchemy import (
    Column,
    Double,
    Engine,
    Exists,
    Index,
    MetaData,
    Table,
    Text,
    case,
    delete,
    exists,
    or_,
    select,
)

from devnexus.events import SimilarityComputed
from devnexus.state import inserting, transaction
from devnexus.values import digest
from notifier.decide import Decision
from notifier.remarks import Remark
from notifier.sql_tables import DELIVERIES

_DAY = 86_400.0
SAY_AGAIN_AFTER = 30 * _DAY
DECISIONS_KEPT = 90 * _DAY

SAID_TABLES = MetaData()

SAID = Table(
    "said",
    SAID_TABLES,
    Column("target", Text, primary_key=True),
    Column("remark", Text, primary_key=True, comment="digest of repository, kind and subject"),
    Column("about", Text, nullable=False, comment="the event that it was said for"),
    Column("at", Double, nullable=False),
)
Index("said_at", SAID.c.at)

DECISIONS = Table(
    "decisions",
    SAID_TABLES,
    Column("about", Text, primary_key=True, comment="id of the SimilarityComputed that was decided on"),
    Column("target", Text, primary_key=True, comment="empty: it is about all of them"),
    Column("repository", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("commit_sha", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Double, nullable=False),
)
Index("decisions_at", DECISIONS.c.at)


class SqlSaid:
    """Keeps what was said in a database whose tables are there (`devnexus.state.create_tables`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = inserting(engine)

    def not_yet_told(
        self, event: SimilarityComputed, target: str, remarks: Sequence[Remark], *, now: float
    ) -> Collection[Remark]:
        """Those that the target was not told of in 30 days, save for this very event; told from now on.

        What was given up was not told. Of two events that ask at once for the same remark one gets it.
        Raises Unavailable if the store may not have kept it.
        """
        s = SAID.c
        keys = {_key(event, remark): remark for remark in remarks}
        rows = [{"target": target, "remark": key, "about": event.id, "at": now} for key in sorted(keys)]
        say = self._insert(SAID).values(rows)
        say = say.on_conflict_do_update(
            index_elements=[s.target, s.remark],
            set_={"about": say.excluded.about, "at": say.excluded.at},
            where=or_(s.at < now - SAY_AGAIN_AFTER, _came_to_nothing()),
        )
        mine = select(s.remark).where(s.target == target, s.remark.in_(keys), s.about == event.id)
        with transaction(self._engine) as connection:
            connection.execute(say)
            return {keys[key] for key in connection.scalars(mine)}

    def note(self, event: SimilarityComputed, decisions: Sequence[Decision], *, now: float) -> None:
        """Keep what was decided on the event; raise Unavailable if it may not have been kept."""
        rows = [
            {
                "about": event.id,
                "target": decision.target or "",
                "repository": event.repository.id,
                "name": event.repository.name,
                "commit_sha": event.commit,
                "outcome": decision.outcome.value,
                "reason": decision.reason,
                "at": now,
            }
            for decision in decisions
        ]
        new = self._insert(DECISIONS).values(rows).on_conflict_do_nothing()
        with transaction(self._engine) as connection:
            connection.execute(new)

    def forget_old(self, *, now: float) -> None:
        """Drop what nobody asks for any more: remarks that may be made again, decisions of 90 days ago."""
        with transaction(self._engine) as connection:
            connection.execute(delete(SAID).where(SAID.c.at < now - SAY_AGAIN_AFTER))
            connection.execute(delete(DECISIONS).where(DECISIONS.c.at < now - DECISIONS_KEPT))


def _came_to_nothing() -> Exists:
    """That what a remark was said in, or the digest which that became part of, was given up."""
    d, told_in = DELIVERIES.c, DELIVERIES.alias()
    became = case((d.state == "digested", d.digest_id), else_=d.id)
    return (
        exists()
        .where(d.id == SAID.c.about + ":" + SAID.c.target, told_in.c.id == became)
        .where(told_in.c.state == "given_up")
        .correlate(SAID)
    )


def _key(event: SimilarityComputed, remark: Remark) -> str:
    return digest([event.repository.id, remark.kind, remark.subject], length=32)
