"""The record of one push or snapshot, found by what its receipt is called."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from a2a_gateway.knowledge.reading import Reading
from devnexus.errors import Unavailable
from devnexus.events import PatternsExtracted
from devnexus.knowledge.projection import Projection, RecentRecord
from devnexus.knowledge.store import Damaged
from devnexus.timestamps import as_utc

DIGITS = 16
SHORTEST_COMMIT = 7


def receipt_url(name: str, record: RecentRecord | PatternsExtracted) -> str:
    """The page of what was read of a push or snapshot."""
    return f"/receipts/{quote(name)}/{day_of(record.at)}/{receipt_digits(record.record_id)}"


def receipt_digits(record_id: str) -> str:
    """The short name of a record."""
    return hashlib.sha256(record_id.encode()).hexdigest()[:DIGITS]


def day_of(at: datetime) -> str:
    """The day in UTC, as it stands in addresses."""
    return f"{as_utc(at):%Y-%m-%d}"


def day_named(text: str) -> datetime | None:
    """The day that is written so; None where no day is."""
    try:
        at = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if day_of(at) == text else None


def last_record(page: Projection, knowledge: Reading) -> PatternsExtracted | None:
    """The record of the last push or snapshot; None where no code was read. Raises Unavailable."""
    return record_of_push(page, page.recent[0].record_id, knowledge) if page.recent else None


def record_of_push(
    page: Projection, push: str, knowledge: Reading, *, day: datetime | None = None
) -> PatternsExtracted | None:
    """The record with this id, these digits or this commit (7 digits or more): the newest of several.

    Looks at `day` alone where it is given, else at the days of the last 10. Raises Unavailable.
    """
    return next((one for one in _records(page, day, knowledge) if _is_meant(push, one)), None)


def _records(page: Projection, day: datetime | None, knowledge: Reading) -> Iterator[PatternsExtracted]:
    """Those of one day after the other, the newest first; a day is read when it is its turn."""
    for one in [day] if day else _last_days(page):
        try:
            found = knowledge.analyses(page.repository_id, one)
        except Damaged as error:
            raise Unavailable(str(error)) from error
        yield from sorted(found, key=lambda record: record.at, reverse=True)


def _last_days(page: Projection) -> Sequence[datetime]:
    return [*{day_of(record.at): record.at for record in page.recent}.values()]


def _is_meant(push: str, record: PatternsExtracted) -> bool:
    if push in {record.record_id, receipt_digits(record.record_id)}:
        return True
    commits = [record.after, *(commit.sha for commit in record.commits)]
    return len(push) >= SHORTEST_COMMIT and any(sha.startswith(push.lower()) for sha in commits)
