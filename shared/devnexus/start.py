"""How every process of ours starts: logs first, then settings and doors, or a clear end."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from devnexus import logs
from devnexus.emulator import is_emulator
from devnexus.errors import ConfigurationError, Unavailable
from devnexus.watching import watch

CANNOT_START = 3
"""Exit status; gunicorn's own for a worker that cannot boot, at which it stops instead of trying again."""


_CLOUD_RUN = ("K_SERVICE", "CLOUD_RUN_WORKER_POOL", "CLOUD_RUN_JOB")
"""One of them is set in everything that Cloud Run runs."""


@contextmanager
def starting(service: str) -> Iterator[None]:
    """Configure logs; end the process with one line that names the reason if the block cannot start.

    From here on it lets itself be watched, where settings say so. What is only away for now ends it too:
    whoever started us starts us again.
    """
    logs.configure(service, project=os.environ.get("GOOGLE_CLOUD_PROJECT", ""))
    try:
        _refuse_emulator_on_cloud_run()
        watch(service, os.environ)
        yield
    except (ConfigurationError, Unavailable) as error:
        logging.getLogger(__name__).critical("cannot start: %s", error)
        sys.exit(CANNOT_START)


def _refuse_emulator_on_cloud_run() -> None:
    if is_emulator() and any(os.environ.get(name) for name in _CLOUD_RUN):
        raise ConfigurationError(
            "PUBSUB_EMULATOR_HOST is set, and this is Cloud Run: an emulator signs no calls, so anybody could"
            " make them; unset it"
        )
