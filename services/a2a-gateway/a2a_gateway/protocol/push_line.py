"""What waits for one receiver, in order, and when it is attempted again."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, partial

from a2a.server.agent_execution.active_task import TERMINAL_TASK_STATES
from a2a.types.a2a_pb2 import StreamResponse, TaskPushNotificationConfig

from a2a_gateway.protocol.caller_context import Asker
from a2a_gateway.protocol.push_body import Body, body_of, old_body_of
from a2a_gateway.protocol.push_post import Refusal
from a2a_gateway.protocol.tasks import GOES_ON

_GIVE_UP_SECONDS = 300.0
"""So long after something happened its receiver is still told of it again."""

_MERGED_FROM = 4
"""From so many that wait on, what only tells of progress becomes one with the next of its kind."""

_LONGEST_WAIT_SECONDS = 60.0


class Outcome(Enum):
    """What became of one attempt."""

    DELIVERED = "delivered"
    POSTPONED = "postponed"
    GIVEN_UP = "given-up"


@dataclass(frozen=True)
class Notification:
    """Something that happened to a task, to be told."""

    told: StreamResponse
    at: float
    """By the monotonic clock."""

    @cached_property
    def size(self) -> int:
        """In bytes, about."""
        return int(self.told.ByteSize())

    @property
    def give_up_at(self) -> float:
        """When it is attempted no more."""
        return self.at + _GIVE_UP_SECONDS

    @property
    def is_final(self) -> bool:
        """Whether nothing more can happen to the task."""
        return (
            self.told.task.status.state in TERMINAL_TASK_STATES
            or self.told.status_update.status.state in TERMINAL_TASK_STATES
        )

    @property
    def is_progress(self) -> bool:
        """Whether the next one of its kind says all that this says."""
        return self.told.HasField("status_update") and self.told.status_update.status.state in GOES_ON

    def followed_by(self, later: "Notification") -> "Notification":
        """Both as one: the state of the later, the metadata of both."""
        both = StreamResponse()
        both.CopyFrom(self.told)
        both.status_update.ClearField("status")
        both.MergeFrom(later.told)
        return Notification(both, self.at)


@dataclass
class Line:
    """One receiver of one task. For the event loop."""

    config: TaskPushNotificationConfig
    asker: Asker
    """Who asked for the task."""
    waiting: deque[Notification] = field(default_factory=deque)
    quiet_until: float = 0.0
    """By the monotonic clock; before, nothing is attempted."""
    _failures: int = 0
    """Since the last success."""

    def add(self, notification: Notification) -> None:
        """Let it be told after all that waits."""
        if len(self.waiting) >= _MERGED_FROM and notification.is_progress and self.waiting[-1].is_progress:
            notification = self.waiting.pop().followed_by(notification)
        self.waiting.append(notification)

    def rests(self, now: float) -> bool:
        """Whether nothing is to be attempted now."""
        return now < self.quiet_until

    def first(self) -> Callable[[], Body]:
        """What is sent next; making it takes a while."""
        return partial(old_body_of if self.asker.speaks_old else body_of, self.waiting[0].told)

    def settle(self, refusal: Refusal | None, now: float) -> Outcome:
        """Note what became of the first in line, which is in it no more unless it is postponed.

        Where it is given up, what is behind it is attempted at least once, unless the receiver wants to be
        left alone until that is over, too.
        """
        if refusal is None:
            self._failures = 0
            self.waiting.popleft()
            return Outcome.DELIVERED
        self._failures += 1
        again_at = now + max(_wait_after(self._failures), refusal.retry_after)
        if refusal.may_pass and again_at <= self.waiting[0].give_up_at:
            self.quiet_until = again_at
            return Outcome.POSTPONED
        self.waiting.popleft()
        self.quiet_until = now + refusal.retry_after
        while self.waiting and self.waiting[0].give_up_at < self.quiet_until:
            self.waiting.popleft()
        return Outcome.GIVEN_UP


def _wait_after(failures: int) -> float:
    """Seconds; spread, so that receivers which failed together are not asked together."""
    spread = random.uniform(0.8, 1.2)  # nosec B311  # only spreads retries
    return min(2.0 ** (failures - 1), _LONGEST_WAIT_SECONDS) * spread
