"""What `devnexus_cli.stack.Stack` gives, in containers: the end-to-end tests' way into docker-compose.yml."""

import io
import socket
import tarfile

import yaml
from containers.compose import SERVICES, ComposeStack

from devnexus_cli.ports import free_port
from devnexus_cli.processes import ChildDied
from devnexus_cli.stack import Stack

_DATABASE = "/state/state.db"


class ContainerStack(Stack):
    """The services in the containers of docker-compose.yml, their base and their logs at `home` as ever.

    Whatever lies below `readable` their user finds under the same path: what links among the clones lead to,
    and files that the environment names.
    """

    def __init__(self, *, home, repositories, readable, **environment):
        home.mkdir(parents=True, exist_ok=True)
        super().__init__(home=home, repositories=repositories, pubsub=f"127.0.0.1:{free_port()}")
        self._readable = readable
        self._containers = ComposeStack(
            repositories,
            besides=self._otherwise(environment),
            GITHUB_WEBHOOK_SECRET=self.secret.value.decode(),
            WEBHOOK_PORT=str(self.webhook_port),
            GATEWAY_PORT=str(self.gateway_port),
            DATABASE_URL=f"sqlite:///{_DATABASE}",
        )

    def _otherwise(self, environment):
        """The file that says what these tests need and nobody else: to look in from here, and to be told."""
        reads = {"volumes": [f"{self._readable}:{self._readable}:ro"]}
        told = {**reads, "environment": {"ALLOW_PRIVATE_TARGETS": "true", **environment}}
        folder = {"type": "none", "o": "bind", "device": str(self.home.resolve())}
        content = {
            "services": {
                "pubsub": {"ports": [f"{self.running.pubsub}:8085"]},
                "extractor": reads,
                "notifier": told,
                "a2a-gateway": told,
            },
            "volumes": {"knowledge": {"driver": "local", "driver_opts": folder}},
        }
        path = self.home / "compose.yml"
        path.write_text(yaml.safe_dump(content))
        return path

    def __enter__(self):
        self.home.chmod(0o777)  # where their user makes the base
        self._containers.repositories.mkdir(parents=True, exist_ok=True)
        for folder in (self._readable, *self._readable.iterdir()):
            folder.chmod(0o755)  # pytest makes them for its own user
        try:
            self._containers.up()
        except BaseException:
            self._take_away()
            raise
        return self

    def __exit__(self, *_):
        try:
            for service in ("pubsub", *SERVICES):
                self.log(service)
            self._keep_database()
        finally:
            self._take_away()

    def _take_away(self):
        self._containers.compose("down", "--volumes")

    def _keep_database(self):
        chunks, _ = self._containers.container("notifier").get_archive(_DATABASE)
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            archive.extractall(self.home, filter="data")

    def log(self, service):
        path = self.home / "logs" / f"{service}.log"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(self._containers.container(service).logs())
        return path

    def start(self, service):
        self._containers.container(service).start()

    def kill(self, service):
        self._containers.container(service).kill()

    def stop(self, service, seconds):
        """Ask it to end, as the platform does; what it ended with."""
        self._containers.container(service).stop(timeout=seconds)
        return self._containers.container(service).attrs["State"]["ExitCode"]

    def ask(self, service, *command):
        """What a command in the container of a service answers."""
        return self._containers.ask(service, *command)

    def describe(self):
        """What to look at where a test fails."""
        return self._containers.describe()

    def check(self):
        ended = [one for one in SERVICES if self._containers.container(one).status != "running"]
        if ended:
            raise ChildDied(f"{', '.join(ended)} ended\n{self._containers.describe()}")


def this_machine():
    """The address under which containers reach what listens here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as looking:
        looking.connect(("192.0.2.1", 9))  # sends nothing: the system only chooses where it would go out
        return str(looking.getsockname()[0])
