"""How every HTTP service of ours runs under gunicorn: `gunicorn --config python:devnexus.gunicorn_settings`.

After Google's page on Python in Cloud Run: one worker, threads, no worker timeout. Measured facts that
the other values come from: SIGKILL follows SIGTERM after 10 s; since version 25 gunicorn opens a control
socket in the home directory, where two servers on one machine, or a read-only home, would collide.
"""

import gc
import os

from devnexus import logs
from devnexus.settings import EVERY_ADDRESS

bind = f"{os.environ.get('HOST', EVERY_ADDRESS)}:{os.environ.get('PORT', '8080')}"
workers = 1
threads = 8
timeout = 0
graceful_timeout = 8
keepalive = 75
"""More than the idle time of a proxy in front: the default of 2 s gives stray 502s behind one that pools."""

control_socket_disable = True

# gunicorn's own lines go where ours go, as JSON; the application names the service once it is there.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": logs.OneLine, "service": "gunicorn"}},
    "handlers": {
        "json": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}
    },
    "root": {"level": "INFO", "handlers": ["json"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}},
}


def post_fork(_server: object, _worker: object) -> None:
    """Do less while the application is imported and made.

    There is hardly any garbage then, and looking for it takes a tenth of the start. numpy would start threads
    for work that we do not have, or do on one.
    """
    gc.disable()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def post_worker_init(_worker: object) -> None:
    """Collect it from now on; what the application is made of stays, and need not be looked through again."""
    gc.freeze()
    gc.enable()
