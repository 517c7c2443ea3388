"""The event flow as data: topics, subscriptions, dead letters, read from `topology.yaml`."""

from functools import cache
from importlib.resources import files

from pydantic import model_validator

from devnexus.own_yaml import read_own
from devnexus.values import Value

DEAD_LETTER_RETENTION_DAYS = 31
RETRY_SECONDS = (10, 600)
PUSH_PATH = "/events"
"""Where every service takes its events."""


class Topic(Value):
    """A stream of events."""

    name: str
    about: str
    retention_days: int | None = None
    """For so long messages are kept, acknowledged or not, for subscriptions that go back in time."""


class Subscription(Value):
    """One consumer of a topic: pushed to a service, or pulled where `push` is None."""

    name: str
    topic: str
    push: str | None = None
    ack_deadline_seconds: int
    max_delivery_attempts: int

    @property
    def dead_letter(self) -> str:
        """Name of the topic, and of its one subscription, that keeps what could not be handled."""
        return f"{self.name}-dead"


class Topology(Value):
    """All topics and subscriptions."""

    topics: tuple[Topic, ...]
    subscriptions: tuple[Subscription, ...]

    @model_validator(mode="after")
    def _check(self) -> "Topology":
        topics = {topic.name for topic in self.topics}
        for subscription in self.subscriptions:
            if subscription.topic not in topics:
                raise ValueError(f"subscription {subscription.name}: no topic {subscription.topic}")
        return self

    def subscription(self, name: str) -> Subscription:
        """The subscription called `name`; raise KeyError if there is none."""
        return {subscription.name: subscription for subscription in self.subscriptions}[name]


@cache
def load_topology() -> Topology:
    """The topology of this version of the code."""
    text = files("devnexus").joinpath("topology.yaml").read_text(encoding="utf-8")
    return Topology.model_validate(read_own(text))
