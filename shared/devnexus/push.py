"""The push endpoint: the one place where errors become Pub/Sub's answers."""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from pydantic import AwareDatetime, Field, ValidationError

from devnexus import logs, tracing
from devnexus.answered import InHand
from devnexus.codec import decode
from devnexus.errors import Rejected, Unavailable
from devnexus.events import Event
from devnexus.events.event import describe
from devnexus.parking import Sender, is_for, park
from devnexus.topology import PUSH_PATH, Subscription, Topology
from devnexus.values import Value

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Handler:
    """What a service does with one type of event; it raises Rejected or Unavailable if it cannot."""

    kind: type[Event]
    act: Callable[[Any], None]


def handles(kind: type[E], act: Callable[[E], None]) -> Handler:
    """A handler for events of exactly this type."""
    return Handler(kind, act)


class _Message(Value):
    data: str = ""
    attributes: dict[str, str] = Field(default_factory=dict)
    message_id: str = Field(alias="messageId")
    published: AwareDatetime | None = Field(alias="publishTime", default=None)


class _Envelope(Value):
    """https://cloud.google.com/pubsub/docs/push#receive_push"""

    message: _Message
    subscription: str


def push_endpoint(handlers: Iterable[Handler], *, topology: Topology, sender: Sender) -> Blueprint:
    """A blueprint with `POST /events`, which gives each event to the handler of its type.

    204: handled, or parked because it can never be, or replayed to another subscription. 503: something
    we need is missing, come again. 500: a bug, traceback in the log, come again. 400, 415: this is not
    from Pub/Sub.
    """
    blueprint = Blueprint("push", __name__)
    by_kind = {handler.kind: handler for handler in handlers}

    @blueprint.post(PUSH_PATH)
    def receive() -> Response:
        if request.mimetype != "application/json":  # which a page in somebody's browser cannot send unasked
            return Response("Pub/Sub sends application/json", 415)
        try:
            envelope = _Envelope.model_validate_json(request.get_data(), extra="ignore")
            data = base64.b64decode(envelope.message.data, validate=True)
            subscription = topology.subscription(envelope.subscription.rpartition("/")[2])
        except ValidationError as error:
            return Response(f"not a Pub/Sub envelope: {describe(error)}", 400)
        except (ValueError, KeyError) as error:
            return Response(f"not a Pub/Sub envelope of ours: {error!r}", 400)
        message = envelope.message
        if not is_for(message.attributes, subscription.name):
            return Response(status=204)
        event_id = message.attributes.get("ce-id", "")
        in_hand = InHand(message.attributes, message.published)
        fields = logs.fields(event_id=event_id, message_id=message.message_id, subscription=subscription.name)
        with fields, tracing.processing(message.attributes):
            try:
                _handle(decode(data, message.attributes), by_kind)
            except Rejected as rejection:
                tracing.failed(rejection)
                return _park(data, in_hand, rejection, subscription)
            except Unavailable as error:
                tracing.failed(error)
                in_hand.answered("not-now", reason=str(error))
                return Response(status=503)
            except Exception as error:  # noqa: BLE001 - the edge: whatever it is, the message must come again
                tracing.failed(error)
                in_hand.answered("bug")
                return Response(status=500)
            in_hand.answered("handled")
            return Response(status=204)

    def _park(data: bytes, in_hand: InHand, rejection: Rejected, subscription: Subscription) -> Response:
        reason = str(rejection)
        try:
            park_id = park(data, in_hand.attributes, reason=reason, subscription=subscription, sender=sender)
        except Unavailable as error:
            in_hand.answered("not-now", reason=f"could not park a rejected message: {error}")
            return Response(status=503)
        in_hand.answered("parked", reason=reason, park_id=park_id)
        return Response(status=204)

    return blueprint


def _handle(event: Event, handlers: Mapping[type[Event], Handler]) -> None:
    handler = handlers.get(type(event))
    if handler is None:
        raise Unavailable(f"this service does not handle {event.TYPE} (yet)")
    handler.act(event)
