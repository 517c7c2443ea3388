"""All services on this machine, each as its own process with the command of its image."""

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

from devnexus.knowledge.stores.git_store import GitStore, create_git_store, open_git_store
from devnexus.provision import provision
from devnexus.pubsub import PubSubPublisher
from devnexus.secrets import Secret, read_secret
from devnexus.topology import load_topology
from devnexus_cli.local_issuer import READER, YOU, local_key_set
from devnexus_cli.ports import accepts, free_port, require_free
from devnexus_cli.processes import Child, ChildDied, end_all, uninterrupted
from devnexus_cli.running import Running
from webhook_receiver.settings import SECRET

EMULATOR = "PUBSUB_EMULATOR_HOST"
_GUNICORN = (sys.executable, "-m", "gunicorn", "--config", "python:devnexus.gunicorn_settings")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "webhook-receiver": (*_GUNICORN, "webhook_receiver.main:create_app()"),
    "extractor": (
        *(sys.executable, "-m", "gunicorn", "--config", "python:extractor.gunicorn_settings"),
        "extractor.main:create_app()",
    ),
    "kb-writer": (sys.executable, "-m", "kb_writer"),
    "similarity": (*_GUNICORN, "similarity.main:create_app()"),
    "notifier": (*_GUNICORN, "notifier.main:create_app()"),
    "a2a-gateway": (
        *(sys.executable, "-m", "gunicorn", "--config", "python:a2a_gateway.gunicorn_settings"),
        "a2a_gateway.main:create_app()",
    ),
}
"""Service → the command its container runs."""


class Stack:
    """The running services; a context manager that ends them all.

    `pubsub` is the host:port of a Pub/Sub that is there already. `home` takes the knowledge base
    (`knowledge.git`), the operational store (`state.db`) and the logs. `with_metrics`: each service tells
    Prometheus of itself, on a port that `running` names.
    """

    start_seconds = 30.0
    """So long all of them may take to answer."""

    def __init__(
        self,
        *,
        home: Path,
        repositories: Path,
        pubsub: str,
        webhook_port: int = 0,
        gateway_port: int = 0,
        project: str = "dev-nexus-local",
        with_metrics: bool = False,
    ) -> None:
        self.home = home
        self.project = project
        self._pubsub = pubsub
        self.secret, self.secret_source = _webhook_secret(home)
        self.webhook_port = webhook_port or free_port()
        self.gateway_port = gateway_port or free_port()
        self._ports = {
            "webhook-receiver": self.webhook_port,
            "extractor": free_port(),
            "similarity": free_port(),
            "notifier": free_port(),
            "a2a-gateway": self.gateway_port,
        }
        self._metrics_ports = {service: free_port() for service in COMMANDS} if with_metrics else {}
        self._environment = {
            EMULATOR: pubsub,
            "GOOGLE_CLOUD_PROJECT": project,
            "HOST": "127.0.0.1",
            "KNOWLEDGE": str(self.knowledge_path),
            "REPOSITORIES_DIR": str(repositories),
            SECRET: self.secret.value.decode(),
            "GUNICORN_CMD_ARGS": "",
            "DATABASE_URL": f"sqlite:///{home / 'state.db'}",
            "ALLOW_PRIVATE_TARGETS": "true",
            "HEARTBEAT_FILE": str(home / "kb-writer-heartbeat"),
            "LOCAL_ISSUER": str(local_key_set(home)),
            "AUDIENCE": ",".join(f"http://{host}:{self.gateway_port}" for host in ("127.0.0.1", "localhost")),
            "READERS": READER,
            "ALLOWED_SERVICE_ACCOUNTS": YOU,
        }
        self._children: dict[str, Child] = {}
        self._look_at_pubsub_at = 0.0

    @property
    def knowledge_path(self) -> Path:
        """The bare repository with the knowledge."""
        return self.home / "knowledge.git"

    @property
    def running(self) -> Running:
        """Where others find what runs."""
        return Running(
            project=self.project,
            pubsub=self._pubsub,
            services={service: f"http://127.0.0.1:{port}" for service, port in self._ports.items()},
            heartbeat=self._environment["HEARTBEAT_FILE"],
            metrics={
                service: f"http://127.0.0.1:{port}/metrics" for service, port in self._metrics_ports.items()
            },
        )

    def knowledge(self) -> GitStore:
        """A reader of the knowledge base."""
        return open_git_store(self.knowledge_path)

    def publisher(self, source: str) -> PubSubPublisher:
        """A publisher to the Pub/Sub of this stack."""
        with _emulated(self._pubsub):
            return PubSubPublisher(project=self.project, source=source)

    def log(self, service: str) -> Path:
        """The log file of one service."""
        return self.home / "logs" / f"{service}.log"

    def duplicates(self) -> int:
        """Messages that the writer had already, by its own log."""
        count = 0
        for line in self.log("kb-writer").read_text(errors="replace").splitlines():
            try:
                count += int(json.loads(line).get("duplicates", 0))
            except (ValueError, AttributeError):
                continue
        return count

    def __enter__(self) -> Self:
        create_git_store(self.knowledge_path)
        require_free(self.webhook_port, "WEBHOOK_PORT")
        require_free(self.gateway_port, "GATEWAY_PORT")
        with _emulated(self._pubsub):
            provision(load_topology(), project=self.project, services=self.running.services)
        try:
            for service in COMMANDS:
                self.log(service).unlink(missing_ok=True)
                self.start(service)
            for service, port in self._ports.items():
                self._children[service].wait_until(partial(_healthy, port), seconds=self.start_seconds)
        except BaseException:
            end_all(list(self._children.values()))
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        end_all(list(self._children.values()))

    def start(self, service: str) -> None:
        """Start a service that is not running."""
        # set in any case: one that is in our own environment cannot be that of six processes
        environment = {**self._environment, "METRICS_PORT": str(self._metrics_ports.get(service, ""))}
        if port := self._ports.get(service):
            environment["PORT"] = str(port)
        with uninterrupted():
            self._children[service] = Child(
                service, COMMANDS[service], environment=environment, log=self.log(service)
            )

    def kill(self, service: str) -> None:
        """End a service at once, as a crash would."""
        self._children.pop(service).kill()

    def check(self) -> None:
        """Raise ChildDied if one of the services has ended, or Pub/Sub no longer answers."""
        for child in self._children.values():
            child.check()
        if time.monotonic() > self._look_at_pubsub_at:
            self._look_at_pubsub_at = time.monotonic() + 1
            host, _, port = self._pubsub.rpartition(":")
            if not accepts(host, int(port)):
                raise ChildDied(f"Pub/Sub at {self._pubsub} no longer answers")


def _webhook_secret(home: Path) -> tuple[Secret, str]:
    """The secret that webhooks are signed with, and where a person finds it: the same in every run."""
    if given := read_secret(SECRET, os.environ):
        return given, f"the given {SECRET}"
    path = home / "webhook-secret"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return Secret(path.read_bytes().strip()), f"the secret in {path}"


@contextmanager
def _emulated(endpoint: str) -> Iterator[None]:
    """Let clients that are made in this block connect to `endpoint`; they know no other way to be told."""
    before = os.environ.get(EMULATOR)
    os.environ[EMULATOR] = endpoint
    try:
        yield
    finally:
        if before is None:
            del os.environ[EMULATOR]
        else:
            os.environ[EMULATOR] = before


def _healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
