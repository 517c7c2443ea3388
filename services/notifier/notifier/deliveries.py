"""The use case: every notice reaches its target, each with its own retries, kept in the operational store."""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from devnexus import tracing
from devnexus.errors import Rejected
from devnexus.events import NotificationRequested
from devnexus.trace_context import kept, to_keep
from notifier.channel import Channel, ChannelKind, DeliveryFailed
from notifier.delivery_store import Claim, DeliveryStore
from notifier.schedule import MOST_ATTEMPTS, wait_after

CLAIM_SECONDS = 120.0
"""How long an attempt may take: ten seconds of its own, before it those of a slow resolver, and a margin."""

TARGETS_AT_ONCE = 8
DUE_PER_TARGET = 100
"""How many deliveries of one target one round attempts at most."""

ROUND_SECONDS = 5.0
"""For how long one round goes on with one target: the retries of the others wait for the next round."""

DISABLED_DAYS = 30
"""So long deliveries wait for a target that is disabled."""

KEPT_DAYS = 90
"""So long the store remembers deliveries that are finished: longer than any event may come again."""

_TIDY_SECONDS, _DAY = 3600.0, 86_400.0

_HEADER_VALUE = re.compile(r"[!-~]{1,512}")
"""What an id has to be in order to stand in an HTTP header."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Round:
    """What one look at the store came to."""

    attempts: int
    next_in: float | None
    """Seconds until something is due that is known of; None if nothing is."""


class Outcome(Enum):
    """What became of one attempt."""

    NOT_MADE = "not made"  # not due, finished, held back, or in somebody else's hands
    DELIVERED = "delivered"
    POSTPONED = "postponed"
    GIVEN_UP = "given-up"
    TAKEN_APART = "taken-apart"  # a digest that was not taken: each of its messages is told by itself
    HELD_BACK = "held-back"  # the target is disabled


_LEVELS = {
    Outcome.DELIVERED: logging.INFO,
    Outcome.POSTPONED: logging.WARNING,
    Outcome.GIVEN_UP: logging.ERROR,
    Outcome.TAKEN_APART: logging.WARNING,
    Outcome.HELD_BACK: logging.WARNING,
}


class Deliveries:
    """Records notices and delivers them, at least once each; never two attempts of one at the same time."""

    def __init__(
        self,
        *,
        store: DeliveryStore,
        channels: Mapping[str, Channel],
        kinds: Mapping[str, ChannelKind[Any]],
        names: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
        stop: threading.Event | None = None,
    ) -> None:
        """`channels` and `kinds` are by target, and so are the `names` of the kinds."""
        self._store = store
        self._channels = channels
        self._names = names or {}
        self._paces = {target: kind.pace_seconds for target, kind in kinds.items() if kind.pace_seconds > 0}
        self._digested = {target for target, kind in kinds.items() if kind.digests}
        self._clock = clock
        self._stop = stop or threading.Event()
        self._tidy_at = 0.0

    def accept(self, request: NotificationRequested) -> None:
        """Record the notice and, if its target may be told now, attempt it; after that, it is the store's.

        A target that is paced is told what is first in its line. Raises Rejected for a notice whose id no
        target could be shown, Unavailable if it may not be kept.
        """
        if not _HEADER_VALUE.fullmatch(request.id):
            raise Rejected(f"id {request.id!r} is not 1 to 512 printable ASCII characters without spaces")
        self._store.record(request, now=self._clock(), traceparent=to_keep())
        if request.target in self._paces:
            self._deliver_in_order(request.target)
        else:
            self._attempt(request.id, request.target)

    def deliver_due(self) -> Round:
        """Attempt what is due, targets side by side."""
        self._tidy_up()
        made = 0
        if targets := self._store.targets_due(now=self._clock()):
            with ThreadPoolExecutor(max_workers=min(TARGETS_AT_ONCE, len(targets))) as pool:
                rounds = [pool.submit(self._deliver_in_order, target) for target in targets]
            made = sum(round_.result() for round_ in rounds)
        now = self._clock()
        due_at = self._store.next_due(now=now)
        return Round(attempts=made, next_in=None if due_at is None else max(due_at - now, 0.0))

    def _deliver_in_order(self, target: str) -> int:
        """Attempt the deliveries of one target up to the first that it does not take."""
        made, until = 0, time.monotonic() + ROUND_SECONDS
        for delivery_id in self._first_in_line(target):
            if self._stop.is_set() or time.monotonic() > until:
                break
            outcome = self._attempt(delivery_id, target)
            made += outcome is not Outcome.NOT_MADE
            if outcome in {Outcome.POSTPONED, Outcome.HELD_BACK}:
                break
        return made

    def _first_in_line(self, target: str) -> Sequence[str]:
        """What may be told now: only the first where what is behind it may become one, or wants a pause."""
        most = 1 if target in self._digested or target in self._paces else DUE_PER_TARGET
        due = self._store.due(target, now=self._clock(), most=most)
        if due and target in self._digested and self._digest(target):
            return self._store.due(target, now=self._clock(), most=most)
        return due

    def _digest(self, target: str) -> int:
        made = 0
        while not self._stop.is_set() and (members := self._store.digest(target, now=self._clock())):
            _log.info("%d messages for %s become one", members, target, extra={"target": target})
            made += 1
        return made

    def _attempt(self, delivery_id: str, target: str) -> Outcome:
        pace, began = self._paces.get(target, 0.0), self._clock()
        until = began + CLAIM_SECONDS
        if pace:
            claim = self._store.claim_turn(delivery_id, target, now=began, until=until)
        else:
            claim = self._store.claim(delivery_id, now=began, until=until)
        if claim is None:
            return Outcome.NOT_MADE
        with _attempt_of(claim):
            started = time.monotonic()
            failure = self._send(claim, began)
            fields = self._fields(claim, duration_ms=round((time.monotonic() - started) * 1000))
            outcome = self._keep(claim, failure, fields)
            _log.log(_LEVELS[outcome], "delivery attempted", extra={**fields, "outcome": outcome.value})
        if pace:
            self._store.end_turn(claim, quiet_until=self._clock() + pace)
        return outcome

    def _send(self, claim: Claim, now: float) -> DeliveryFailed | None:
        channel = self._channels.get(claim.target)
        if channel is None:
            # not for good: another instance may have the routes that name it, or this one's file is missing
            return DeliveryFailed("the routes name no such target")
        if claim.unclear >= MOST_ATTEMPTS:
            return DeliveryFailed("what became of the last attempts is not known", permanent=True)
        if claim.request is None:
            return DeliveryFailed("another version has written it so that this one cannot read it")
        try:
            channel.send(claim.delivery_id, claim.request.message, datetime.fromtimestamp(now, UTC))
        except DeliveryFailed as failure:
            return failure
        except Exception as error:  # noqa: BLE001 - a bug in a channel must not use up the notice
            _log.exception("bug in the channel of %s", claim.target)
            return DeliveryFailed(f"a bug in the channel: {type(error).__name__}")
        return None

    def _keep(self, claim: Claim, failure: DeliveryFailed | None, fields: dict[str, object]) -> Outcome:
        """Keep what became of an attempt, and add to `fields` what its line is to say besides."""
        now = self._clock()
        if failure is None:
            self._store.delivered(claim, now=now)
            return Outcome.DELIVERED
        tracing.failed(str(failure))
        fields["reason"] = str(failure)
        if failure.disables:
            self._hold_back(claim, failure, now)
            return Outcome.HELD_BACK
        wait = wait_after(
            claim.attempt,
            claim.delivery_id,
            failures_before=claim.failures_before,
            retry_after=failure.retry_after,
        )
        if failure.permanent and not claim.unclear and _is_digest(claim):
            self._store.take_apart(claim, reason=str(failure), now=now)
            return Outcome.TAKEN_APART
        if failure.permanent or wait is None:
            self._store.give_up(claim, reason=str(failure), now=now)
            return Outcome.GIVEN_UP
        due_at, cool_until = now + wait.delivery, now + wait.target * (claim.request is not None)
        self._store.postpone(claim, reason=str(failure), due_at=due_at, cool_until=cool_until)
        fields["retry_in_ms"] = round(wait.delivery * 1000)
        return Outcome.POSTPONED

    def _hold_back(self, claim: Claim, failure: DeliveryFailed, now: float) -> None:
        if self._store.disable(claim, reason=str(failure), now=now):
            _log.error(
                "%s is disabled: %s. What it should be told waits, for up to %d days. Once it is put right: "
                "devnexus notifications test %s",
                *(claim.target, failure, DISABLED_DAYS, claim.target),
                extra={"target": claim.target},
            )

    def _fields(self, claim: Claim, *, duration_ms: int) -> dict[str, object]:
        return {
            "delivery_id": claim.delivery_id,
            "target": claim.target,
            "channel": self._names.get(claim.target, "none"),
            "attempt": claim.attempt,
            "duration_ms": duration_ms,
        }

    def _tidy_up(self) -> None:
        now = self._clock()
        if now < self._tidy_at:
            return
        self._tidy_at = now + _TIDY_SECONDS
        while self._store.forget(finished_before=now - KEPT_DAYS * _DAY) and not self._stop.is_set():
            pass
        given_up = self._store.give_up_disabled(waiting_since=now - DISABLED_DAYS * _DAY, now=now)
        for target, number in given_up.items():
            _log.error(
                "given up, %s will not be told what waited for %d days while it was disabled; messages: %d",
                *(target, DISABLED_DAYS, number),
                extra={"target": target},
            )


def _attempt_of(claim: Claim) -> AbstractContextManager[object]:
    """A span in the trace that led to the delivery, however long ago."""
    about: dict[str, str | int] = {
        "delivery_id": claim.delivery_id,
        "target": claim.target,
        "attempt": claim.attempt,
    }
    members = [kept(trace) for trace in claim.members]
    return tracing.span("deliver", parent=kept(claim.traceparent), kind="client", links=members, about=about)


def _is_digest(claim: Claim) -> bool:
    return claim.request is not None and claim.request.digest is not None
