"""The whole ASGI application: calls of skills in the event loop, pages and the rest in threads."""

import logging
import uuid
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from wsgiref.types import WSGIApplication

from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from a2a_gateway.agent_routes import agent_routes, respond
from a2a_gateway.call import Body
from a2a_gateway.callers.caller import Caller
from a2a_gateway.database_look import DatabaseLook
from a2a_gateway.described.card import Entry, Home
from a2a_gateway.ending import Lifespan
from a2a_gateway.health import health_route
from a2a_gateway.kb.routes import kb_routes
from a2a_gateway.limits import ShortQueue
from a2a_gateway.perform import Performer
from a2a_gateway.registry import Skills
from a2a_gateway.site import make_site
from a2a_gateway.skill_routes import skill_routes
from a2a_gateway.stamp import stamp

_WORKERS = 16

_log = logging.getLogger(__name__)


def make_application(
    *,
    performer: Performer,
    home: Home,
    in_front: Sequence[Middleware],
    anonymous: Caller | None = None,
    database: DatabaseLook | None = None,
    protocol: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
) -> Starlette:
    """The application, with what stands between it and the network.

    `anonymous`: who somebody is there who does not say so; None: nobody that may see anything. `protocol`:
    where A2A is spoken.
    """
    skills, model = performer.skills, performer.model
    site = make_site(skills=skills, model=model, home=home)
    return Starlette(
        routes=[
            health_route(skills=skills, model=model, home=home, anonymous=anonymous, database=database),
            *protocol,
            agent_routes(performer),
            *kb_routes(performer),
            *skill_routes(performer, partial(_described, skills, home)),
            Mount("/", app=in_threads(site)),
        ],
        middleware=in_front,
        lifespan=lifespan,
        exception_handlers={HTTPException: _http_error, Exception: _bug},
    )


def in_threads(site: WSGIApplication) -> ASGIApp:
    """`site` as an ASGI application with a pool of threads of its own and a short queue before it."""
    # a2wsgi's types are narrower than what it takes and is
    served = WSGIMiddleware(site, workers=_WORKERS)  # type: ignore[arg-type]
    return ShortQueue(served, workers=_WORKERS)  # type: ignore[arg-type]


def _described(skills: Skills, home: Home) -> Entry:
    """The OpenAPI document."""
    # what only it needs is a dozen models, which would be made at every start
    from a2a_gateway.described.openapi import openapi_document  # noqa: PLC0415
    from a2a_gateway.kb.operations import KB_OPERATIONS  # noqa: PLC0415

    return openapi_document(skills, home, KB_OPERATIONS)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    body: Body = {"success": False, "detail": error.detail, "error": error.detail, **stamp()}
    return respond(body, HTTPStatus(error.status_code), error.headers)


async def _bug(request: Request, error: Exception) -> Response:
    """Starlette raises the error once more after this, and the server logs it."""
    request_id = uuid.uuid4().hex
    about = {"request_id": request_id, "method": request.method, "path": request.url.path}
    _log.error("bug: %s", type(error).__name__, extra=about)
    body: Body = {"success": False, "error": "Internal error", "request_id": request_id, **stamp()}
    return respond(body, HTTPStatus.INTERNAL_SERVER_ERROR)
