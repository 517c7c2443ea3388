"""Runs the receiver's sweep from a command line."""

from collections.abc import Iterable, Mapping

from devnexus.events import Event
from devnexus.pubsub import PubSubPublisher
from webhook_receiver.delivery_attempts import Attempt
from webhook_receiver.settings import read_allowed
from webhook_receiver.sweeper import sweep_once
from webhook_receiver.swept import Swept


def swept_by_us(knowledge: str, project: str, environment: Mapping[str, str]) -> Swept:
    """One run that does what is to be done; what it finds goes to the Pub/Sub of `project`."""
    publisher = PubSubPublisher(project=project, source="/dev-nexus/cli")
    try:
        return sweep_once(
            environment, knowledge=knowledge, publisher=publisher, allowed=read_allowed(environment)
        )
    finally:
        publisher.close()


def would_be_swept(knowledge: str, environment: Mapping[str, str]) -> Swept:
    """One run that only looks."""
    return sweep_once(
        environment,
        knowledge=knowledge,
        publisher=_Nobody(),
        redeliver=_do_not,
        allowed=read_allowed(environment),
    )


class _Nobody:
    """A Publisher that tells nobody."""

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        """Nothing comes of it."""


def _do_not(attempt: Attempt) -> None:
    """Ask nobody."""
