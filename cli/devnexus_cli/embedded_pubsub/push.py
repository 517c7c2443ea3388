"""Carries the messages of push subscriptions to their endpoints, in the envelope that production sends."""

import base64
import json
import logging
import threading

import urllib3

from devnexus_cli.embedded_pubsub.broker import Broker
from devnexus_cli.embedded_pubsub.directory import Subscription
from devnexus_cli.embedded_pubsub.model import Delivery, NotFound

_PARALLEL = 8
"""Deliveries under way at a time for one subscription: the threads of one of our services' instances."""

_ACCEPTED = frozenset({102, 200, 201, 202, 204})
"""The answers that acknowledge (cloud.google.com/pubsub/docs/push#receive_push); all others give back."""

_HEADERS = {"Content-Type": "application/json", "User-Agent": "CloudPubSub-Google"}

_log = logging.getLogger(__name__)


def start_pushing(broker: Broker, subscription: Subscription) -> None:
    """Deliver in the background until the subscription or the broker ends.

    The threads are daemons: a slow endpoint may hold one for its whole ack deadline, and must not hold
    the end of the process.
    """
    http = urllib3.PoolManager(maxsize=_PARALLEL)
    for number in range(_PARALLEL):
        name = f"push-{subscription.settings.name.rpartition('/')[2]}-{number}"
        threading.Thread(target=_push_all, args=(broker, subscription, http), name=name, daemon=True).start()


def _push_all(broker: Broker, subscription: Subscription, http: urllib3.PoolManager) -> None:
    while delivery := broker.next_push(subscription):
        accepted = _post(http, subscription, delivery)
        try:
            if accepted:
                broker.acknowledge(subscription.settings.name, [delivery.ack_id])
            else:
                broker.modify_ack_deadline(subscription.settings.name, [delivery.ack_id], 0)
        except NotFound:
            return  # deleted while the message was on its way


def _post(http: urllib3.PoolManager, subscription: Subscription, delivery: Delivery) -> bool:
    settings = subscription.settings
    try:
        answer = http.request(
            "POST",
            settings.push_endpoint,
            body=envelope(settings.name, delivery),
            headers=_HEADERS,
            timeout=urllib3.Timeout(total=settings.ack_deadline_s),
            retries=False,  # nor redirects
        )
    except urllib3.exceptions.HTTPError as error:
        _log.info("push to %s failed: %s", settings.push_endpoint, error)
        return False
    return answer.status in _ACCEPTED


def envelope(subscription: str, delivery: Delivery) -> bytes:
    """The body of a wrapped push request."""
    message = delivery.message
    wrapped: dict[str, object] = {
        "attributes": dict(message.attributes),
        "data": base64.b64encode(message.data).decode("ascii"),
        "messageId": message.id,
        "message_id": message.id,
        "publishTime": message.publish_time,
        "publish_time": message.publish_time,
    }
    if message.ordering_key:
        wrapped["orderingKey"] = message.ordering_key
    body: dict[str, object] = {"message": wrapped, "subscription": subscription}
    if delivery.attempt:
        body["deliveryAttempt"] = delivery.attempt
    return json.dumps(body).encode()
