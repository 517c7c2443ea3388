"""Who may come in: every request has a caller from here on, or goes no further."""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from a2a_gateway.callers.caller import Caller, with_caller
from a2a_gateway.callers.callers import Callers
from a2a_gateway.callers.credentials import credentials_in
from a2a_gateway.callers.open_routes import OpenTo
from a2a_gateway.limits import refuse
from devnexus.errors import Unavailable
from devnexus.identity.proven import NoCredentials, NotListed, NotVerified

_RETRY_AFTER_SECONDS = 5


class KnownCallers:
    """Lets in who proves who they are, and anonymous callers where there is something they may see.

    Anybody may ask for health, and for what may be asked (OPTIONS), as browsers do.
    """

    def __init__(self, app: ASGIApp, *, callers: Callers, open_to: OpenTo = lambda _: None) -> None:
        """`open_to`: who somebody without credentials is at a route that is open to everybody."""
        self._app = app
        self._callers = callers
        self._open_to = open_to

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/health":
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": int(HTTPStatus.NO_CONTENT), "headers": []})
            await send({"type": "http.response.body", "body": b""})
        elif caller := await self._caller(scope, send):
            await self._app(with_caller(scope, caller), receive, send)

    async def _caller(self, scope: Scope, send: Send) -> Caller | None:
        """Who sent the request; None if they have been turned away."""
        try:
            credentials = credentials_in(scope["headers"])
            opened = self._open_to(scope) if credentials is None else None
            return opened or await self._callers.caller(credentials)
        except NotVerified as problem:
            error, headers = "Authentication required", {"www-authenticate": _challenge(problem)}
            await refuse(send, HTTPStatus.UNAUTHORIZED, error, headers, message=str(problem))
        except NotListed as problem:
            await refuse(send, HTTPStatus.FORBIDDEN, "Not allowed", {}, message=str(problem))
        except Unavailable:
            error, headers = "Tokens cannot be checked", {"retry-after": str(_RETRY_AFTER_SECONDS)}
            message = "The keys that they are signed with cannot be had at the moment: try again in seconds"
            await refuse(send, HTTPStatus.SERVICE_UNAVAILABLE, error, headers, message=message)
        return None


def _challenge(problem: NotVerified) -> str:
    """What to send instead, as RFC 6750 has it."""
    if isinstance(problem, NoCredentials):
        return "Bearer"
    return f'Bearer error="invalid_token", error_description="{problem}"'
