"""The notifier: its whole composition, for gunicorn to call once per worker."""

import os

from flask import Flask

from devnexus.agents import open_agents
from devnexus.agents.sql_looks import TABLES as LOOK_TABLES
from devnexus.agents.sql_looks import SqlLooks
from devnexus.events import NotificationRequested, SimilarityComputed
from devnexus.health import health_routes
from devnexus.invokers import FetchKeys, guard, require_invokers
from devnexus.knowledge.followed_organisation import FollowedOrganisation
from devnexus.knowledge.stores import open_store
from devnexus.pubsub import PubSubPublisher
from devnexus.push import handles, push_endpoint
from devnexus.settings import read_settings
from devnexus.start import starting
from devnexus.state import create_tables, open_state
from devnexus.topology import load_topology
from notifier.agent_watch import AgentWatch, start_watching, watch_routes
from notifier.channel import Surroundings
from notifier.deliveries import Deliveries, Round
from notifier.followed_routes import FollowedRoutes
from notifier.routes import load_kinds, open_channels, read_routes
from notifier.settings import Settings
from notifier.sql_deliveries import SqlDeliveries
from notifier.sql_runs import RUN_TABLES, SqlRuns
from notifier.sql_said import SAID_TABLES, SqlSaid
from notifier.sql_tables import TABLES
from notifier.telling import Telling
from notifier.ticking import start_ticking, stopped_by_sigterm, tick_routes


def create_app(*, fetch_keys: FetchKeys | None = None) -> Flask:
    """The application; end the process, naming the reason, where a setting is missing or wrong.

    `fetch_keys` gives the keys that Google signs with; not given: as Google publishes them.
    """
    with starting("notifier"):
        settings = read_settings(Settings, os.environ)
        invokers = require_invokers(os.environ, fetch_keys)
        surroundings = Surroundings(os.environ, allow_private_targets=settings.allow_private_targets)
        kinds = load_kinds()
        file = read_routes(settings.routes_file, kinds)
        channels = open_channels(file, kinds, surroundings)
        agents = open_agents(os.environ).all()
        routes = FollowedRoutes(file, _organisation(settings))
        engine = open_state(settings.database_url.value.decode())
        for tables in (TABLES, SAID_TABLES, RUN_TABLES, LOOK_TABLES):
            create_tables(engine, tables)
        publisher = PubSubPublisher(project=settings.project, source="/dev-nexus/notifier")

    stop = stopped_by_sigterm()
    of_targets = {name: kinds[target.channel] for name, target in file.targets.items()}
    deliveries = Deliveries(
        store=SqlDeliveries(engine),
        channels=channels,
        kinds=of_targets,
        names={name: target.channel for name, target in file.targets.items()},
        stop=stop,
    )
    watch = AgentWatch(agents, looks=SqlLooks(engine))

    telling = Telling(
        routes=routes.now,
        said=SqlSaid(engine),
        runs=SqlRuns(engine),
        publish=publisher.publish,
        accept=deliveries.accept,
    )

    def tick() -> Round:
        done = deliveries.deliver_due()
        telling.tell_finished_runs()  # last, so that a bug with one run holds back no delivery
        return done

    app = Flask(__name__)
    guard(app, invokers)
    handlers = [
        handles(SimilarityComputed, telling.computed),
        handles(NotificationRequested, deliveries.accept),
    ]
    app.register_blueprint(push_endpoint(handlers, topology=load_topology(), sender=publisher))
    app.register_blueprint(tick_routes(tick, stop))
    app.register_blueprint(watch_routes(watch))
    app.register_blueprint(health_routes())
    start_ticking(tick, stop)
    if agents:
        start_watching(watch, stop)
    return app


def _organisation(settings: Settings) -> FollowedOrganisation | None:
    if settings.knowledge is None:
        return None
    return FollowedOrganisation(open_store(settings.knowledge, os.environ))
