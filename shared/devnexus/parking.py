"""What cannot be handled is parked: in the subscription's own dead-letter topic, with the reason."""

import hashlib
from collections.abc import Mapping
from typing import Protocol

from devnexus.topology import Subscription

PARK_REASON = "devnexus-park-reason"
PARK_ID = "devnexus-park-id"
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
    `original-topic`. The id is a digest of the message, so parking the same one again gives the same
    id. Acknowledge only after this returns. Raises Unavailable if the broker did not take it.
    """
    content = hashlib.sha256(data)
    for name in sorted(attributes):
        content.update(f"\0{name}\0{attributes[name]}".encode())
    park_id = content.hexdigest()[:16]
    sender.send(
        subscription.dead_letter,
        data,
        {
            **{f"original-{name}" if name in _TAKEN else name: attributes[name] for name in attributes},
            PARK_REASON: _cut(reason),
            PARK_ID: park_id,
        },
    )
    return park_id


def _cut(text: str) -> str:
    return text.encode()[:_MAX_ATTRIBUTE_BYTES].decode(errors="ignore")
