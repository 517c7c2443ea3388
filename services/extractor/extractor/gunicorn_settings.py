"""How the extractor runs under gunicorn: as every service, with more threads.

Bulk work that waits for its turn holds a thread each, eight of them with the Pub/Sub of this machine; a live
push must find one all the same.
"""

from devnexus.gunicorn_settings import (
    bind,
    control_socket_disable,
    graceful_timeout,
    keepalive,
    logconfig_dict,
    post_fork,
    post_worker_init,
    timeout,
    workers,
)

__all__ = [
    "bind",
    "control_socket_disable",
    "graceful_timeout",
    "keepalive",
    "logconfig_dict",
    "post_fork",
    "post_worker_init",
    "threads",
    "timeout",
    "workers",
]

threads = 16
