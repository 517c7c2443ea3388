"""A subscription of a test's own to a topic of a running stack."""

import time
from contextlib import suppress

import pytest
from google.api_core.exceptions import DeadlineExceeded
from google.cloud.pubsub_v1 import SubscriberClient


class Listener:
    """Remembers the ids of all events that came since it is there. A context manager."""

    def __init__(self, running, topic):
        with pytest.MonkeyPatch.context() as variables:
            variables.setenv("PUBSUB_EMULATOR_HOST", running.pubsub)
            self._client = SubscriberClient()
        self._path = f"projects/{running.project}/subscriptions/listener-to-{topic}"
        self._client.create_subscription(
            name=self._path,
            topic=f"projects/{running.project}/topics/{topic}",
            ack_deadline_seconds=600,
        )
        self._heard = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def heard(self, enough, seconds=60):
        """The ids heard until now, at the latest after `seconds`; sooner if these are `enough`."""
        until = time.monotonic() + seconds
        while not enough(self._heard) and time.monotonic() < until:
            with suppress(DeadlineExceeded):
                answer = self._client.pull(subscription=self._path, max_messages=100, timeout=2, retry=None)
                self._heard |= {one.message.attributes["ce-id"] for one in answer.received_messages}
        return self._heard
