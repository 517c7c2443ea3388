"""The webhook-receiver: its whole composition, for gunicorn to call once per worker."""

import os
from functools import partial

from flask import Flask

from devnexus.health import health_routes
from devnexus.invokers import FetchKeys
from devnexus.pubsub import PubSubPublisher
from devnexus.start import starting
from webhook_receiver.allowed import Allowed
from webhook_receiver.routes import webhook_routes
from webhook_receiver.settings import read
from webhook_receiver.sweep_routes import sweep_routes
from webhook_receiver.sweep_settings import read_sweep
from webhook_receiver.swept import Swept


def create_app(*, fetch_keys: FetchKeys | None = None) -> Flask:
    """The application; end the process, naming the reason, where a setting is missing.

    `fetch_keys` gives the keys that Google signs with; not given: as Google publishes them.
    """
    with starting("webhook-receiver"):
        settings, secrets = read(os.environ)
        sweep = read_sweep(os.environ, settings, fetch_keys)
        publisher = PubSubPublisher(project=settings.project, source="/dev-nexus/webhook-receiver")
    app = Flask(__name__)
    app.register_blueprint(
        webhook_routes(
            secrets=secrets,
            publisher=publisher,
            allowed=settings.allowed,
            knowledge_repository=settings.knowledge_repository,
        )
    )
    if sweep:
        run = partial(_sweep, knowledge=sweep.knowledge, publisher=publisher, allowed=settings.allowed)
        app.register_blueprint(sweep_routes(run, token=sweep.token, invokers=sweep.invokers))
    app.register_blueprint(health_routes())
    return app


def _sweep(*, knowledge: str, publisher: PubSubPublisher, allowed: Allowed) -> Swept:
    # GitHub's client takes most of a second to import: no webhook should wait for that at a cold start.
    from webhook_receiver.sweeper import sweep_once  # noqa: PLC0415

    return sweep_once(os.environ, knowledge=knowledge, publisher=publisher, allowed=allowed)
