"""The embedded Pub/Sub, with deliveries that get lost on their way and a memory of what went through it."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import replace

from devnexus.values import load_json
from devnexus_cli.embedded_pubsub.broker import Broker
from devnexus_cli.embedded_pubsub.directory import Subscription
from devnexus_cli.embedded_pubsub.model import Delivery, Draft, RetryPolicy
from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub

HASTY = RetryPolicy(minimum_s=1.0, maximum_s=8.0)
"""Between two deliveries of a message, in place of 10 to 600 s: a minute here stands for an hour."""


class ObservedBroker(Broker):
    """A broker that loses every `drop_every`-th delivery (0: none), and remembers the events it was given."""

    drop_every = 0

    def observe(self) -> None:
        """Begin with nothing."""
        self._deliveries = itertools.count(1)
        self.dropped = 0
        self.events: dict[str, dict[str, dict[str, object]]] = {}
        """Topic → event id → its data."""

    def publish(self, topic: str, drafts: Sequence[Draft]) -> list[str]:
        """As Broker has it."""
        ids = super().publish(topic, drafts)
        known = self.events.setdefault(topic.rpartition("/")[2], {})
        for draft in drafts:
            if (id_ := draft.attributes.get("ce-id", "")) and id_ not in known:
                known[id_] = _data(draft.data)
        return ids

    def pull(self, name: str, limit: int, **how: object) -> list[Delivery]:
        """As Broker has it; some of them never reach who pulls."""
        deliveries = super().pull(name, limit, **how)  # type: ignore[arg-type]
        return [one for one in deliveries if not self._is_lost(name, one)]

    def next_push(self, subscription: Subscription) -> Delivery | None:
        """As Broker has it, without those that get lost."""
        while (one := super().next_push(subscription)) and self._is_lost(subscription.settings.name, one):
            pass
        return one

    def _is_lost(self, name: str, delivery: Delivery) -> bool:
        """Whether it is; its lease then ends at once, since nobody would extend it."""
        if not self.drop_every or next(self._deliveries) % self.drop_every:
            return False
        self.modify_ack_deadline(name, [delivery.ack_id], 0)
        self.dropped += 1
        return True


class SoakPubSub(EmbeddedPubSub):
    """The server around an ObservedBroker."""

    broker: ObservedBroker

    def __init__(self) -> None:
        super().__init__()
        self.broker = ObservedBroker(on_push=self._start_pushing)
        self.broker.observe()
        self._time_keeper = threading.Thread(target=self.broker.keep_time, daemon=True)

    def hasten(self) -> None:
        """Let no message wait for longer than a few seconds between two attempts."""
        for settings in self.broker.directory.subscriptions():
            if settings.retry:
                self.broker.directory.update_subscription(replace(settings, retry=HASTY))

    def undelivered(self) -> dict[str, int]:
        """Subscription → messages that are still on their way; what is parked has arrived."""
        names = [one.name for one in self.broker.directory.subscriptions()]
        return {
            name.rpartition("/")[2]: self.broker.undelivered(name)
            for name in names
            if not name.endswith("-dead")
        }


def _data(content: bytes) -> dict[str, object]:
    try:
        found = load_json(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
