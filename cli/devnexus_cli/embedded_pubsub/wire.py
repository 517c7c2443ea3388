"""Google's messages to and from the broker's values."""

from dataclasses import replace

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from devnexus_cli.embedded_pubsub import pb
from devnexus_cli.embedded_pubsub.model import (
    DeadLetterPolicy,
    Delivery,
    Draft,
    InvalidArgument,
    RetryPolicy,
    Settings,
    Unsupported,
)

_DEFAULT_ACK_DEADLINE_S = 10
_DEFAULT_ATTEMPTS = 5

_REFUSED = (
    "filter",
    "enable_message_ordering",
    "enable_exactly_once_delivery",
    "bigquery_config",
    "cloud_storage_config",
    "bigtable_config",
    "message_transforms",
)
"""What would change the deliveries: to ignore it would be a lie that only production uncovers."""

_UPDATABLE = {
    "push_config": "push_endpoint",
    "ack_deadline_seconds": "ack_deadline_s",
    "retry_policy": "retry",
    "dead_letter_policy": "dead_letter",
    "message_retention_duration": "retention_s",
}


def draft(message: pb.PubsubMessage) -> Draft:
    """A message that somebody publishes."""
    return Draft(message.data, dict(message.attributes), message.ordering_key)


def received(delivery: Delivery) -> pb.ReceivedMessage:
    """A delivery as the one who pulls gets it."""
    message = delivery.message
    published = Timestamp()
    published.FromDatetime(message.published)
    return pb.ReceivedMessage(
        ack_id=delivery.ack_id,
        delivery_attempt=delivery.attempt,
        message=pb.PubsubMessage(
            data=message.data,
            attributes=message.attributes,
            message_id=message.id,
            publish_time=published,
            ordering_key=message.ordering_key,
        ),
    )


def settings(subscription: pb.Subscription) -> Settings:
    """A declared subscription with production's defaults; raise Unsupported for what we cannot do."""
    _refuse_the_unsupported(subscription)
    read = Settings(
        name=subscription.name,
        topic=subscription.topic,
        push_endpoint=subscription.push_config.push_endpoint,
        ack_deadline_s=subscription.ack_deadline_seconds or _DEFAULT_ACK_DEADLINE_S,
        retry=_retry(subscription.retry_policy) if subscription.HasField("retry_policy") else None,
        never_expires=subscription.HasField("expiration_policy")
        and not subscription.expiration_policy.HasField("ttl"),
    )
    if subscription.HasField("dead_letter_policy"):
        read = replace(read, dead_letter=_dead_letter(subscription.dead_letter_policy))
    if subscription.HasField("message_retention_duration"):
        read = replace(read, retention_s=_seconds(subscription.message_retention_duration))
    return read


def updated(current: Settings, request: pb.UpdateSubscriptionRequest) -> Settings:
    """`current` with the fields that the request's mask names; raise InvalidArgument for others."""
    paths = request.update_mask.paths
    if not paths or (unknown := sorted(set(paths) - _UPDATABLE.keys())):
        named = f"no update of {', '.join(unknown)}" if paths else "the update mask is empty"
        raise InvalidArgument(f"Invalid update_mask: {named}")
    wanted = settings(request.subscription)
    return replace(current, **{_UPDATABLE[path]: getattr(wanted, _UPDATABLE[path]) for path in paths})


def subscription(declared: Settings) -> pb.Subscription:
    """A subscription as its readers get it."""
    answer = pb.Subscription(
        name=declared.name,
        topic=declared.topic,
        push_config=pb.PushConfig(push_endpoint=declared.push_endpoint),
        ack_deadline_seconds=declared.ack_deadline_s,
        message_retention_duration=_duration(declared.retention_s),
    )
    if declared.never_expires:
        answer.expiration_policy.SetInParent()
    if retry := declared.retry:
        answer.retry_policy.minimum_backoff.CopyFrom(_duration(retry.minimum_s))
        answer.retry_policy.maximum_backoff.CopyFrom(_duration(retry.maximum_s))
    if dead_letter := declared.dead_letter:
        answer.dead_letter_policy.dead_letter_topic = dead_letter.topic
        answer.dead_letter_policy.max_delivery_attempts = dead_letter.max_attempts
    return answer


def _refuse_the_unsupported(subscription: pb.Subscription) -> None:
    declared = {field.name for field, _ in subscription.ListFields()}
    pushed = {field.name for field, _ in subscription.push_config.ListFields()} - {"push_endpoint"}
    if refused := sorted(declared.intersection(_REFUSED) | pushed):
        raise Unsupported(f"The embedded Pub/Sub has no {', '.join(refused)}")


def _retry(policy: pb.RetryPolicy) -> RetryPolicy:
    default = RetryPolicy()
    least, most = policy.minimum_backoff, policy.maximum_backoff
    return RetryPolicy(
        minimum_s=_seconds(least) if policy.HasField("minimum_backoff") else default.minimum_s,
        maximum_s=_seconds(most) if policy.HasField("maximum_backoff") else default.maximum_s,
    )


def _dead_letter(policy: pb.DeadLetterPolicy) -> DeadLetterPolicy:
    return DeadLetterPolicy(policy.dead_letter_topic, policy.max_delivery_attempts or _DEFAULT_ATTEMPTS)


def _seconds(duration: Duration) -> float:
    return duration.seconds + duration.nanos / 1e9


def _duration(seconds: float) -> Duration:
    whole = int(seconds)
    return Duration(seconds=whole, nanos=round((seconds - whole) * 1e9))
