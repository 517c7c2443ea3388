"""The a2a-gateway: its whole composition, for gunicorn to call once per worker."""

import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from a2a_gateway.access import KnownCallers
from a2a_gateway.application import make_application
from a2a_gateway.caller import LOCAL, Caller
from a2a_gateway.card import Home
from a2a_gateway.commit_watch import CommitWatch
from a2a_gateway.database_look import DatabaseLook
from a2a_gateway.ending import ending
from a2a_gateway.limits import WholeBodies
from a2a_gateway.perform import Performer, WorldOf
from a2a_gateway.published_writes import SOURCE, PublishedWrites
from a2a_gateway.read_model import ReadModel
from a2a_gateway.registry import load_skills
from a2a_gateway.settings import Settings
from a2a_gateway.sql_writes import WRITE_TABLES, SqlWrites
from a2a_gateway.world import Progress, World, Writes
from devnexus.agents import Agents, open_agents
from devnexus.agents.looks import KEPT_SECONDS, Standing, standings
from devnexus.agents.sql_looks import TABLES as LOOK_TABLES
from devnexus.agents.sql_looks import SqlLooks
from devnexus.knowledge.stores import name_of, open_store
from devnexus.pubsub import PubSubPublisher
from devnexus.settings import read_settings
from devnexus.start import starting
from devnexus.state import create_tables, open_state

_log = logging.getLogger(__name__)


def create_app() -> Starlette:
    """The application; end the process, naming the reason, where a setting is missing."""
    with starting("a2a-gateway"):
        settings = read_settings(Settings, os.environ)
        store = open_store(settings.knowledge, os.environ, access="read")
        skills = load_skills()
        agents = open_agents(os.environ)
        engine = open_state(settings.database_url.value.decode())
        for tables in (WRITE_TABLES, LOOK_TABLES):
            create_tables(engine, tables)
        publisher = PubSubPublisher(project=settings.project, source=SOURCE)
    kept, commits = SqlWrites(engine), CommitWatch(store)
    writes = PublishedWrites(kept=kept, publisher=publisher, commits=commits)
    home = Home(name_of(settings.knowledge), settings.public_url, settings.is_open)
    model = ReadModel(store)
    model.warm_up()
    if not settings.is_open:
        _log.warning(
            "nobody may read, since callers cannot be verified yet; "
            "ANONYMOUS_READS=true lets in whoever reaches this service"
        )
    performer = Performer(
        skills=skills,
        model=model,
        writing=writes,
        tasks=None,  # type: ignore
        world=_world(agents, _standings(SqlLooks(engine)), writes),
    )
    return make_application(
        performer=performer,
        home=home,
        in_front=_in_front(settings),
        database=DatabaseLook(kept.database_version),
        lifespan=ending(hurry=commits.end, close=[publisher.close, store.close, engine.dispose]),
    )


def _standings(looks: SqlLooks) -> Callable[[], dict[str, Standing]]:
    """How each agent has been, as the notifier looked, where it looked into this very store."""

    def now() -> dict[str, Standing]:
        at = time.time()
        return dict(standings(looks.after(at - KEPT_SECONDS), now=at))

    return now


def _world(agents: Agents, standings: Callable[[], dict[str, Standing]], writes: Writes) -> WorldOf:
    """What each call may ask besides the knowledge."""

    def world(caller: Caller, progress: Progress) -> World:
        return World(
            caller=caller,
            now=datetime.now(UTC),
            agents=agents,
            standings=standings,
            files=None,  # type: ignore
            results=None,  # type: ignore
            writes=writes,
            progress=progress,
        )

    return world


def _in_front(settings: Settings) -> list[Middleware]:
    names = settings.names
    named = [Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)] if names else []
    known = Middleware(KnownCallers, anonymous=LOCAL if settings.is_open else None)
    return [*named, known, Middleware(WholeBodies)]
