"""The door to the dead letters: look without taking, replay to the one subscription that failed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from google.api_core.exceptions import DeadlineExceeded, GoogleAPIError, NotFound
from google.api_core.retry import Retry
from google.auth.exceptions import GoogleAuthError
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1 import PublisherClient as PlainPublisherClient
from google.pubsub_v1 import types

from devnexus.errors import Unavailable
from devnexus.parking import PARK_REASON, REPLAY_TO, as_published, park_id
from devnexus.topology import Subscription

_CALL_SECONDS = 10.0
_RETRY = Retry(initial=0.1, maximum=1.0, timeout=_CALL_SECONDS)
_WAIT_SECONDS = 2.0
"""How long one pull waits before nothing counts as nothing."""

_HOLD_SECONDS = 600
"""Google's most. What is in hand is given back long before; only a killed process lets it run out."""

_PULLED_AT_ONCE = 100
_ATTEMPTS = "CloudPubSubDeadLetterSourceDeliveryCount"


@dataclass(frozen=True)
class DeadLetter:
    """A message that a subscription could not handle."""

    id: str
    """A digest of the message: the same one parked twice has the same id twice."""
    subscription: str
    """The one that could not handle it."""
    reason: str
    attempts: int | None
    """How often Pub/Sub delivered it before it gave up; None where the service itself refused it for good."""
    parked_at: datetime
    data: bytes
    attributes: Mapping[str, str]
    """As they were when it was published first."""
    ack_id: str

    @property
    def event_type(self) -> str:
        """What the message says it is; empty where it says nothing."""
        return self.attributes.get("ce-type", "")

    @property
    def event_id(self) -> str:
        """The natural key that the message claims; empty where it has none."""
        return self.attributes.get("ce-id", "")


class DeadLetters:
    """The dead letters of one project. Every method raises Unavailable where Pub/Sub does not answer."""

    def __init__(self, *, project: str) -> None:
        self._project = project
        try:
            self._subscriber = SubscriberClient()
            self._publisher = PublisherClient()
        except (GoogleAPIError, GoogleAuthError) as error:
            raise Unavailable(
                f"no way to Pub/Sub ({error}). On this machine: set PUBSUB_EMULATOR_HOST, such as "
                "127.0.0.1:8085. In the cloud: gcloud auth application-default login"
            ) from error

    def peek(self, subscription: Subscription, *, limit: int) -> list[DeadLetter]:
        """Up to `limit` dead letters, oldest first, all of which stay: while others look it may miss some."""
        with self.waiting(subscription, limit=limit) as letters:
            return letters

    @contextmanager
    def waiting(self, subscription: Subscription, *, limit: int) -> Iterator[list[DeadLetter]]:
        """Up to `limit` dead letters in hand, oldest first; those that are not replayed are given back."""
        path = self._path(subscription)
        self._require(path)
        letters: dict[str, DeadLetter] = {}
        try:
            while len(letters) < limit and (pulled := self._pull(subscription, limit - len(letters))):
                self._lease(path, pulled, _HOLD_SECONDS)
                letters.update((letter.ack_id, letter) for letter in pulled)
            yield sorted(letters.values(), key=lambda letter: (letter.parked_at, letter.id))
        finally:
            self._lease(path, list(letters.values()), 0)  # of no effect on those that are acknowledged

    def replay(self, letter: DeadLetter, subscription: Subscription) -> None:
        """Publish it again, for this subscription only, and only then take it out of the dead letters.

        Should the last step fail it is replayed and still there, which is harmless: ids are natural keys.
        """
        topic = self._publisher.topic_path(self._project, subscription.topic)
        attributes = {**letter.attributes, REPLAY_TO: subscription.name}
        message = types.PubsubMessage(data=letter.data, attributes=attributes)
        try:
            # Not the batching client's publish: that one takes an attribute called `topic` for its parameter.
            PlainPublisherClient.publish(
                self._publisher, topic=topic, messages=[message], retry=_RETRY, timeout=_CALL_SECONDS
            )
            self._subscriber.acknowledge(
                subscription=self._path(subscription),
                ack_ids=[letter.ack_id],
                retry=_RETRY,
                timeout=_CALL_SECONDS,
            )
        except (GoogleAPIError, GoogleAuthError) as error:
            raise Unavailable(
                f"{letter.id} could not be replayed and stays in {subscription.dead_letter}: {error}"
            ) from error

    def close(self) -> None:
        """Close the connections."""
        self._publisher.stop()
        self._subscriber.close()

    def _path(self, subscription: Subscription) -> str:
        return str(self._subscriber.subscription_path(self._project, subscription.dead_letter))

    def _require(self, path: str) -> None:
        """Ask whether it is there: a pull cannot tell an empty subscription from nobody to answer."""
        try:
            self._subscriber.get_subscription(subscription=path, timeout=_CALL_SECONDS, retry=None)
        except NotFound as error:
            raise Unavailable(
                f"there is no {path}. Create it: devnexus provision --project {self._project} SERVICE=URL…"
            ) from error
        except (GoogleAPIError, GoogleAuthError) as error:
            raise Unavailable(f"Pub/Sub does not tell of {path}: {error}") from error

    def _pull(self, subscription: Subscription, count: int) -> list[DeadLetter]:
        path, most = self._path(subscription), min(count, _PULLED_AT_ONCE)
        try:
            answer = self._subscriber.pull(
                subscription=path, max_messages=most, timeout=_WAIT_SECONDS, retry=None
            )
        except DeadlineExceeded:
            return []
        except (GoogleAPIError, GoogleAuthError) as error:
            raise Unavailable(f"cannot look into {path}: {error}") from error
        return [_letter(received, subscription) for received in answer.received_messages]

    def _lease(self, path: str, letters: Sequence[DeadLetter], seconds: int) -> None:
        for start in range(0, len(letters), _PULLED_AT_ONCE):
            ack_ids = [letter.ack_id for letter in letters[start : start + _PULLED_AT_ONCE]]
            try:
                self._subscriber.modify_ack_deadline(
                    subscription=path,
                    ack_ids=ack_ids,
                    ack_deadline_seconds=seconds,
                    retry=_RETRY,
                    timeout=_CALL_SECONDS,
                )
            except (GoogleAPIError, GoogleAuthError) as error:
                raise Unavailable(
                    f"dead letters in hand could not be given back to {path}; "
                    f"they come back by themselves within {_HOLD_SECONDS // 60} minutes: {error}"
                ) from error


def _letter(received: types.ReceivedMessage, subscription: Subscription) -> DeadLetter:
    message = received.message
    stored = dict(message.attributes)
    attributes = as_published(stored)
    attempts = stored.get(_ATTEMPTS, "")
    return DeadLetter(
        id=park_id(message.data, attributes),
        subscription=subscription.name,
        reason=stored.get(PARK_REASON) or f"Pub/Sub gave up after {attempts or 'too many'} attempts",
        attempts=int(attempts) if attempts.isdigit() else None,
        parked_at=cast(datetime, message.publish_time),  # the stub names the message, the client gives this
        data=message.data,
        attributes=attributes,
        ack_id=received.ack_id,
    )
