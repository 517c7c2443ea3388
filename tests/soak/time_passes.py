"""Long waits, cut short in the operational store as if their minutes had passed."""

import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

_CLAIM_SECONDS, _AN_ATTEMPT_SECONDS = 120.0, 25.0
"""How long the notifier claims a delivery for an attempt, and how long one takes at most."""

_STATEMENTS = (
    "UPDATE deliveries SET due_at = :now WHERE state = 'waiting' AND due_at > :now",
    "UPDATE failing_targets SET cool_until = :now WHERE cool_until > :now",
    # Of those that were killed during an attempt; the others' are younger.
    "UPDATE deliveries SET claimed_until = :now WHERE claimed_until BETWEEN :now AND :old",
    "UPDATE paced_targets SET quiet_until = :now WHERE quiet_until BETWEEN :now + 5 AND :old",
    # The same for questions to Claude, which are left alone for ten minutes: here each is answered at once.
    "UPDATE claude_calls SET claimed_at = 0 WHERE state = 'claimed' AND batch_key IS NULL"
    " AND claimed_at < :now - 30",
)


def as_if_time_had_passed(database: Path) -> None:
    """Let what waits for another attempt, or for somebody who is dead, wait no longer.

    Nothing where the file cannot be written just now.
    """
    now = time.time()
    values = {"now": now, "old": now + _CLAIM_SECONDS - _AN_ATTEMPT_SECONDS}
    with suppress(sqlite3.Error), closing(sqlite3.connect(database, timeout=5)) as connection:
        with connection:
            for statement in _STATEMENTS:
                connection.execute(statement, values)


def waiting(database: Path) -> int:
    """How many deliveries wait; -1 where that cannot be told just now."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
            query = "SELECT count(*) FROM deliveries WHERE state = 'waiting'"
            return int(connection.execute(query).fetchone()[0])
    except sqlite3.Error:
        return -1
