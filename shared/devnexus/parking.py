"""What cannot be handled is parked: in the subscription's own dead-letter topic, with the reason."""

import hashlib
from collections.abc import Mapping
from typing import Protocol

from devnexus import trace_context
from devnexus.topology import Subscription

PARK_REASON = "devnexus-park-reason"
PARK_ID = "devnexus-park-id"
REPLAY_TO = "devnexus-replay-to"
"""Names the one subscription that a replayed dead letter is meant for."""

_FORWARDED = "CloudPubSubDeadLetterSource"
"""How the attributes begin that Pub/Sub adds to what it moves to a dead-letter topic by itself."""

_ORIGINAL = "original-"
_MAX_ATTRIBUTE_BYTES = 1024
_TAKEN = frozenset({"data", "ordering_key", "retry", "self", "timeout", "topic"})
"""Names that Google's client takes for parameters of its own when it publishes an attribute of that name."""


class Sender(Protocol):
    """Something that sends raw messages."""

    def send(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Return once the broker has it; raise Unavailable otherwise."""


def park(
    data: bytes,
    attributes: Mapping[str, str],
    *,
    reason: str,
    subscription: Subscription,
    sender: Sender,
) -> str:
    """Keep the message in the dead-letter topic and return its park id.

    It is kept as it came, but for attributes whose name cannot be published: `topic` becomes
    `original-topic`. The id is a digest of the message, so parking the same one again, also after a
    replay, gives the same id. Acknowledge only after this returns. Raises Unavailable if the broker did
    not take it.
    """
    first = as_published(attributes)
    id_ = park_id(data, first)
    sender.send(
        subscription.dead_letter,
        data,
        {
            **{f"{_ORIGINAL}{name}" if name in _TAKEN else name: first[name] for name in first},
            PARK_REASON: _cut(reason),
            PARK_ID: id_,
        },
    )
    return id_


def park_id(data: bytes, attributes: Mapping[str, str]) -> str:
    """The id of a message in the dead letters, by what it was when it was published first, in any trace."""
    content = hashlib.sha256(data)
    for name in sorted(attributes.keys() - trace_context.ATTRIBUTES):
        content.update(f"\0{name}\0{attributes[name]}".encode())
    return content.hexdigest()[:16]


def as_published(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes of a message without what parking, Pub/Sub and replaying have put there."""
    return {
        name.removeprefix(_ORIGINAL) if name.removeprefix(_ORIGINAL) in _TAKEN else name: value
        for name, value in attributes.items()
        if name not in {PARK_REASON, PARK_ID, REPLAY_TO} and not name.startswith(_FORWARDED)
    }


def is_for(attributes: Mapping[str, str], subscription: str) -> bool:
    """Whether it concerns this subscription; what was replayed to another is acknowledged unseen."""
    return attributes.get(REPLAY_TO, subscription) == subscription


def _cut(text: str) -> str:
    return text.encode()[:_MAX_ATTRIBUTE_BYTES].decode(errors="ignore")
