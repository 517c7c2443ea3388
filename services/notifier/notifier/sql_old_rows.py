"""Removes from the operational store what is long finished, and ends what waits in vain."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, or_, select, update

from devnexus.timestamps import write
from notifier.sql_tables import DELIVERIES, DISABLED, IS_WAITING

_AT_ONCE = 1000
"""Rows that one transaction removes, so that nobody waits for it."""


def forget(connection: Connection, *, finished_before: float) -> int:
    """As promised by DeliveryStore."""
    d = DELIVERIES.c
    old = select(d.id).where(d.finished_at < finished_before).limit(_AT_ONCE)
    return connection.execute(delete(DELIVERIES).where(d.id.in_(old))).rowcount


def give_up_disabled(connection: Connection, *, waiting_since: float, now: float) -> dict[str, int]:
    """As promised by DeliveryStore."""
    d, given_up = DELIVERIES.c, {}
    for disabled in connection.execute(select(DISABLED)).all():
        since = write(datetime.fromtimestamp(int(disabled.since), UTC))
        end = (
            update(DELIVERIES)
            .where(IS_WAITING, d.target == disabled.target, d.created_at < waiting_since)
            .where(or_(d.claimed_until.is_(None), d.claimed_until <= now))
            .values(
                state="given_up",
                claimed_until=None,
                finished_at=now,
                last_error=f"the target is disabled since {since}: {disabled.reason}",
            )
        )
        if ended := connection.execute(end).rowcount:
            given_up[disabled.target] = ended
    return given_up
