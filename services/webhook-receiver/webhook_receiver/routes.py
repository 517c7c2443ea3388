"""The front door: `POST /webhooks/github`. No call to GitHub and no work happens here, only publishing."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request

from devnexus import logs, tracing
from devnexus.errors import Unavailable
from devnexus.pubsub import Publisher
from devnexus.secrets import Secret
from devnexus.trace_context import asked
from webhook_receiver.allowed import EVERYBODY, Allowed
from webhook_receiver.github_installation import parse_installation, parse_selection
from webhook_receiver.github_push import parse_push
from webhook_receiver.github_repository import former_owner, parse_departure, parse_repository
from webhook_receiver.signature import is_signed
from webhook_receiver.wire import Delivery, Ignored, Malformed, Parsed, Told, load

MAX_BODY_BYTES = 25 * 1024 * 1024
"""GitHub sends nothing larger."""

_log = logging.getLogger(__name__)


def _push(delivery: Delivery) -> Parsed:
    found = parse_push(delivery.payload)
    return found if isinstance(found, Ignored) else (found,)


_PARSERS: Mapping[str, Callable[[Delivery], Parsed]] = {
    "installation": parse_installation,
    "installation_repositories": parse_selection,
    "ping": lambda _: Ignored("pong"),
    "push": _push,
    "repository": parse_repository,
}


def webhook_routes(
    *,
    secrets: Sequence[Secret],
    publisher: Publisher,
    allowed: Allowed = EVERYBODY,
    knowledge_repository: str | None = None,
) -> Blueprint:
    """The blueprint that takes GitHub's webhooks.

    202: the broker has what follows. 200: understood, nothing to do, with the reason. 503: not taken, send
    it again (GitHub marks the delivery as failed, and the sweep finds it). 400, 401, 411, 413: refused.
    Pushes to `knowledge_repository` are not read: the writer looks there itself.
    """
    blueprint = Blueprint("webhooks", __name__)
    itself = (knowledge_repository or "").lower()

    @blueprint.post("/webhooks/github")
    def receive() -> tuple[Response, int]:
        if request.content_length is None:
            return _refuse("the body's length is not declared", 411)
        if request.content_length > MAX_BODY_BYTES:
            return _refuse(f"the body is larger than {MAX_BODY_BYTES} bytes", 413)
        body = request.get_data(cache=False)
        if not is_signed(body, request.headers.get("X-Hub-Signature-256"), secrets):
            return _refuse("the signature in X-Hub-Signature-256 is missing or wrong", 401)
        kind, id_ = (request.headers.get(name, "") for name in ("X-GitHub-Event", "X-GitHub-Delivery"))
        with logs.fields(delivery=id_, webhook=kind), _traced(id_, kind):
            if not kind:
                return _refuse("the header X-GitHub-Event is missing", 400)
            try:
                parsed = _parsed(body, kind, id_)
            except Malformed as error:
                return _refuse(f"not a {kind} payload: {error}", 400)
            return _ignore(parsed.reason) if isinstance(parsed, Ignored) else _hand_on(parsed)

    def _parsed(body: bytes, kind: str, id_: str) -> Parsed:
        parse = _PARSERS.get(kind)
        if parse is None:
            return Ignored(f"{kind} events are not used")
        payload = load(body)
        if kind not in {"push", "ping"} and not id_:
            raise Malformed("the header X-GitHub-Delivery is missing")
        delivery = Delivery(kind, id_, payload, datetime.now(UTC))
        if not allowed.lets(payload):
            former = former_owner(payload) if kind == "repository" else None
            if former and allowed.has(former):
                return parse_departure(delivery, former)
            return Ignored("its owner is not among ALLOWED_OWNERS")
        parsed = parse(delivery)
        if isinstance(parsed, Ignored):
            return parsed
        if not parsed:
            return Ignored("it names no repository")
        told = tuple(one for one in parsed if one.repository.name.lower() != itself)
        return told or Ignored("it is about the knowledge base itself")

    def _hand_on(events: Sequence[Told]) -> tuple[Response, int]:
        try:
            publisher.publish(events)
        except Unavailable as error:
            tracing.failed(error)
            _tell(logging.ERROR, "not-now", reason=str(error), event_id=events[0].id)
            return jsonify(error="the event could not be handed on; send it again"), 503
        _tell(logging.INFO, "taken", event_id=events[0].id, events=len(events))
        return jsonify(status="accepted", event_id=events[0].id), 202

    return blueprint


def _traced(delivery: str, kind: str) -> AbstractContextManager[object]:
    """In the trace that the platform began, if it did, which is to be followed whatever it decided."""
    about = {"delivery": delivery, "webhook": kind}
    return tracing.span(
        "webhook", parent=asked(request.headers), kind="server", begins="webhook", about=about
    )


def _ignore(reason: str) -> tuple[Response, int]:
    _tell(logging.INFO, "ignored", reason=reason)
    return jsonify(status="ignored", reason=reason), 200


def _refuse(reason: str, status: int) -> tuple[Response, int]:
    _tell(logging.WARNING, "refused", reason=reason, status=status)
    return jsonify(error=reason), status


def _tell(level: int, outcome: str, **fields: object) -> None:
    _log.log(level, "webhook answered", extra={"outcome": outcome, **fields})
