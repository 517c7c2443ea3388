"""What became of every message, read from the operational store: was it sent, to whom, and why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, exists, func, select

from devnexus.events.notification_requested import Digest, Message, Notice
from devnexus.events.similarity_computed import Named
from devnexus.state import reading
from notifier import texts
from notifier.sql_said import DECISIONS
from notifier.sql_tables import DELIVERIES, DISABLED, FAILING, PACED, request_in

_TOLD = "told"
"""The outcome of a decision that a delivery should follow."""

_DIGESTS = DELIVERIES.alias("digests")


@dataclass(frozen=True)
class Asked:
    """Which entries are wanted; what is None does not matter."""

    last: int
    target: str | None = None
    repository: str | None = None
    """<owner>/<name>, whatever its case, or an id such as github.com/123."""
    since: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One delivery, or one decision that led to none."""

    at: datetime
    """When it was asked for, or decided."""
    target: str | None
    """None: nobody was to be told."""
    message: str
    """The headline, or the repository that was decided on."""
    state: str
    """That of the delivery, `on its way` if it has not arrived, or the outcome of the decision."""
    id: str
    attempts: int = 0
    unclear: int = 0
    """Of the attempts, those after which nobody knows whether the target was told."""
    received: int = 0
    next_attempt_at: datetime | None = None
    finished_at: datetime | None = None
    reason: str | None = None
    """Why not, or why not yet."""
    digest_id: str | None = None
    """The delivery that tells it together with others."""
    digest_state: str | None = None
    """What became of that one."""
    members: int | None = None
    """How many messages it tells, where it is a digest."""


@dataclass(frozen=True)
class DisabledTarget:
    """A target for which nothing is attempted until it has taken a test message."""

    target: str
    since: datetime
    reason: str
    waiting: int
    """Deliveries that wait for it."""


class DeliveryLog:
    """Reads a database whose tables are there (`devnexus.state.create_tables`). Raises Unavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def entries(self, asked: Asked) -> Sequence[Entry]:
        """The last ones, newest first."""
        with reading(self._engine) as connection:
            found = [*_deliveries(connection, asked), *_decisions(connection, asked)]
        return sorted(found, key=lambda entry: (entry.at, entry.id), reverse=True)[: asked.last]

    def waiting(self) -> int:
        """How many deliveries wait for their first or another attempt."""
        query = select(func.count()).where(DELIVERIES.c.state == "waiting")
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def disabled(self) -> Sequence[DisabledTarget]:
        """The targets that are disabled, by name."""
        waiting = (
            select(func.count())
            .where(DELIVERIES.c.target == DISABLED.c.target, DELIVERIES.c.state == "waiting")
            .scalar_subquery()
        )
        query = select(DISABLED, waiting.label("waiting")).order_by(DISABLED.c.target)
        with reading(self._engine) as connection:
            return [
                DisabledTarget(row.target, _time(row.since), row.reason, row.waiting)
                for row in connection.execute(query)
            ]


def _deliveries(connection: Connection, asked: Asked) -> Iterator[Entry]:
    d = DELIVERIES.c
    query = (
        select(
            *(DELIVERIES, _DIGESTS.c.state.label("digest_state")),
            *(FAILING.c.cool_until, PACED.c.quiet_until, DISABLED.c.reason, DISABLED.c.since),
        )
        .select_from(
            DELIVERIES.outerjoin(FAILING, FAILING.c.target == d.target)
            .outerjoin(PACED, PACED.c.target == d.target)
            .outerjoin(DISABLED, DISABLED.c.target == d.target)
            .outerjoin(_DIGESTS, _DIGESTS.c.id == d.digest_id)
        )
        .where(d.created_at >= _since(asked))
        .order_by(d.created_at.desc(), d.id.desc())
    )
    if asked.target:
        query = query.where(d.target == asked.target)
    if asked.repository:
        query = query.where(func.lower(d.body).contains(asked.repository.lower(), autoescape=True))
    found = 0
    for row in connection.execute(query.execution_options(yield_per=100)):
        request = request_in(row.body)
        if asked.repository and not (request and _is_about(request.message, asked.repository)):
            continue
        yield _delivery(row, texts.headline(request.message) if request else "written by another version")
        found += 1
        if found == asked.last:
            return


def _delivery(row: Row[Any], headline: str) -> Entry:
    waits = row.state == "waiting"
    reason, next_at = row.last_error, None
    if waits and row.since is not None:
        reason = f"the target is disabled: {row.reason}"
    elif waits:
        times = (row.due_at, row.claimed_until, row.cool_until, row.quiet_until)
        next_at = _time(max(time for time in times if time is not None))
    return Entry(
        at=_time(row.created_at),
        target=row.target,
        message=headline,
        state=_state(row.state),
        id=row.id,
        attempts=row.attempts,
        unclear=row.unclear,
        received=row.received,
        next_attempt_at=next_at,
        finished_at=None if row.finished_at is None else _time(row.finished_at),
        reason=reason,
        digest_id=row.digest_id,
        digest_state=_state(row.digest_state) if row.digest_state else None,
        members=row.members,
    )


def _decisions(connection: Connection, asked: Asked) -> Iterator[Entry]:
    """Those that no delivery shows."""
    c = DECISIONS.c
    arrived = exists().where(DELIVERIES.c.id == c.about + ":" + c.target)
    query = (
        select(DECISIONS)
        .where(c.at >= _since(asked), ~and_(c.outcome == _TOLD, arrived))
        .order_by(c.at.desc(), c.about.desc(), c.target)
        .limit(asked.last)
    )
    if asked.target:
        query = query.where(c.target.in_((asked.target, "")))  # what nobody is told, this target is not told
    if asked.repository:
        wanted = asked.repository.lower()
        query = query.where((func.lower(c.name) == wanted) | (c.repository == asked.repository))
    for row in connection.execute(query):
        yield Entry(
            at=_time(row.at),
            target=row.target or None,
            message=row.name,
            state="on its way" if row.outcome == _TOLD else row.outcome,
            id=f"{row.about}:{row.target}" if row.target else row.about,
            reason=row.reason,
        )


def _since(asked: Asked) -> float:
    return asked.since.timestamp() if asked.since else 0.0


def _is_about(message: Message, repository: str) -> bool:
    return any(
        repository == named.id or repository.lower() == named.name.lower() for named in _repositories(message)
    )


def _repositories(message: Message) -> Iterator[Named]:
    match message:
        case Digest():
            for one in message.messages:
                yield from _repositories(one)
        case Notice():
            yield message.repository
        case _:
            yield from message.names


def _state(state: str) -> str:
    return state.replace("_", " ")


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
