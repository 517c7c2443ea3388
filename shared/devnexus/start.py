"""How every process of ours starts: logs first, then settings and doors, or a clear end."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from devnexus import logs
from devnexus.errors import ConfigurationError, Unavailable
from devnexus.watching import watch

CANNOT_START = 3
"""Exit status; gunicorn's own for a worker that cannot boot, at which it stops instead of trying again."""


@contextmanager
def starting(service: str) -> Iterator[None]:
    """Configure logs; end the process with one line that names the reason if the block cannot start.

    From here on it lets itself be watched, where settings say so. What is only away for now ends it too:
    whoever started us starts us again.
    """
    logs.configure(service)
    try:
        watch(service, os.environ)
        yield
    except (ConfigurationError, Unavailable) as error:
        logging.getLogger(__name__).critical("cannot start: %s", error)
        sys.exit(CANNOT_START)
