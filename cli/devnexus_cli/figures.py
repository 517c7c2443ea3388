"""How long ago, and how many, for people."""

from datetime import UTC, datetime

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def ago(moment: datetime) -> str:
    """Such as `3 min ago`: whole units, rounded down."""
    return f"{span((datetime.now(UTC) - moment).total_seconds())} ago"


def span(seconds: float) -> str:
    """Such as `3 min`: whole units, rounded down; what is yet to come counts as 0 s."""
    for size, unit in _STEPS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"


def count(number: int, one: str, many: str | None = None) -> str:
    """Such as `1 push` or `2 pushes`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
