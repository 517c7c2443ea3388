"""Which topics and subscriptions there are."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from devnexus_cli.embedded_pubsub.backlog import Backlog
from devnexus_cli.embedded_pubsub.limits import check_name, check_settings
from devnexus_cli.embedded_pubsub.model import AlreadyExists, NotFound, Settings

DELETED_TOPIC = "_deleted-topic_"
"""What production names as the topic of a subscription whose topic was deleted."""


@dataclass(eq=False, slots=True)
class Subscription:
    """One open subscription; only the holder of the broker's lock touches it."""

    backlog: Backlog
    arrived: threading.Condition
    """Notified when there may be something to deliver, and when waiting for it has become pointless."""
    gone: bool = False
    push_started: bool = False

    @property
    def settings(self) -> Settings:
        """As declared last."""
        return self.backlog.settings


class Directory:
    """Declares topics and subscriptions under the broker's lock.

    `on_push` is called once for each subscription that has an endpoint, with the lock held: it may start
    threads but not wait for them.
    """

    def __init__(
        self,
        lock: threading.Lock,
        *,
        open_backlog: Callable[[Settings], Backlog],
        on_push: Callable[[Subscription], None],
    ) -> None:
        self._lock = lock
        self._open_backlog = open_backlog
        self._on_push = on_push
        self._topics: set[str] = set()
        self._subscriptions: dict[str, Subscription] = {}

    def create_topic(self, name: str) -> None:
        """Make a topic, or raise AlreadyExists."""
        check_name(name, "topics")
        with self._lock:
            _refuse_second(name, self._topics)
            self._topics.add(name)

    def topics(self) -> list[str]:
        """All names, in order."""
        with self._lock:
            return sorted(self._topics)

    def delete_topic(self, name: str) -> None:
        """Forget a topic; its subscriptions keep what they have."""
        with self._lock:
            self.require_topic(name)
            self._topics.remove(name)
            for subscription in self.subscribers(name):
                subscription.backlog.settings = replace(subscription.settings, topic=DELETED_TOPIC)

    def create_subscription(self, settings: Settings) -> None:
        """Start to collect messages, or raise AlreadyExists, or NotFound for a missing topic."""
        check_settings(settings)
        with self._lock:
            _refuse_second(settings.name, self._subscriptions)
            self.require_topic(settings.topic)
            self._require_dead_letter_topic(settings)
            opened = Subscription(self._open_backlog(settings), threading.Condition(self._lock))
            self._subscriptions[settings.name] = opened
            self._start_push(opened)

    def subscription(self, name: str) -> Settings:
        """The subscription as declared last, or raise NotFound."""
        with self._lock:
            return self.find(name).settings

    def subscriptions(self) -> list[Settings]:
        """All of them, by name."""
        with self._lock:
            return [self._subscriptions[name].settings for name in sorted(self._subscriptions)]

    def update_subscription(self, settings: Settings) -> None:
        """Replace all settings but the topic; running leases keep their deadline."""
        check_settings(settings)
        with self._lock:
            subscription = self.find(settings.name)
            self._require_dead_letter_topic(settings)
            subscription.backlog.settings = replace(settings, topic=subscription.settings.topic)
            self._start_push(subscription)
            subscription.arrived.notify_all()

    def delete_subscription(self, name: str) -> None:
        """Forget a subscription and what it still had to deliver."""
        with self._lock:
            subscription = self.find(name)
            del self._subscriptions[name]
            subscription.gone = True
            subscription.arrived.notify_all()

    # For the broker, which holds the lock already:

    def has_topic(self, name: str) -> bool:
        """Whether there is that topic."""
        return name in self._topics

    def require_topic(self, name: str) -> None:
        """Raise NotFound unless there is that topic. One look-up: needs no lock where that is all."""
        if name not in self._topics:
            raise NotFound(f"Resource not found (resource={name})")

    def find(self, name: str) -> Subscription:
        """The open subscription of that name, or raise NotFound."""
        if name not in self._subscriptions:
            raise NotFound(f"Resource not found (resource={name})")
        return self._subscriptions[name]

    def subscribers(self, topic: str) -> list[Subscription]:
        """Who gets the messages of a topic."""
        return [opened for opened in self._subscriptions.values() if opened.settings.topic == topic]

    def all_open(self) -> list[Subscription]:
        """All open subscriptions."""
        return list(self._subscriptions.values())

    def _require_dead_letter_topic(self, settings: Settings) -> None:
        if settings.dead_letter:
            self.require_topic(settings.dead_letter.topic)

    def _start_push(self, subscription: Subscription) -> None:
        if subscription.settings.push_endpoint and not subscription.push_started:
            subscription.push_started = True
            self._on_push(subscription)


def _refuse_second(name: str, known: set[str] | dict[str, Subscription]) -> None:
    if name in known:
        raise AlreadyExists(f"Resource already exists in the project (resource={name})")
