"""What deliveries need of the store that keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from devnexus.events import NotificationRequested


@dataclass(frozen=True)
class Claim:
    """The right to attempt a delivery; nobody else has it before it expires."""

    delivery_id: str
    target: str
    attempt: int
    """Its number, from 1 up."""
    unclear: int
    """Earlier attempts whose outcome nobody recorded."""
    failures_before: int
    """Attempts of any delivery that the target did not take, since the last that it took."""
    until: float
    request: NotificationRequested | None
    """None where this version cannot read what another has kept."""
    traceparent: str | None = None
    """The trace that it belongs to."""
    members: Sequence[str] = ()
    """The traces of what a digest tells."""


class DeliveryStore(Protocol):
    """Where deliveries are kept. Every method raises Unavailable if the store may not have kept it.

    A target is held back while it cools down after a failure, between two messages if it is paced, and from
    when it was disabled until somebody has shown that it takes messages again.
    """

    def record(self, request: NotificationRequested, *, now: float, traceparent: str | None = None) -> None:
        """Keep a delivery that is due at once, or when its target's cool-down ends, and the trace it is of.

        One that is known stays as it is, and its arrival is counted.
        """

    def targets_due(self, *, now: float) -> Sequence[str]:
        """The targets that are not held back and have a delivery that is due and unclaimed."""

    def due(self, target: str, *, now: float, most: int) -> Sequence[str]:
        """The ids of what is due and unclaimed for a target that is not held back: oldest first."""

    def next_due(self, *, now: float) -> float | None:
        """When there will be something due, or a claim will have expired; None if nothing waits for that."""

    def claim(self, delivery_id: str, *, now: float, until: float) -> Claim | None:
        """The right to attempt a delivery that is due, for one caller alone; None if it is not to be had.

        An earlier claim that expired is counted as unclear: whether the target was told, nobody knows.
        """

    def claim_turn(self, delivery_id: str, target: str, *, now: float, until: float) -> Claim | None:
        """The same, for a target that is paced: it is held back until `end_turn`, or the claim expires."""

    def end_turn(self, claim: Claim, *, quiet_until: float) -> None:
        """Hold the target back until then, and no longer; nothing if another has the turn by now."""

    def delivered(self, claim: Claim, *, now: float) -> None:
        """The target has it: the delivery is finished, and its target's cool-down with it."""

    def postpone(self, claim: Claim, *, reason: str, due_at: float, cool_until: float) -> None:
        """The attempt failed: the delivery waits until `due_at`, its target's others until `cool_until`."""

    def give_up(self, claim: Claim, *, reason: str, now: float) -> None:
        """There will be no further attempt."""

    def take_apart(self, claim: Claim, *, reason: str, now: float) -> None:
        """Give up a digest that was not told: each of its messages is due, to be told by itself."""

    def disable(self, claim: Claim, *, reason: str, now: float) -> bool:
        """Hold the target back, this delivery with it; whether it was not disabled before."""

    def digest(self, target: str, *, now: float) -> int:
        """Make one delivery, due at once, of those that wait, and return of how many: 0 if they are few.

        Only of what was never attempted, so nothing is told a second time under another id; and not while
        the target fails, since it should first be seen to take anything. All of it happens, or nothing.
        """

    def forget(self, *, finished_before: float) -> int:
        """Remove some of the deliveries that were finished before then, and return how many: 0 at the end."""

    def give_up_disabled(self, *, waiting_since: float, now: float) -> Mapping[str, int]:
        """Give up what has waited since before then for targets that are disabled; how many for each."""
