"""When a delivery that failed is attempted again: the schedule of Standard Webhooks.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from dataclasses import dataclass

from devnexus.values import digest

_MINUTE, _HOUR = 60.0, 3600.0
_DELAYS = (5.0, 5 * _MINUTE, 30 * _MINUTE, *(hours * _HOUR for hours in (2, 5, 10, 14, 20, 24)))
"""Seconds after the first, second, … attempt has failed."""

MOST_ATTEMPTS = len(_DELAYS) + 1
_SPREAD = 0.1
"""Part of a delay by which deliveries of one moment are spread, so that they do not all return at once."""

_COOL_DOWNS = (5.0, 5 * _MINUTE)
"""Seconds for which a failure holds back all that goes to the same target: the first, and each that follows
without a success between. Not longer, since one notice may be the only one that the target does not take."""

_LONGEST_RETRY_AFTER = 24 * _HOUR


@dataclass(frozen=True)
class Wait:
    """Seconds until the delivery is due again, and until anything is attempted for its target."""

    delivery: float
    target: float


def wait_after(
    attempt: int, delivery_id: str, *, failures_before: int, retry_after: float | None
) -> Wait | None:
    """How long to wait after failed attempt number `attempt` of a delivery, or None if that was the last.

    `failures_before` are the target's, since its last success. What the target asks for (Retry-After) is
    kept, up to a day. The same arguments give the same wait.
    """
    if attempt >= MOST_ATTEMPTS:
        return None
    position = int(digest([delivery_id, attempt]), 16) / 16**16
    factor = 1 + _SPREAD * (2 * position - 1)
    asked = min(max(retry_after or 0.0, 0.0), _LONGEST_RETRY_AFTER)
    cool_down = _COOL_DOWNS[min(failures_before, len(_COOL_DOWNS) - 1)]
    return Wait(
        delivery=max(_DELAYS[attempt - 1] * factor, asked),
        target=max(cool_down * factor, asked),
    )
