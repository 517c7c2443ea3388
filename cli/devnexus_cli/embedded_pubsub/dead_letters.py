"""What a message looks like in the dead letter topic."""

from devnexus_cli.embedded_pubsub.model import Draft, Message, Settings

_SOURCE = "CloudPubSubDeadLetterSource"


def dead_letter(settings: Settings, message: Message, attempts: int) -> Draft:
    """The message as it was, with production's four attributes that say where it failed, and how often."""
    _, project, _, subscription = settings.name.split("/")
    return Draft(
        data=message.data,
        attributes={
            **message.attributes,
            f"{_SOURCE}DeliveryCount": str(attempts),
            f"{_SOURCE}Subscription": subscription,
            f"{_SOURCE}SubscriptionProject": project,
            f"{_SOURCE}TopicPublishTime": message.publish_time,
        },
        ordering_key=message.ordering_key,
    )
