"""Requests as those who sent them know them, where what stands in front takes https and passes on http."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Https:
    """An ASGI application around another one, whose addresses the other one then names with https."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "scheme": "https"} if scope["type"] == "http" else scope, receive, send)
