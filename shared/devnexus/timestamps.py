"""Times as this project writes them: UTC, ISO 8601, ending in Z."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, WithJsonSchema

_LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z."""


def as_utc(moment: datetime) -> datetime:
    """`moment` in UTC; a naive one is taken to be UTC already. ValueError outside the years 1 to 9999."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("not within the years 1 to 9999 in UTC") from error


def from_seconds(seconds: str) -> datetime:
    """The time that git's `%ct` names; one that cannot be read is the nearest that can."""
    digits = seconds.strip()
    number = int(digits) if digits.lstrip("-").isdigit() else 0
    return datetime.fromtimestamp(min(max(number, 0), _LAST_SECOND), UTC)


def write(moment: datetime) -> str:
    """`2026-01-31T12:00:00Z`, with a fraction only where there is one."""
    return as_utc(moment).isoformat().replace("+00:00", "Z")


_Written = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]

Timestamp = Annotated[datetime, AfterValidator(as_utc), PlainSerializer(write, return_type=_Written)]
