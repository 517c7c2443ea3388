"""What HTTP adds to the protocol: status and challenge for who may not call, media types, headers."""

from collections.abc import Mapping
from http import HTTPStatus

from a2a.extensions.common import HTTP_EXTENSION_HEADER
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from a2a_gateway.protocol.caller_context import Told, listening
from a2a_gateway.protocol.selection import EXTENSION

A2A_JSON = "application/a2a+json"
_JSON = "application/json"
_RETRY_AFTER_SECONDS = "10"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Shell:
    """An ASGI application around one of the protocol's routes."""

    def __init__(self, app: ASGIApp, *, mirrors: bool) -> None:
        """`mirrors`: whether answers are of the media type of the request: the protocol's own, or JSON."""
        self._app = app
        self._mirrors = mirrors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told, asked = Told(), Headers(scope=scope)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if told.status:
                    message["status"] = int(told.status)
                _add(headers, _of_status(message["status"]))
                if self._mirrors and headers.get("content-type") in (_JSON, A2A_JSON):
                    headers["content-type"] = _type(asked, message["status"])
                if EXTENSION in asked.get(HTTP_EXTENSION_HEADER, ""):
                    headers[HTTP_EXTENSION_HEADER] = EXTENSION
            await send(message)

        await self._app({**scope, **listening(told)}, receive, dressed)


def _type(asked: Headers, status: int) -> str:
    """As the request says; where it does not, answers are of the protocol's own type, and errors, which 1.0.0
    had in plain JSON, of that."""
    said = asked.get("content-type") or asked.get("accept", "")
    if A2A_JSON in said:
        return A2A_JSON
    return _JSON if _JSON in said or status >= HTTPStatus.BAD_REQUEST else A2A_JSON


def _of_status(status: int) -> Mapping[str, str]:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return {**_HEADERS, "WWW-Authenticate": "Bearer"}
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            return {**_HEADERS, "Retry-After": _RETRY_AFTER_SECONDS}
        case _:
            return _HEADERS


def _add(headers: MutableHeaders, more: Mapping[str, str]) -> None:
    for name, value in more.items():
        headers.setdefault(name, value)
