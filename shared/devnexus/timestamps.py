"""Times as this project writes them: UTC, ISO 8601, ending in Z."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer


def as_utc(moment: datetime) -> datetime:
    """`moment` in UTC; a naive one is taken to be UTC already. ValueError outside the years 1 to 9999."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("not within the years 1 to 9999 in UTC") from error


def write(moment: datetime) -> str:
    """`2026-01-31T12:00:00Z`, with a fraction only where there is one."""
    return as_utc(moment).isoformat().replace("+00:00", "Z")


Timestamp = Annotated[datetime, AfterValidator(as_utc), PlainSerializer(write, return_type=str)]
