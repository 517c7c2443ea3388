"""What one subscription still has to deliver: ready, leased, or waiting for its backoff to end.

No threads, no clock: the caller holds the lock and says what time it is.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from devnexus_cli.embedded_pubsub.model import Delivery, Message, RetryPolicy, Settings

_PULL_BYTES = 10_000_000
"""Where an answer to a pull ends, so that a thousand large messages do not become one response of 1 GB."""

_PUSH_BACKOFF = RetryPolicy(minimum_s=0.1, maximum_s=60.0)
"""Production's backoff for a push subscription without a retry policy; there it is shared by all messages."""

_MAX_DOUBLINGS = 20
_STALE_TIMERS = 10_000

_ack_ids = itertools.count(1)


class _Phase(Enum):
    READY = auto()
    LEASED = auto()
    WAITING = auto()
    GONE = auto()


@dataclass(slots=True, eq=False)
class _Held:
    """One message and how far its delivery has come."""

    message: Message
    phase: _Phase = _Phase.READY
    ack_id: str = ""
    due: float = 0.0
    attempts: int = 0
    failures: int = 0


class Backlog:
    """The undelivered messages of one subscription.

    `bury(settings, message, attempts)` is called when the attempts are used up; a message that it does
    not take (False) stays and comes again. `pick(count)` names which of the ready messages goes next.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        bury: Callable[[Settings, Message, int], bool],
        pick: Callable[[int], int],
    ) -> None:
        self.settings = settings
        self._bury = bury
        self._pick = pick
        self._size = 0
        self._ready: deque[_Held] = deque()
        self._leased: dict[str, _Held] = {}
        self._timers: list[tuple[float, int, _Held]] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        """How many messages are not yet done with, leased and waiting ones included."""
        return self._size

    @property
    def ready(self) -> int:
        """How many messages `take` would find, at most."""
        return len(self._ready)

    def add(self, message: Message) -> None:
        """Make a new message ready."""
        self._size += 1
        self._ready.append(_Held(message))

    def take(self, now: float, limit: int) -> list[Delivery]:
        """Lease up to `limit` ready messages for the subscription's ack deadline."""
        taken: list[Delivery] = []
        size = 0
        while self._ready and len(taken) < limit and size < _PULL_BYTES:
            self._ready.rotate(-self._pick(len(self._ready)))
            held = self._ready.popleft()
            if held.phase is _Phase.READY:
                taken.append(self._lease(held, now))
                size += len(held.message.data)
        return taken

    def acknowledge(self, ack_id: str) -> None:
        """Be done with a message.

        The newest ack id of a message still counts after its deadline, as production says it may;
        it does not once the message was nacked or leased again.
        """
        if held := self._leased.pop(ack_id, None):
            self._forget(held)

    def fail(self, ack_id: str, now: float) -> None:
        """Give a leased message back; it comes again after the backoff. Other ids are ignored."""
        held = self._leased.get(ack_id)
        if held and held.phase is _Phase.LEASED:
            del self._leased[ack_id]
            self._end_attempt(held, now)

    def extend(self, ack_id: str, now: float, seconds: float) -> None:
        """Let a running lease end so many seconds from now. Other ids are ignored."""
        held = self._leased.get(ack_id)
        if held and held.phase is _Phase.LEASED:
            self._set_timer(held, now + seconds)

    def advance(self, now: float) -> None:
        """End the leases and the pauses whose time has come."""
        while (due := self.next_due()) is not None and due <= now:
            held = heapq.heappop(self._timers)[2]
            if held.phase is _Phase.LEASED:
                self._end_attempt(held, now)
            else:
                self._make_ready(held)

    def next_due(self) -> float | None:
        """When `advance` will next have something to do, or None."""
        while self._timers and _is_stale(self._timers[0]):
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def _lease(self, held: _Held, now: float) -> Delivery:
        self._leased.pop(held.ack_id, None)
        held.ack_id = f"{next(_ack_ids)}"
        held.phase = _Phase.LEASED
        if self.settings.dead_letter:
            held.attempts += 1
        self._leased[held.ack_id] = held
        self._set_timer(held, now + self.settings.ack_deadline_s)
        return Delivery(held.message, held.ack_id, held.attempts if self.settings.dead_letter else 0)

    def _end_attempt(self, held: _Held, now: float) -> None:
        held.failures += 1
        policy = self.settings.dead_letter
        spent = policy is not None and held.attempts >= policy.max_attempts
        if spent and self._bury(self.settings, held.message, held.attempts):
            self._leased.pop(held.ack_id, None)
            self._forget(held)
        elif pause := _pause(self.settings, held.failures):
            held.phase = _Phase.WAITING
            self._set_timer(held, now + pause)
        else:
            self._make_ready(held)

    def _make_ready(self, held: _Held) -> None:
        held.phase = _Phase.READY
        self._ready.append(held)

    def _forget(self, held: _Held) -> None:
        held.phase = _Phase.GONE
        self._size -= 1

    def _set_timer(self, held: _Held, due: float) -> None:
        held.due = due
        heapq.heappush(self._timers, (due, next(self._order), held))
        # Acknowledged messages leave their timer behind; one old lease must not keep them all in memory.
        if len(self._timers) > 2 * self._size + _STALE_TIMERS:
            self._timers = [timer for timer in self._timers if not _is_stale(timer)]
            heapq.heapify(self._timers)


def _is_stale(timer: tuple[float, int, _Held]) -> bool:
    due, _, held = timer
    return held.due != due or held.phase not in (_Phase.LEASED, _Phase.WAITING)


def _pause(settings: Settings, failures: int) -> float:
    policy = settings.retry or (_PUSH_BACKOFF if settings.push_endpoint else None)
    if policy is None:
        return 0.0
    doublings: int = min(failures - 1, _MAX_DOUBLINGS)
    return min(policy.maximum_s, policy.minimum_s * 2.0**doublings)
