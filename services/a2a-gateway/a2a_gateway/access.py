"""Who may come in."""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from a2a_gateway.limits import refuse


class KnownCallers:
    """Lets nobody in but who asks for health: callers cannot prove yet who they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/health":
            error = "Authentication required"
            await refuse(send, HTTPStatus.UNAUTHORIZED, error, {"www-authenticate": "Bearer"})
        else:
            await self._app(scope, receive, send)
