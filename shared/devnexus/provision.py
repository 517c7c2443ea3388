"""Creates the topology on an emulator, or brings what is there up to date; running it again is harmless."""

from collections.abc import Mapping, Sequence

from google.api_core.exceptions import AlreadyExists, GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.pubsub_v1 import types

from devnexus.emulator import is_emulator, loses_what_waits
from devnexus.errors import ConfigurationError, Unavailable
from devnexus.topology import PUSH_PATH, RETRY_SECONDS, Subscription, Topic, Topology

_CALL_SECONDS = 20.0
_DEAD_LETTER_RETENTION = Duration(seconds=7 * 86_400)
"""Google's emulator refuses more."""

_MOST_ATTEMPTS = 100
"""Pub/Sub allows no more. Without backoff an attempt is made every second."""

_NEVER = types.ExpirationPolicy()
"""Without it a subscription that nobody uses for 31 days is deleted, and dead letters with it."""

_UPDATED = ("push_config", "ack_deadline_seconds", "retry_policy", "dead_letter_policy")


def provision(topology: Topology, *, project: str, services: Mapping[str, str]) -> None:
    """Make topics, subscriptions and dead letters as `topology` says.

    `services` gives the base URL of every service that is pushed to. Raises ConfigurationError where
    one is missing, or where there is no emulator: in the cloud pushes are signed, and Terraform makes what
    they need. Raises Unavailable where Pub/Sub does not answer.
    """
    if not is_emulator():
        raise ConfigurationError(
            "PUBSUB_EMULATOR_HOST is not set: in the cloud Terraform makes topics and subscriptions"
            " (docs/deployment.md)"
        )
    wanted = {subscription.push for subscription in topology.subscriptions if subscription.push}
    if missing := sorted(wanted - services.keys()):
        raise ConfigurationError(f"no URL for {', '.join(missing)}: name each as service=https://…")
    publisher, subscriber = PublisherClient(), SubscriberClient()
    backoff = not loses_what_waits()
    try:
        for topic in topology.topics:
            _topic(publisher, project, topic)
        for subscription in topology.subscriptions:
            _topic(publisher, project, Topic(name=subscription.dead_letter, about=""))
            dead_letter = _dead_letter_request(subscription.dead_letter, project)
            _subscription(subscriber, dead_letter, ("message_retention_duration",))
            _subscription(subscriber, _request(subscription, project, services, backoff=backoff), _UPDATED)
    except (GoogleAPIError, GoogleAuthError) as error:
        raise Unavailable(f"Pub/Sub could not be set up in project {project}: {error!r}") from error
    finally:
        publisher.stop()
        subscriber.close()


def _topic(publisher: PublisherClient, project: str, topic: Topic) -> None:
    days = topic.retention_days
    request = types.Topic(
        name=publisher.topic_path(project, topic.name),
        message_retention_duration=Duration(seconds=days * 86_400) if days else None,
    )
    try:
        publisher.create_topic(request=request, timeout=_CALL_SECONDS)
    except AlreadyExists:
        pass


def _dead_letter_request(name: str, project: str) -> types.Subscription:
    return types.Subscription(
        name=f"projects/{project}/subscriptions/{name}",
        topic=f"projects/{project}/topics/{name}",
        message_retention_duration=_DEAD_LETTER_RETENTION,
        expiration_policy=_NEVER,
    )


def _request(
    subscription: Subscription, project: str, services: Mapping[str, str], *, backoff: bool
) -> types.Subscription:
    push = types.PushConfig()
    if subscription.push:
        push = types.PushConfig(push_endpoint=services[subscription.push].rstrip("/") + PUSH_PATH)
    least, most = RETRY_SECONDS
    return types.Subscription(
        name=f"projects/{project}/subscriptions/{subscription.name}",
        topic=f"projects/{project}/topics/{subscription.topic}",
        push_config=push,
        ack_deadline_seconds=subscription.ack_deadline_seconds,
        retry_policy=types.RetryPolicy(
            minimum_backoff=Duration(seconds=least), maximum_backoff=Duration(seconds=most)
        )
        if backoff
        else None,
        expiration_policy=_NEVER,
        dead_letter_policy=types.DeadLetterPolicy(
            dead_letter_topic=f"projects/{project}/topics/{subscription.dead_letter}",
            max_delivery_attempts=subscription.max_delivery_attempts if backoff else _MOST_ATTEMPTS,
        ),
    )


def _subscription(subscriber: SubscriberClient, request: types.Subscription, updated: Sequence[str]) -> None:
    try:
        subscriber.create_subscription(request, timeout=_CALL_SECONDS)
    except AlreadyExists:
        subscriber.update_subscription(
            subscription=request, update_mask=FieldMask(paths=updated), timeout=_CALL_SECONDS
        )
