"""The front door: `POST /webhooks/github`. No call to GitHub and no work happens here, only publishing."""

import logging
from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request

from devnexus import logs
from devnexus.errors import Unavailable
from devnexus.pubsub import Publisher
from devnexus.secrets import Secret
from webhook_receiver.github_push import Ignored, Malformed, parse_push
from webhook_receiver.signature import is_signed

MAX_BODY_BYTES = 25 * 1024 * 1024
"""GitHub sends nothing larger."""

_log = logging.getLogger(__name__)


def webhook_routes(*, secrets: Sequence[Secret], publisher: Publisher) -> Blueprint:
    """The blueprint that takes GitHub's webhooks.

    202: the broker has the push. 200: understood, nothing to do, with the reason. 503: not taken, send
    it again (GitHub marks the delivery as failed, and the sweep finds it). 400, 401, 411, 413: refused.
    """
    blueprint = Blueprint("webhooks", __name__)

    @blueprint.post("/webhooks/github")
    def receive() -> tuple[Response, int]:
        if request.content_length is None:
            return _refuse("the body's length is not declared", 411)
        if request.content_length > MAX_BODY_BYTES:
            return _refuse(f"the body is larger than {MAX_BODY_BYTES} bytes", 413)
        body = request.get_data(cache=False)
        if not is_signed(body, request.headers.get("X-Hub-Signature-256"), secrets):
            return _refuse("the signature in X-Hub-Signature-256 is missing or wrong", 401)
        with logs.fields(delivery=request.headers.get("X-GitHub-Delivery", "")):
            return _take(body, request.headers.get("X-GitHub-Event", ""))

    def _take(body: bytes, kind: str) -> tuple[Response, int]:
        if not kind:
            return _refuse("the header X-GitHub-Event is missing", 400)
        if kind != "push":
            return _ignore(f"{kind} events are not used")
        try:
            event = parse_push(body)
        except Malformed as error:
            return _refuse(f"not a push payload: {error}", 400)
        if isinstance(event, Ignored):
            return _ignore(event.reason)
        try:
            publisher.publish([event])
        except Unavailable as error:
            _log.error("push not taken: %s", error, extra={"event_id": event.id})
            return _refuse("the event could not be handed on; send it again", 503)
        _log.info("push taken", extra={"event_id": event.id})
        return jsonify(status="accepted", event_id=event.id), 202

    return blueprint


def _ignore(reason: str) -> tuple[Response, int]:
    _log.info("webhook ignored: %s", reason)
    return jsonify(status="ignored", reason=reason), 200


def _refuse(reason: str, status: int) -> tuple[Response, int]:
    if status != 503:
        _log.warning("webhook refused: %s", reason, extra={"status": status})
    return jsonify(error=reason), status
