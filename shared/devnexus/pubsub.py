"""The door to Google Pub/Sub for those who publish: real, emulated or embedded."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures import wait
from contextlib import AbstractContextManager
from typing import Protocol

from google.api_core.exceptions import GoogleAPIError
from google.api_core.retry import Retry
from google.auth.exceptions import GoogleAuthError
from google.cloud.pubsub_v1 import PublisherClient
from google.cloud.pubsub_v1.publisher.exceptions import MessageTooLargeError
from google.cloud.pubsub_v1.types import LimitExceededBehavior, PublisherOptions, PublishFlowControl

from devnexus import tracing
from devnexus.codec import encode
from devnexus.errors import Unavailable
from devnexus.events import Event
from devnexus.trace_context import to_carry

_PUBLISH_SECONDS = 4.0
"""How long one event may take, retries included: GitHub waits 10 s for our answer to a webhook."""

_OPTIONS = PublisherOptions(
    # The default limit is not enforced (googleapis/python-pubsub#16): block instead of filling the memory.
    flow_control=PublishFlowControl(
        message_limit=1000,
        byte_limit=50 * 1024 * 1024,
        limit_exceeded_behavior=LimitExceededBehavior.BLOCK,
    ),
    retry=Retry(initial=0.1, maximum=1.0, timeout=_PUBLISH_SECONDS),
    timeout=2.0,
)

_log = logging.getLogger(__name__)


class Publisher(Protocol):
    """Something that hands events to the broker."""

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        """Return once the broker has every event; raise Unavailable if it may not have one of them.

        After Unavailable an event may still arrive, which is harmless: ids are natural keys.
        """


class PubSubPublisher:
    """Publishes events of one service to the topics of one Google Cloud project."""

    def __init__(self, *, project: str, source: str) -> None:
        self._project = project
        self._source = source
        self._client = PublisherClient(publisher_options=_OPTIONS)

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        """As promised by `Publisher`."""
        published: Counter[str] = Counter()
        messages: list[tuple[str, bytes, Mapping[str, str]]] = []
        for event in events:
            messages.append((topic or event.TOPIC, *encode(event, source=self._source)))
            published[event.TYPE] += 1
        if not messages:
            return
        with _publishing(messages):
            trace = to_carry()
            self._send([(to, data, {**attributes, **trace}) for to, data, attributes in messages])
            for kind, number in published.items():
                _log.info("events published", extra={"event_type": kind, "events": number})

    def send(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Return once the broker has this raw message (a parked one); raise Unavailable otherwise."""
        self._send([(topic, data, attributes)])

    def close(self) -> None:
        """Stop the client's threads; nothing is pending, since `publish` waits."""
        self._client.stop()

    def _send(self, messages: Iterable[tuple[str, bytes, Mapping[str, str]]]) -> None:
        try:
            futures = [
                self._client.publish(self._client.topic_path(self._project, topic), data, **attributes)
                for topic, data, attributes in messages
            ]
            wait(futures, timeout=_PUBLISH_SECONDS + 1)
            for future in futures:
                future.result(timeout=0)
        except (GoogleAPIError, GoogleAuthError, FutureTimeout, MessageTooLargeError) as error:
            raise Unavailable(f"Pub/Sub did not take the message: {error!r}") from error


def _publishing(messages: Sequence[tuple[str, bytes, Mapping[str, str]]]) -> AbstractContextManager[object]:
    topic, _, attributes = messages[0]
    about: dict[str, str | int] = {"topic": topic, "event_id": attributes["ce-id"], "messages": len(messages)}
    return tracing.span(f"publish {attributes['ce-type']}", kind="producer", about=about)
