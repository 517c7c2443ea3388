"""The use case: what GitHub could not deliver, and what it never sent, is found and made up for.

Running it again is harmless: what is on its way is left alone, and the same hole always makes the same event.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from devnexus.errors import Unavailable
from devnexus.github_refusals import Refused
from devnexus.knowledge.store import Damaged, Store
from devnexus.pubsub import Publisher
from webhook_receiver.deliveries import Deliveries
from webhook_receiver.delivery_attempts import KEPT, Attempt, Undelivered, undelivered
from webhook_receiver.installations import Installations
from webhook_receiver.recovery import Recovery
from webhook_receiver.swept import Swept

MOST_REDELIVERIES = 100
"""In one run: each is a write, of which GitHub wants one a second, and Scheduler waits three minutes."""

_log = logging.getLogger(__name__)


class Redelivers(Protocol):
    """Asks GitHub to deliver a webhook again."""

    def __call__(self, attempt: Attempt) -> None:
        """Raise Refused where GitHub will not, Unavailable where it cannot be asked."""


def sweep(
    *,
    deliveries: Deliveries,
    redeliver: Redelivers,
    installations: Installations,
    store: Store,
    publisher: Publisher,
    is_ours: Callable[[str], bool],
    now: datetime,
    most_redeliveries: int = MOST_REDELIVERIES,
) -> Swept:
    """Ask again for webhooks that failed, then close gaps and stale heads and onboard who is unknown.

    `is_ours` says of a repository's name whether it is read at all. Never raises Unavailable: a run that
    could not go on says so, and the next one does what is left.
    """
    swept = Swept()
    try:
        under_way = _redeliver(deliveries, redeliver, swept, now=now, most=most_redeliveries)
        Recovery(store, publisher, swept, under_way=under_way, now=now).run(installations, is_ours)
    except (Unavailable, Damaged) as error:
        swept.stopped = str(error)
        swept.retry_after_seconds = getattr(error, "retry_after_seconds", None)
        _log.warning("sweep stopped early: %s", error)
    _log.info("swept", extra=swept.facts())
    return swept


def _redeliver(
    deliveries: Deliveries, redeliver: Redelivers, swept: Swept, *, now: datetime, most: int
) -> list[Attempt]:
    """The last attempts of those webhooks that were asked for again, now or just before."""
    lost = undelivered(deliveries.since(now - KEPT))
    swept.undelivered = len(lost)
    under_way = [one.last for one in lost if one.is_under_way(now)]
    for one in _due(lost, now)[:most]:
        try:
            redeliver(one.last)
        except Refused as error:
            if error.status in {401, 403}:  # that concerns all of them
                raise
            _log.warning("not delivered again: %s", error, extra={"delivery": one.last.guid})
            swept.refused += 1
            continue
        swept.redelivered += 1
        under_way.append(one.last)
    return under_way


def _due(lost: list[Undelivered], now: datetime) -> list[Undelivered]:
    return [one for one in lost if one.is_due(now)]
