"""How the gateway runs under gunicorn: `gunicorn --config python:a2a_gateway.gunicorn_settings`.

One worker process with an event loop; threads for what waits are the application's own. gunicorn's own ASGI
worker loses requests in version 27.0.1 (gunicorn #3727), hence uvicorn's.
"""

from devnexus import gunicorn_settings, logs

bind = gunicorn_settings.bind
worker_class = "a2a_gateway.bounded_heads.Worker"
workers = 1
timeout = 120
"""Of the worker's heartbeat, not of a request."""

graceful_timeout = gunicorn_settings.graceful_timeout
keepalive = gunicorn_settings.keepalive
control_socket_disable = gunicorn_settings.control_socket_disable
post_fork = gunicorn_settings.post_fork
post_worker_init = gunicorn_settings.post_worker_init

# uvicorn's loggers take over the handlers of gunicorn's; requests are the platform's to log.
logconfig_dict = {
    **gunicorn_settings.logconfig_dict,
    "formatters": {"json": {"()": logs.OneLine, "service": "a2a-gateway"}},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["json"], "propagate": False},
        "gunicorn.access": {"level": "WARNING", "handlers": ["json"], "propagate": False},
    },
}
