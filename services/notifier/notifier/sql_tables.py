"""The tables of deliveries in the operational store.

Times are seconds since 1970, so that SQLite and PostgreSQL keep and compare them alike.
"""

from sqlalchemy import CheckConstraint, Column, Double, Index, Integer, MetaData, Table, Text

from devnexus.errors import Rejected
from devnexus.events import NotificationRequested
from devnexus.values import canonical_json, load_json

TABLES = MetaData()

_STATES = "state IN ('waiting', 'delivered', 'given_up', 'digested')"

DELIVERIES = Table(
    "deliveries",
    TABLES,
    Column("id", Text, primary_key=True, comment="what the target sees as webhook-id, at every attempt"),
    Column("target", Text, nullable=False),
    Column("body", Text, nullable=False, comment="the payload of NotificationRequested, JSON"),
    Column("state", Text, CheckConstraint(_STATES), nullable=False),
    Column("attempts", Integer, nullable=False, comment="begun, whatever became of them"),
    Column("unclear", Integer, nullable=False, comment="of these, those whose outcome nobody recorded"),
    Column("received", Integer, nullable=False, comment="how often the event arrived"),
    Column("due_at", Double, nullable=False),
    Column("claimed_until", Double, comment="set while somebody attempts it"),
    Column("last_error", Text),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("digest_id", Text, comment="the delivery that tells it, where it is digested"),
    Column("members", Integer, comment="how many deliveries it tells, where it is a digest"),
    Column("traceparent", Text, comment="the trace that it belongs to, W3C; of a digest that of the oldest"),
)
IS_WAITING = DELIVERIES.c.state == "waiting"
Index(
    "deliveries_in_line",
    DELIVERIES.c.target,
    DELIVERIES.c.created_at,
    sqlite_where=IS_WAITING,
    postgresql_where=IS_WAITING,
)
Index("deliveries_finished", DELIVERIES.c.finished_at)

FAILING = Table(
    "failing_targets",
    TABLES,
    Column("target", Text, primary_key=True, comment="one that did not take what it was sent last"),
    Column("failures", Integer, nullable=False, comment="attempts since the last that it took"),
    Column("cool_until", Double, nullable=False, comment="nothing is attempted before"),
)

PACED = Table(
    "paced_targets",
    TABLES,
    Column("target", Text, primary_key=True, comment="one that wants its messages one after another"),
    Column("quiet_until", Double, nullable=False, comment="nothing is attempted before"),
)

DISABLED = Table(
    "disabled_targets",
    TABLES,
    Column("target", Text, primary_key=True, comment="one that is gone, or that lets us in no more"),
    Column("reason", Text, nullable=False),
    Column("since", Double, nullable=False),
)


def body_of(request: NotificationRequested) -> str:
    """What stands in the column `body`."""
    return canonical_json(request.payload()).decode()


def request_in(body: str) -> NotificationRequested | None:
    """What was kept; None where another version has written it so that this one cannot read it."""
    try:
        return NotificationRequested.parse(load_json(body))
    except (Rejected, ValueError):
        return None
