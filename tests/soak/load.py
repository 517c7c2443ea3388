"""What is sent: pushes at a steady rate, and between them what is broken, foreign, or poison."""

import itertools
import threading
import time
from collections.abc import Iterator
from random import Random

from devnexus_cli.embedded_pubsub.model import Draft
from soak.ledger import Ledger
from soak.organisation import Organisation
from soak.pubsub import SoakPubSub
from soak.stack import SoakStack
from soak.webhooks import FOREIGN, Outbox, of_push

PER_SECOND = 0.8
_KINDS = {"usual": 78, "new": 6, "forced": 7, "hostile": 7, "huge": 2}
_TWICE, _LATE = 0.1, 0.06
_FOREIGN_EVERY, _POISON_EVERY = 6, 10
"""After so many pushes comes one of these."""

_LATE_SECONDS = (4.0, 15.0)
_MOST_ON_THEIR_WAY = 60
"""With so many messages undelivered nobody pushes: how fast this machine is is not the question."""

_POISONED = {
    "kb-writer": ("knowledge-changes", "lesson.learned.v1"),
    "extractor-commits": ("commit-pushed", "commit.pushed.v1"),
    "extractor-bulk": ("commit-bulk", "snapshot.requested.v1"),
    "similarity": ("knowledge-committed", "knowledge.committed.v1"),
    "notifier-similarity": ("similarity-computed", "similarity.computed.v1"),
    "notifier-deliveries": ("notifications", "notification.requested.v1"),
}
"""Subscription → its topic, and an event that is sent there."""


class Load:
    """A thread that pushes until it is stopped."""

    def __init__(
        self,
        *,
        stack: SoakStack,
        organisation: Organisation,
        outbox: Outbox,
        pubsub: SoakPubSub,
        ledger: Ledger,
        random: Random,
    ) -> None:
        self._stack, self._organisation, self._outbox = stack, organisation, outbox
        self._pubsub, self._ledger, self._random = pubsub, ledger, random
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="load", daemon=True)
        self._kinds = self._in_turn()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _in_turn(self) -> Iterator[str]:
        """New repositories first, then one of each kind, then at random."""
        yield from ("new", "new", "new", "usual", "huge", "forced", "hostile")
        while True:
            yield self._random.choices(list(_KINDS), weights=list(_KINDS.values()))[0]

    def _work(self) -> None:
        foreign, poisoned = itertools.cycle(FOREIGN), itertools.cycle(_POISONED)
        for number in itertools.count(1):
            if self._stop.wait(self._random.uniform(0.5, 1.5) / PER_SECOND):
                return
            while sum(self._pubsub.undelivered().values()) > _MOST_ON_THEIR_WAY:
                if self._stop.wait(0.5):
                    return
            self._push()
            if number % _FOREIGN_EVERY == 0:
                self._outbox.put(next(foreign)(self._stack.secret))
            if number % _POISON_EVERY == 0:
                self._poison(next(poisoned))

    def _push(self) -> None:
        made = self._organisation.push(next(self._kinds), at=int(time.time()))
        webhook = of_push(made, self._stack.secret)
        late, twice = self._random.random() < _LATE, self._random.random() < _TWICE
        self._ledger.made(made.push, *(["late"] if late else []), *(["twice"] if twice else []))
        self._outbox.put(webhook, in_seconds=self._random.uniform(*_LATE_SECONDS) if late else 0.0)
        if twice:
            self._outbox.put(webhook, in_seconds=self._random.uniform(0.0, _LATE_SECONDS[0]))

    def _poison(self, subscription: str) -> None:
        topic, kind = _POISONED[subscription]
        id_ = f"poison-{len(self._ledger.poison) + 1}"
        attributes = {
            "content-type": "application/json",
            "ce-id": id_,
            "ce-source": "/soak",
            "ce-specversion": "1.0",
            "ce-type": kind,
        }
        self._ledger.poisoned(id_, subscription)
        name = f"projects/{self._stack.project}/topics/{topic}"
        self._pubsub.broker.publish(
            name, [Draft(self._random.choice((b"\xff{", b"{}", b"null")), attributes)]
        )
