"""The similarity service: its whole composition, for gunicorn to call once per worker."""

import os

from flask import Flask

from devnexus.alike.compared import compared
from devnexus.events import KnowledgeCommitted
from devnexus.health import health_routes
from devnexus.invokers import FetchKeys, guard, require_invokers
from devnexus.knowledge.stores import open_store
from devnexus.knowledge.view import Views
from devnexus.pubsub import PubSubPublisher
from devnexus.push import handles, push_endpoint
from devnexus.settings import read_settings
from devnexus.start import starting
from devnexus.topology import load_topology
from similarity.compute import on_knowledge_committed
from similarity.indexes import Indexes
from similarity.settings import Settings


def create_app(*, fetch_keys: FetchKeys | None = None) -> Flask:
    """The application; end the process, naming the reason, where a setting is missing.

    `fetch_keys` gives the keys that Google signs with; not given: as Google publishes them.
    """
    with starting("similarity"):
        settings = read_settings(Settings, os.environ)
        invokers = require_invokers(os.environ, fetch_keys)
        store = open_store(settings.knowledge, os.environ)
        indexes = Indexes(Views(store, keep=compared))
        publisher = PubSubPublisher(project=settings.project, source="/dev-nexus/similarity")

    def committed(event: KnowledgeCommitted) -> None:
        on_knowledge_committed(event, indexes=indexes, publisher=publisher)

    app = Flask(__name__)
    guard(app, invokers)
    handlers = [handles(KnowledgeCommitted, committed)]
    app.register_blueprint(push_endpoint(handlers, topology=load_topology(), sender=publisher))
    app.register_blueprint(health_routes())
    return app
