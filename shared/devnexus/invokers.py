"""Who may call a service: Pub/Sub and Scheduler, by the tokens that Google signs for their accounts."""

import dataclasses
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, jsonify, request

from devnexus.emulator import is_emulator
from devnexus.errors import ConfigurationError, Unavailable
from devnexus.identity.bearer import bearer_token
from devnexus.identity.google_tokens import google_tokens
from devnexus.identity.issuer_keys import Fetched
from devnexus.identity.names import addresses, audiences
from devnexus.identity.proven import NoCredentials, NotListed, NotVerified
from devnexus.identity.tokens import Tokens
from devnexus.settings import read_settings, setting

FetchKeys = Callable[[], Fetched]
"""Gives the keys that Google signs with now; raises Unavailable if they cannot be had."""

_RETRY_AFTER_SECONDS = "5"
_NO_TOKEN = (  # nosec B105  # a remedy
    "it has no token: let the push subscription, or the job of Scheduler, send an OIDC token of an account"
    " in INVOKERS for the audience in AUDIENCE"
)
_ANSWERS = {
    HTTPStatus.UNAUTHORIZED: ("not authenticated", {"WWW-Authenticate": "Bearer"}),
    HTTPStatus.FORBIDDEN: ("not allowed", {}),
    HTTPStatus.SERVICE_UNAVAILABLE: ("not now", {"Retry-After": _RETRY_AFTER_SECONDS}),
}
"""All that a stranger is told; the log says why."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class InvokerSettings:
    """Who may call, for services that are called by Pub/Sub and Scheduler alone."""

    audience: tuple[str, ...] = setting(
        "AUDIENCE",
        about="whom a caller's token must be meant for, as the push subscription and the jobs of Scheduler"
        " name it, with commas where several will do",
        default=(),
        parse=audiences,
    )
    invokers: frozenset[str] = setting(
        "INVOKERS",
        about="the service accounts that may call, with commas: the one that Pub/Sub pushes as, and that of"
        " Scheduler",
        default=frozenset(),
        parse=addresses,
    )


class Invokers:
    """Those who may call, and how they prove it. Any number of threads may ask."""

    def __init__(self, names: frozenset[str], tokens: Tokens) -> None:
        self._names = names
        self._tokens = tokens

    def refusal(self) -> Response | None:
        """What the request at hand is answered if none of them sent it; None if one did.

        401: no token, or one that proves nothing here. 403: it proves somebody else. Either is final only
        for whoever sent it: Pub/Sub comes again, and finds what was set right. 503: it cannot be checked.
        """
        try:
            self._check(request.headers.get("Authorization"))
        except NotVerified as problem:
            return _refuse(HTTPStatus.UNAUTHORIZED, str(problem))
        except NotListed as problem:
            return _refuse(HTTPStatus.FORBIDDEN, str(problem))
        except Unavailable as problem:
            reason = f"the keys that tokens are checked with cannot be had: {problem}"
            return _refuse(HTTPStatus.SERVICE_UNAVAILABLE, reason)
        return None

    def _check(self, authorization: str | None) -> None:
        if authorization is None:
            raise NoCredentials(_NO_TOKEN)
        name = self._tokens.identity_in_thread(bearer_token(authorization)).name
        if name not in self._names:
            raise NotListed(f"{name} is not in INVOKERS: add it, or let another account call")


def read_invokers(environment: Mapping[str, str], fetch_keys: FetchKeys | None = None) -> Invokers | None:
    """Those whom INVOKERS names, None where it names nobody; raise ConfigurationError where half is missing.

    `fetch_keys`: not given, Google's keys are those that it publishes. AUDIENCE alone is no half next to an
    emulator, where the gateway may have the same environment.
    """
    settings = read_settings(InvokerSettings, environment)
    if settings.invokers and settings.audience:
        return Invokers(settings.invokers, google_tokens(settings.audience, fetch=fetch_keys))
    if settings.invokers or (settings.audience and not is_emulator(environment)):
        raise ConfigurationError(_missing(settings))
    return None


def require_invokers(environment: Mapping[str, str], fetch_keys: FetchKeys | None = None) -> Invokers | None:
    """As `read_invokers`; None only next to an emulator, which signs no calls."""
    invokers = read_invokers(environment, fetch_keys)
    if invokers is None and not is_emulator(environment):
        raise ConfigurationError(_missing(InvokerSettings()))
    return invokers


def guard(app: Flask, invokers: Invokers | None) -> None:
    """Let only `invokers` call the whole of `app`, and anybody GET /health; None lets anybody call."""
    if invokers is None:
        return

    @app.before_request
    def refuse_strangers() -> Response | None:
        return None if (request.method, request.path) == ("GET", "/health") else invokers.refusal()


def _refuse(status: HTTPStatus, reason: str) -> Response:
    told, headers = _ANSWERS[status]
    _log.warning("call refused: %s", reason, extra={"status": int(status), "route": _route()})
    response = jsonify(error=told)
    response.status_code = status
    response.headers.update(headers)
    return response


def _route() -> str | None:
    """The route as we wrote it; None where there is no such route."""
    return request.url_rule.rule if request.url_rule else None


def _missing(settings: InvokerSettings) -> str:
    missing = [
        f"{field.metadata['variable']} is not set: {field.metadata['about']}"
        for field in dataclasses.fields(settings)
        if not getattr(settings, field.name)
    ]
    return f"{'; '.join(missing)}. Nobody needs them next to the emulator that PUBSUB_EMULATOR_HOST names"
