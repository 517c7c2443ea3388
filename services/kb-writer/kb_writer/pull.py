"""The door to the writer's subscription: synchronous pull, leases, acknowledgements."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from google.api_core.exceptions import DeadlineExceeded, GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud.pubsub_v1 import SubscriberClient

from devnexus.errors import Unavailable
from devnexus.topology import Subscription

_CALL_SECONDS = 10.0
_WAIT_SECONDS = 2.0
"""How long one pull waits for messages: short, so that SIGTERM is noticed soon."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Received:
    """A message in hand, until it is acknowledged, given back, or its lease ends."""

    ack_id: str
    message_id: str
    data: bytes
    attributes: Mapping[str, str]
    published: datetime | None = None


class Puller:
    """Pulls from one subscription."""

    def __init__(self, *, project: str, subscription: Subscription) -> None:
        self._client = SubscriberClient()
        self._connection = "IDLE"
        self._client.transport.grpc_channel.subscribe(self._note_connection)
        self._path = self._client.subscription_path(project, subscription.name)
        self._deadline_seconds = subscription.ack_deadline_seconds

    def pull(self, max_messages: int, *, patiently: bool = False) -> list[Received]:
        """What is waiting, possibly nothing; raise Unavailable if Pub/Sub does not answer.

        One answer of Pub/Sub may hold less than there is. `patiently` asks again until there is nothing
        more: worth it where commits are rare and have to carry much.
        """
        messages = self._pull(max_messages)
        until = time.monotonic() + self._deadline_seconds * 0.4  # nobody extends the leases yet
        while patiently and messages and len(messages) < max_messages and time.monotonic() < until:
            try:
                more = self._pull(max_messages - len(messages))
            except Unavailable as error:
                _log.warning("not now: %s", error)
                break
            if not more:
                break
            messages += more
        return messages

    def _pull(self, max_messages: int) -> list[Received]:
        try:
            answer = self._client.pull(
                subscription=self._path, max_messages=max_messages, timeout=_WAIT_SECONDS, retry=None
            )
        except DeadlineExceeded as error:
            # Nothing was waiting; or nobody was there, which only the connection tells.
            if self._connection == "READY":
                return []
            raise Unavailable(f"cannot pull from {self._path}: no connection") from error
        except (GoogleAPIError, GoogleAuthError) as error:
            raise Unavailable(f"cannot pull from {self._path}: {error!r}") from error
        return [
            Received(
                message.ack_id,
                message.message.message_id,
                message.message.data,
                dict(message.message.attributes),
                message.message.publish_time,
            )
            for message in answer.received_messages
        ]

    def acknowledge(self, messages: Sequence[Received]) -> None:
        """Say that these are done. Should that get lost they come again, which is harmless."""
        self._tell("acknowledge", messages)

    def give_back(self, messages: Sequence[Received]) -> None:
        """Let these come again, after the subscription's backoff."""
        self._tell("give back", messages)

    @contextmanager
    def holding(self, messages: Sequence[Received]) -> Iterator[None]:
        """Keep the leases on `messages` while the block runs, however long a commit takes."""
        done = threading.Event()
        extender = threading.Thread(target=self._extend_until, args=(done, messages), daemon=True)
        extender.start()
        try:
            yield
        finally:
            done.set()
            extender.join()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _note_connection(self, state: Enum) -> None:
        self._connection = state.name

    def _extend_until(self, done: threading.Event, messages: Sequence[Received]) -> None:
        while not done.wait(self._deadline_seconds * 0.4):
            self._tell("extend", messages)

    def _tell(self, what: str, messages: Sequence[Received]) -> None:
        if not messages:
            return
        ack_ids = [message.ack_id for message in messages]
        try:
            if what == "acknowledge":
                self._client.acknowledge(subscription=self._path, ack_ids=ack_ids, timeout=_CALL_SECONDS)
            else:
                self._client.modify_ack_deadline(
                    subscription=self._path,
                    ack_ids=ack_ids,
                    ack_deadline_seconds=self._deadline_seconds if what == "extend" else 0,
                    timeout=_CALL_SECONDS,
                )
        except (GoogleAPIError, GoogleAuthError) as error:
            # Nothing is lost: without an answer the lease ends and the messages come again.
            _log.warning("could not %s %d messages: %r", what, len(messages), error)
