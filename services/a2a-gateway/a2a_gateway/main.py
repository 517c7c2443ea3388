"""The a2a-gateway: its whole composition, for gunicorn to call once per worker."""

import logging
import os
from wsgiref.types import WSGIApplication

from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount
from starlette.types import ASGIApp

from a2a_gateway.access import KnownCallers
from a2a_gateway.card import Home
from a2a_gateway.health import health_route
from a2a_gateway.limits import ShortQueue, WholeBodies
from a2a_gateway.read_model import ReadModel
from a2a_gateway.registry import load_skills
from a2a_gateway.settings import Settings
from a2a_gateway.site import make_site
from devnexus.knowledge.stores import name_of, open_store
from devnexus.settings import read_settings
from devnexus.start import starting

_WORKERS = 16

_log = logging.getLogger(__name__)


def create_app() -> Starlette:
    """The application; end the process, naming the reason, where a setting is missing."""
    with starting("a2a-gateway"):
        settings = read_settings(Settings, os.environ)
        store = open_store(settings.knowledge, os.environ, access="read")
        skills = load_skills()
    home = Home(name_of(settings.knowledge), settings.public_url, settings.is_open)
    model = ReadModel(store)
    model.warm_up()
    site = make_site(skills=skills, model=model, home=home)
    if not settings.is_open:
        _log.warning(
            "nobody may read, since callers cannot be verified yet; "
            "ANONYMOUS_READS=true lets in whoever reaches this service"
        )
    return Starlette(
        routes=[
            health_route(skills=skills, model=model, home=home),
            Mount("/", app=in_threads(site)),
        ],
        middleware=_in_front(settings),
    )


def _in_front(settings: Settings) -> list[Middleware]:
    names = settings.names
    named = [Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)] if names else []
    known = [] if settings.is_open else [Middleware(KnownCallers)]
    return [*named, *known, Middleware(WholeBodies)]


def in_threads(site: WSGIApplication) -> ASGIApp:
    """`site` as an ASGI application with a pool of threads of its own and a short queue before it."""
    # a2wsgi's types are narrower than what it takes and is
    served = WSGIMiddleware(site, workers=_WORKERS)  # type: ignore[arg-type]
    return ShortQueue(served, workers=_WORKERS)  # type: ignore[arg-type]
