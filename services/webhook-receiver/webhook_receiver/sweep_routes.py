"""`POST /sweep`, for Scheduler: what was missed is found and made up for. No webhook passes through here."""

import hmac
import logging
import threading
from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.invokers import Invokers
from devnexus.secrets import Secret
from webhook_receiver.swept import Swept

_log = logging.getLogger(__name__)


def sweep_routes(
    run: Callable[[], Swept], *, token: Secret | None, invokers: Invokers | None = None
) -> Blueprint:
    """The blueprint with `POST /sweep`: one run, and what it found and did as JSON.

    The service itself is open to GitHub, so whoever calls shows `Authorization: Bearer <token>`, or there a
    token that Google made for one of `invokers`. 503: the run had to stop early, with what it did until then;
    409: another one is under way.
    """
    blueprint = Blueprint("sweep", __name__)
    one_at_a_time = threading.Lock()

    @blueprint.post("/sweep")
    def sweep() -> Response | tuple[Response, int]:
        if not (token and _has(request.headers.get("Authorization", ""), token)):
            if invokers is None:
                return jsonify(error="the bearer token is missing or wrong"), 401
            if refusal := invokers.refusal():
                return refusal
        if not one_at_a_time.acquire(blocking=False):
            return jsonify(error="a sweep is under way"), 409
        try:
            swept = run()
        except (Unavailable, ConfigurationError) as error:
            _log.error("cannot sweep: %s", error)
            return jsonify(error=str(error)), 503
        finally:
            one_at_a_time.release()
        return jsonify(swept.facts()), 503 if swept.stopped else 200

    return blueprint


def _has(authorization: str, token: Secret) -> bool:
    return hmac.compare_digest(authorization.encode("utf-8", "replace"), b"Bearer " + token.value)
