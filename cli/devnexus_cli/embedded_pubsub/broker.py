"""Messages on their way from topics to consumers, in memory and behind one lock."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from math import inf

from devnexus_cli.embedded_pubsub.backlog import Backlog
from devnexus_cli.embedded_pubsub.dead_letters import dead_letter
from devnexus_cli.embedded_pubsub.directory import Directory, Subscription
from devnexus_cli.embedded_pubsub.faults import Faults
from devnexus_cli.embedded_pubsub.limits import check_drafts, check_extension
from devnexus_cli.embedded_pubsub.model import (
    Delivery,
    Draft,
    Message,
    NotFound,
    OutOfService,
    Settings,
    WrongState,
)


class Broker:
    """The whole state of the server. Every method may be called from any thread.

    `directory` declares topics and subscriptions, `faults` plays what goes wrong. `clock` counts leases
    and pauses in seconds; who turns it by hand calls `advance` afterwards.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_push: Callable[[Subscription], None] = lambda subscription: None,
    ) -> None:
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._timers = threading.Condition(self._lock)
        self._wakes_at = inf
        self._closed = False
        self.faults = Faults(changed=self._wake_everyone)
        self.directory = Directory(self._lock, open_backlog=self._open_backlog, on_push=on_push)
        # A restarted server must not give out old ids again: consumers may remember them.
        self._ids = itertools.count(int(now().timestamp() * 1000) * 1000)

    def publish(self, topic: str, drafts: Sequence[Draft]) -> list[str]:
        """Give each message to every subscription of the topic and return the message ids."""
        check_drafts(drafts)
        with self._lock:
            self.directory.require_topic(topic)
            return self._publish(topic, drafts)

    def pull(
        self,
        name: str,
        limit: int,
        *,
        wait_s: float = 0.0,
        given_up: Callable[[], bool] = lambda: False,
    ) -> list[Delivery]:
        """Lease up to `limit` messages; wait a while for the first, but not once the caller has given up."""
        with self._lock:
            subscription = self.directory.find(name)
            if subscription.settings.push_endpoint:
                raise WrongState(f"Messages of this subscription are pushed (resource={name})")
            self._advance(subscription)
            subscription.arrived.wait_for(
                lambda: subscription.backlog.ready > 0 or self._is_over(subscription) or given_up(), wait_s
            )
            self.check_in_service()
            self.directory.find(name)
            return [] if given_up() else self._take(subscription, limit)

    def next_push(self, subscription: Subscription) -> Delivery | None:
        """Wait for a message to push and lease it; None once the subscription or the broker has ended."""
        with self._lock:
            while not (subscription.gone or self._closed):
                pushes = subscription.settings.push_endpoint and not self.faults.out_of_service
                if pushes and (taken := self._take(subscription, 1)):
                    return taken[0]
                subscription.arrived.wait()
            return None

    def acknowledge(self, name: str, ack_ids: Iterable[str]) -> None:
        """Be done with these deliveries; ids that are not known (any more) are passed over in silence."""
        with self._lock:
            subscription = self.directory.find(name)
            for ack_id in ack_ids:
                if self.faults.comes_late(name):
                    subscription.backlog.fail(ack_id, self._clock())
                else:
                    subscription.backlog.acknowledge(ack_id)
            self._announce(subscription)

    def modify_ack_deadline(self, name: str, ack_ids: Iterable[str], seconds: int) -> None:
        """Let running leases end so many seconds from now; 0 gives the messages back."""
        check_extension(seconds)
        with self._lock:
            subscription = self.directory.find(name)
            for ack_id in ack_ids:
                if seconds:
                    subscription.backlog.extend(ack_id, self._clock(), seconds)
                else:
                    subscription.backlog.fail(ack_id, self._clock())
            self._announce(subscription)

    def check_in_service(self) -> None:
        """Raise OutOfService during an outage, and once the broker is closed."""
        if self._closed or self.faults.out_of_service:
            raise OutOfService("The service was unable to fulfill your request.")

    def undelivered(self, name: str) -> int:
        """How many messages of a subscription are not acknowledged yet."""
        with self._lock:
            return len(self.directory.find(name).backlog)

    def wake(self, name: str) -> None:
        """Let those who wait in `pull` look again whether their caller has given up."""
        with self._lock:
            try:
                self.directory.find(name).arrived.notify_all()
            except NotFound:
                return  # whoever waited there was woken by the deletion

    def advance(self) -> None:
        """End the leases and pauses whose time has come, in every subscription."""
        with self._lock:
            self._advance_all()

    def keep_time(self) -> None:
        """Advance whenever something is due, until the broker is closed: the work of one thread."""
        with self._lock:
            while not self._closed:
                self._wakes_at = self._advance_all()
                pause = self._wakes_at - self._clock()
                self._timers.wait(None if pause == inf else max(0.0, pause))

    def close(self) -> None:
        """End every wait; calls that come later find the server out of service."""
        self._closed = True
        self._wake_everyone()

    def _open_backlog(self, settings: Settings) -> Backlog:
        return Backlog(settings, bury=self._bury, pick=self.faults.pick)

    def _publish(self, topic: str, drafts: Sequence[Draft]) -> list[str]:
        published = self._now()
        messages = [
            Message(str(next(self._ids)), draft.data, draft.attributes, draft.ordering_key, published)
            for draft in drafts
        ]
        for subscription in self.directory.subscribers(topic):
            for message in messages:
                for _ in range(self.faults.copies(subscription.settings.name)):
                    subscription.backlog.add(message)
            subscription.arrived.notify(len(messages))
        return [message.id for message in messages]

    def _take(self, subscription: Subscription, limit: int) -> list[Delivery]:
        taken = subscription.backlog.take(self._clock(), limit)
        self._set_alarm(subscription)
        return taken

    def _bury(self, settings: Settings, message: Message, attempts: int) -> bool:
        if not settings.dead_letter or not self.directory.has_topic(settings.dead_letter.topic):
            return False
        self._publish(settings.dead_letter.topic, [dead_letter(settings, message, attempts)])
        return True

    def _advance_all(self) -> float:
        dues = [self._advance(subscription) for subscription in self.directory.all_open()]
        return min(dues, default=inf)

    def _advance(self, subscription: Subscription) -> float:
        subscription.backlog.advance(self._clock())
        self._announce(subscription)
        due = subscription.backlog.next_due()
        return inf if due is None else due

    def _announce(self, subscription: Subscription) -> None:
        """Wake as many as there are messages to take, and the time keeper if something is due earlier."""
        subscription.arrived.notify(subscription.backlog.ready)
        self._set_alarm(subscription)

    def _set_alarm(self, subscription: Subscription) -> None:
        due = subscription.backlog.next_due()
        if due is not None and due < self._wakes_at:
            self._timers.notify()

    def _is_over(self, subscription: Subscription) -> bool:
        return subscription.gone or self._closed or self.faults.out_of_service

    def _wake_everyone(self) -> None:
        with self._lock:
            self._timers.notify_all()
            for subscription in self.directory.all_open():
                subscription.arrived.notify_all()
