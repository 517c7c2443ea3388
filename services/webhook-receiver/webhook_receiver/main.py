"""The webhook-receiver: its whole composition, for gunicorn to call once per worker."""

import os

from flask import Flask

from devnexus.health import health_routes
from devnexus.pubsub import PubSubPublisher
from devnexus.start import starting
from webhook_receiver.routes import webhook_routes
from webhook_receiver.settings import read


def create_app() -> Flask:
    """The application; end the process, naming the reason, where a setting is missing."""
    with starting("webhook-receiver"):
        settings, secrets = read(os.environ)
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
    app.register_blueprint(health_routes())
    return app
