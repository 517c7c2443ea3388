"""Stands for `devnexus.pubsub`: remembers what was published and sent, or refuses."""

from collections.abc import Iterable, Mapping

from devnexus.errors import Unavailable
from devnexus.events import Event


class FakePublisher:
    def __init__(self) -> None:
        self.published: list[Event] = []
        self.topics: list[str] = []
        """Where each of them went."""
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        self.out_of_order = False

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        self._check()
        for event in events:
            self.published.append(event)
            self.topics.append(topic or event.TOPIC)

    def send(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        self._check()
        self.sent.append((topic, data, dict(attributes)))

    def _check(self) -> None:
        if self.out_of_order:
            raise Unavailable("the broker is out of order")
