"""Who may come in: every request has a caller from here on, or goes no further."""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from a2a_gateway.caller import Caller, with_caller
from a2a_gateway.limits import refuse


class KnownCallers:
    """Lets in who proves who they are, and anonymous callers where there is something they may see.

    Anybody may ask for health.
    """

    def __init__(self, app: ASGIApp, *, anonymous: Caller | None) -> None:
        """`anonymous`: who somebody is who does not say so; None: nobody that may come in."""
        self._app = app
        self._anonymous = anonymous

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/health":
            await self._app(scope, receive, send)
        elif self._anonymous is None:
            error = "Authentication required"
            await refuse(send, HTTPStatus.UNAUTHORIZED, error, {"www-authenticate": "Bearer"})
        else:
            await self._app(with_caller(scope, self._anonymous), receive, send)
