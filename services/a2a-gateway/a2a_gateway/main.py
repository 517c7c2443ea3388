"""The a2a-gateway: its whole composition, for gunicorn to call once per worker."""

import os
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from a2a_gateway.application import make_application
from a2a_gateway.card import Home
from a2a_gateway.entrance import entrance
from a2a_gateway.limits import WholeBodies
from a2a_gateway.perform import Performer
from a2a_gateway.read_model import ReadModel
from a2a_gateway.registry import load_skills
from a2a_gateway.settings import Settings
from devnexus.knowledge.stores import name_of, open_store
from devnexus.settings import read_settings
from devnexus.start import starting


def create_app() -> Starlette:
    """The application; end the process, naming the reason, where a setting is missing."""
    with starting("a2a-gateway"):
        settings = read_settings(Settings, os.environ)
        store = open_store(settings.knowledge, os.environ, access="read")
        skills = load_skills()
        in_front = _in_front(settings, os.environ)
    home = Home(name_of(settings.knowledge), settings.public_url, settings.is_open)
    model = ReadModel(store)
    model.warm_up()
    performer = Performer(skills=skills, model=model, writing=None, tasks=None, world=None)  # type: ignore
    return make_application(performer=performer, home=home, in_front=in_front)


def _in_front(settings: Settings, environment: Mapping[str, str]) -> list[Middleware]:
    names = settings.names
    named = [Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)] if names else []
    return [*named, *entrance(settings, environment), Middleware(WholeBodies)]
