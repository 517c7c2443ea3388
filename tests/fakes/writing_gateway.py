"""The a2a-gateway's own composition, with callers who need no proof and a skill that records lessons."""

from lessons import TELL
from starlette.applications import Starlette
from starlette.middleware import Middleware

from a2a_gateway import main
from a2a_gateway.caller import Caller, with_caller
from a2a_gateway.registry import load_skills


class Believed:
    """Lets in whoever says who they are, in the header X-Caller."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            name = dict(scope["headers"]).get(b"x-caller", b"").decode()
            scope = with_caller(scope, Caller(name, is_verified=True, may_write=True, sees_all=True))
        await self._app(scope, receive, send)


def create_app() -> Starlette:
    main._in_front = lambda settings: [Middleware(Believed)]
    main.load_skills = lambda: {**load_skills(), TELL.id: TELL}
    return main.create_app()
