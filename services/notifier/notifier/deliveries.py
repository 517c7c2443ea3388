"""The use case: every notice reaches its target, each with its own retries, kept in the operational store."""

import logging
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol

from devnexus.errors import Rejected
from devnexus.events import NotificationRequested
from notifier.channel import Channel, DeliveryFailed
from notifier.schedule import MOST_ATTEMPTS, wait_after

CLAIM_SECONDS = 120.0
"""How long an attempt may take: ten seconds of its own, before it those of a slow resolver, and a margin."""

TARGETS_AT_ONCE = 8
DUE_PER_TARGET = 100
"""How many deliveries of one target one round attempts at most."""

ROUND_SECONDS = 5.0
"""For how long one round goes on with one target: the retries of the others wait for the next round."""

_HEADER_VALUE = re.compile(r"[!-~]{1,512}")
"""What an id has to be in order to stand in an HTTP header."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """A delivery that waits no longer."""

    delivery_id: str
    target: str


@dataclass(frozen=True)
class Claim:
    """The right to attempt a delivery; nobody else has it before it expires."""

    delivery_id: str
    target: str
    attempt: int
    """Its number, from 1 up."""
    failures_before: int
    """Attempts of any delivery that the target did not take, since the last that it took."""
    request: NotificationRequested


class DeliveryStore(Protocol):
    """Where deliveries are kept. Every method raises Unavailable if the store may not have kept it."""

    def record(self, request: NotificationRequested, *, now: float) -> None:
        """Keep a delivery that is due at once, or when its target's cool-down ends.

        One that is known stays as it is, and its arrival is counted.
        """

    def due(self, *, now: float, per_target: int) -> Sequence[Due]:
        """What is due, unclaimed and of a target that is not cooling down: oldest first, so many a target."""

    def claim(self, delivery_id: str, *, now: float, until: float) -> Claim | None:
        """The right to attempt a delivery that is due, for one caller alone; None if it is not to be had.

        An earlier claim that expired is counted as unclear: whether the target was told, nobody knows.
        """

    def delivered(self, claim: Claim, *, now: float) -> None:
        """The target has it: the delivery is finished, and its target's cool-down with it."""

    def postpone(self, claim: Claim, *, reason: str, due_at: float, cool_until: float) -> None:
        """The attempt failed: the delivery waits until `due_at`, its target's others until `cool_until`."""

    def give_up(self, claim: Claim, *, reason: str, now: float) -> None:
        """There will be no further attempt."""


class Outcome(Enum):
    """What became of one attempt."""

    NOT_MADE = "not made"  # not due, finished, or in somebody else's hands
    DELIVERED = "delivered"
    POSTPONED = "postponed"
    GIVEN_UP = "given up"


class Deliveries:
    """Records notices and delivers them, at least once each; never two attempts of one at the same time."""

    def __init__(
        self,
        *,
        store: DeliveryStore,
        channels: Mapping[str, Channel],
        clock: Callable[[], float] = time.time,
        stop: threading.Event | None = None,
    ) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._stop = stop or threading.Event()

    def accept(self, request: NotificationRequested) -> None:
        """Record the notice and attempt it at once; after that, retries are the store's.

        Raises Rejected for one whose id no target could be shown, Unavailable if it may not be kept.
        """
        if not _HEADER_VALUE.fullmatch(request.id):
            raise Rejected(f"id {request.id!r} is not 1 to 512 printable ASCII characters without spaces")
        self._store.record(request, now=self._clock())
        self._attempt(request.id)

    def deliver_due(self) -> int:
        """Attempt what is due, targets side by side, and return how many attempts were made."""
        queues: dict[str, list[str]] = defaultdict(list)
        for due in self._store.due(now=self._clock(), per_target=DUE_PER_TARGET):
            queues[due.target].append(due.delivery_id)
        if not queues:
            return 0
        with ThreadPoolExecutor(max_workers=min(TARGETS_AT_ONCE, len(queues))) as pool:
            rounds = [pool.submit(self._deliver_in_order, queue) for queue in queues.values()]
        return sum(round_.result() for round_ in rounds)

    def _deliver_in_order(self, queue: Sequence[str]) -> int:
        """Attempt the deliveries of one target up to the first that it does not take."""
        made, until = 0, time.monotonic() + ROUND_SECONDS
        for delivery_id in queue:
            if self._stop.is_set() or time.monotonic() > until:
                break
            outcome = self._attempt(delivery_id)
            made += outcome is not Outcome.NOT_MADE
            if outcome is Outcome.POSTPONED:
                break
        return made

    def _attempt(self, delivery_id: str) -> Outcome:
        began = self._clock()
        claim = self._store.claim(delivery_id, now=began, until=began + CLAIM_SECONDS)
        if claim is None:
            return Outcome.NOT_MADE
        started = time.monotonic()
        failure = self._send(claim, began)
        return self._keep(claim, failure, duration_ms=round((time.monotonic() - started) * 1000))

    def _send(self, claim: Claim, now: float) -> DeliveryFailed | None:
        channel = self._channels.get(claim.target)
        if channel is None:
            # not for good: another instance may have the routes that name it, or this one's file is missing
            return DeliveryFailed("the routes name no such target")
        if claim.attempt > MOST_ATTEMPTS:
            return DeliveryFailed("what became of the last attempts is not known", permanent=True)
        try:
            channel.send(claim.delivery_id, claim.request.message, datetime.fromtimestamp(now, UTC))
        except DeliveryFailed as failure:
            return failure
        except Exception as error:  # noqa: BLE001 - a bug in a channel must not use up the notice
            _log.exception("bug in the channel of %s", claim.target)
            return DeliveryFailed(f"a bug in the channel: {type(error).__name__}")
        return None

    def _keep(self, claim: Claim, failure: DeliveryFailed | None, *, duration_ms: int) -> Outcome:
        now, fields = self._clock(), _fields(claim, duration_ms)
        if failure is None:
            self._store.delivered(claim, now=now)
            _log.info("delivered to %s", claim.target, extra=fields)
            return Outcome.DELIVERED
        wait = wait_after(
            claim.attempt,
            claim.delivery_id,
            failures_before=claim.failures_before,
            retry_after=failure.retry_after,
        )
        if failure.permanent or wait is None:
            self._store.give_up(claim, reason=str(failure), now=now)
            _log.error("given up, %s will not be told: %s", claim.target, failure, extra=fields)
            return Outcome.GIVEN_UP
        due_at, cool_until = now + wait.delivery, now + wait.target
        self._store.postpone(claim, reason=str(failure), due_at=due_at, cool_until=cool_until)
        fields["retry_in_ms"] = round(wait.delivery * 1000)
        _log.warning("not delivered to %s, will try again: %s", claim.target, failure, extra=fields)
        return Outcome.POSTPONED


def _fields(claim: Claim, duration_ms: int) -> dict[str, object]:
    return {
        "delivery_id": claim.delivery_id,
        "target": claim.target,
        "attempt": claim.attempt,
        "duration_ms": duration_ms,
    }
