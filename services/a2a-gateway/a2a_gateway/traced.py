"""Lets a request, and all that is logged about it, belong to the trace that its headers name."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from devnexus.trace_context import asked, belonging_to


class Traced:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with belonging_to(asked(Headers(scope=scope))):
            await self._app(scope, receive, send)
