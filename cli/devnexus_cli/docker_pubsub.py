"""Google's Pub/Sub emulator in a container of Google's own image; needs testcontainers."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from docker.errors import DockerException, ImageNotFound
from testcontainers.core.container import DockerContainer

from devnexus.errors import ConfigurationError
from devnexus_cli.processes import ChildDied, uninterrupted

IMAGE = "google/cloud-sdk:emulators"


@contextmanager
def pubsub_container(
    endpoint: str, *, answers: Callable[[], bool], seconds: float, log: Path | None
) -> Iterator[None]:
    """Run the emulator at `endpoint` of this machine until the block ends, Ctrl-C included.

    It shares this machine's network, since it has to push to services on 127.0.0.1. `log` gets what it
    writes. Raises ConfigurationError where no engine runs it, and ChildDied if it does not answer.
    """
    command = f"gcloud beta emulators pubsub start --project=local --host-port={endpoint}"
    with ExitStack() as ending:
        try:
            container = DockerContainer(IMAGE, command=command).with_kwargs(network="host")
            _pull(container)
            with uninterrupted():
                ending.enter_context(container)
        except DockerException as error:
            raise ConfigurationError(
                f"no container of {IMAGE}: {error}. Start Docker, or name another engine in DOCKER_HOST"
            ) from error
        if log:
            ending.callback(lambda: log.write_text(_written_by(container)))
        until = time.monotonic() + seconds
        while not answers():
            if time.monotonic() > until:
                raise ChildDied(f"pubsub does not answer after {seconds:.0f} s. {_written_by(container)}")
            time.sleep(0.05)
        yield


def _pull(container: DockerContainer) -> None:
    """Fetch the image where it is missing: for minutes, and unlike the start it can be interrupted."""
    images = container.get_docker_client().client.images
    try:
        images.get(container.image)
    except ImageNotFound:
        images.pull(container.image)


def _written_by(container: DockerContainer) -> str:
    return b"".join(container.get_logs()).decode(errors="replace")
