"""CloudEvents 1.0 in Pub/Sub messages, binary mode, decoded strictly.

After the "Google Cloud Pub/Sub Protocol Binding for CloudEvents" (googleapis/google-cloudevents,
docs/spec/pubsub.md). The SDK has no such binding, and its decoder invents a missing id, which would
quietly break every promise about duplicates; so the envelope type is the SDK's and the wire is ours.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.v1.event import CloudEvent

from devnexus.errors import Rejected, Unavailable
from devnexus.events import EVENT_TYPES, Event
from devnexus.timestamps import write
from devnexus.trace_context import ATTRIBUTES
from devnexus.values import canonical_json, is_deeper_than, load_json

JSON = "application/json"
MAX_EVENT_BYTES = 1_000_000
"""DESIGN: an event is at most 1 MB, a tenth of what Pub/Sub takes."""

_MAX_ATTRIBUTE_BYTES = 1024
_MAX_DEPTH = 100
"""Far less than the 255 that pydantic writes again."""

_REQUIRED = ("id", "source", "specversion", "type")
_NAME = re.compile(r"[a-z0-9]{1,64}")
_MEDIA_TYPE = re.compile(r"application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)


def encode(event: Event, *, source: str) -> tuple[bytes, dict[str, str]]:
    """The Pub/Sub data and attributes of `event`; raise ValueError if it is too large to be one."""
    return to_message(
        CloudEvent(
            {
                "id": event.id,
                "source": source,
                "specversion": "1.0",
                "type": event.TYPE,
                "datacontenttype": JSON,
            },
            event.payload(),
        )
    )


def decode(data: bytes, attributes: Mapping[str, str]) -> Event:
    """The event in a Pub/Sub message.

    Raises Rejected for what can never be read, and Unavailable for a type or version that is unknown
    here: a newer one may be about to be deployed.
    """
    envelope = from_message(data, attributes)
    kind = EVENT_TYPES.get(envelope.get_type())
    if kind is None:
        raise Unavailable(f"event type {envelope.get_type()!r} is not known here (yet)")
    if is_deeper_than(_MAX_DEPTH, envelope.get_data()):
        raise Rejected(f"the data is nested more than {_MAX_DEPTH} deep")
    event = kind.parse(envelope.get_data())
    if event.id != envelope.get_id():
        raise Rejected(f"id {envelope.get_id()!r} is not the natural key {event.id!r} of its content")
    return event


def to_message(envelope: CloudEvent) -> tuple[bytes, dict[str, str]]:
    """`envelope`, whose data is JSON, as Pub/Sub data and attributes (binary mode)."""
    data = canonical_json(envelope.get_data())
    attributes = {"content-type": JSON}
    for name, value in envelope.get_attributes().items():
        if name != "datacontenttype":
            attributes[f"ce-{name}"] = _attribute(name, value)
    if len(data) > MAX_EVENT_BYTES:
        raise ValueError(f"event {envelope.get_id()!r} has {len(data)} bytes, more than {MAX_EVENT_BYTES}")
    return data, attributes


def from_message(data: bytes, attributes: Mapping[str, str]) -> CloudEvent:
    """The CloudEvent in a Pub/Sub message; raise Rejected unless it is a complete one with JSON data."""
    lowered = _lower_names(attributes)
    _check_content_type(lowered)
    context: dict[str, Any] = {
        name.removeprefix("ce-"): value
        for name, value in lowered.items()
        if name.startswith("ce-") and name != "ce-datacontenttype"
    }
    for name in _REQUIRED:
        if not context.get(name):
            raise Rejected(f"CloudEvents attribute ce-{name} is missing or empty")
    for name in context:
        if not _NAME.fullmatch(name):
            raise Rejected(f"CloudEvents attribute name {name!r} is not lower-case letters and digits")
    if "time" in context:
        context["time"] = _time(context["time"])
    try:
        return CloudEvent({**context, "datacontenttype": JSON}, _load(data))
    except CloudEventValidationError as error:
        raise Rejected(f"not a CloudEvent: {error}") from error


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Rejected(f"ce-time {text!r} is not an RFC 3339 time") from error
    if moment.tzinfo is None:
        raise Rejected(f"ce-time {text!r} has no time zone")
    return moment


def _attribute(name: str, value: object) -> str:
    text = write(value) if name == "time" else str(value)  # type: ignore[arg-type]
    if len(text.encode()) > _MAX_ATTRIBUTE_BYTES:
        raise ValueError(f"CloudEvents attribute {name} is longer than {_MAX_ATTRIBUTE_BYTES} bytes")
    return text


def _lower_names(attributes: Mapping[str, str]) -> dict[str, str]:
    # sdk-go writes Content-Type; two spellings that disagree have no right answer
    lowered: dict[str, str] = {}
    for name, value in attributes.items():
        if name.lower() in ATTRIBUTES:  # which trace it belongs to says nothing about the event
            continue
        if lowered.setdefault(name.lower(), value) != value:
            raise Rejected(f"attribute {name.lower()!r} stands twice with different values")
    return lowered


def _check_content_type(lowered: Mapping[str, str]) -> None:
    # the binding's own examples show ce-datacontenttype, its text content-type: either will do
    for name in ("content-type", "ce-datacontenttype"):
        if name in lowered:
            if not _MEDIA_TYPE.fullmatch(lowered[name].strip()):
                raise Rejected(f"{name} {lowered[name]!r} is not {JSON}")
            return
    raise Rejected("attribute content-type is missing")


def _load(data: bytes) -> Any:  # noqa: ANN401 - JSON, typed by the event that parses it
    try:
        return load_json(data)
    except ValueError as error:
        raise Rejected(f"the data is not JSON: {error}") from error
