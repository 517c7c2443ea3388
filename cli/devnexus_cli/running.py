"""What a run on this machine leaves for the other commands, so that they find its services."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from devnexus.errors import ConfigurationError
from devnexus.events.event import describe
from devnexus.values import Value, canonical_page, load_json

_FILE = "services.json"
_EMULATOR = "PUBSUB_EMULATOR_HOST"


class Running(Value):
    """The services of `devnexus run`, as long as it runs."""

    project: str
    pubsub: str
    """host:port of its Pub/Sub."""
    services: dict[str, str]
    """Service → its URL."""
    heartbeat: str
    """The file that the writer touches whenever Pub/Sub answers it."""
    metrics: dict[str, str] = {}
    """Service → where it tells Prometheus of itself."""


@contextmanager
def announced(home: Path, running: Running) -> Iterator[None]:
    """Let others find `running` in its home while the block runs."""
    path = home / _FILE
    path.write_bytes(canonical_page(running.model_dump(mode="json")))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def find_running(home: Path) -> Running | None:
    """What runs with this home, or None; a run that was killed may still be told of.

    Raises ConfigurationError where what stands there cannot be read.
    """
    path = home / _FILE
    try:
        return Running.model_validate(load_json(path.read_bytes()), extra="ignore")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValidationError as error:
        raise ConfigurationError(f"{path} is not what devnexus run writes: {describe(error)}") from error
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error


def pubsub_project(project: str | None, running: Running | None) -> str:
    """The project whose Pub/Sub is meant; clients that are made later connect to the run's, if it is that.

    What is given, or in the environment, comes before what runs here. Raises ConfigurationError where
    nothing says it.
    """
    if running and _EMULATOR not in os.environ and project in {None, running.project}:
        os.environ[_EMULATOR] = running.pubsub  # the only way in which clients can be told
    named = project or (running.project if running else None)
    if named is None:
        raise ConfigurationError(
            "no project: give --project, set GOOGLE_CLOUD_PROJECT, or name with --home the folder of a run "
            "on this machine"
        )
    return named
