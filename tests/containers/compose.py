"""docker-compose.yml as an operator runs it, under a project name and ports of its own."""

import json
import os
import shlex
import shutil
import subprocess
import time
import uuid
from functools import cache
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import docker
from docker.errors import DockerException

from devnexus.secrets import Secret
from devnexus_cli.local_repository import newest_pushes, open_local
from devnexus_cli.ports import free_port
from devnexus_cli.webhook import WebhookSender, push_payload

ROOT = Path(__file__).parents[2]
SECRET = Secret(b"only for this test")
SERVICES = ("webhook-receiver", "extractor", "kb-writer", "similarity", "notifier", "a2a-gateway")
_COMMANDS = (["docker", "compose"], ["podman-compose"])
_UP_SECONDS = 600
"""The first time, images are fetched."""

_READY_SECONDS = 120


def compose_command():
    """What COMPOSE says, else the first that is installed."""
    if given := os.environ.get("COMPOSE"):
        return shlex.split(given)
    for command in _COMMANDS:
        if shutil.which(command[0]) and _run([*command, "version"]).returncode == 0:
            return command
    raise RuntimeError(
        "neither `docker compose` nor `podman-compose` is here: install Docker with its compose plugin, or"
        " pip install podman-compose, or name another in COMPOSE"
    )


def engine():
    """A client of the engine that the containers run in."""
    try:
        return docker.from_env()
    except DockerException as error:
        raise RuntimeError(
            f"no container engine ({error}): start Docker, or name one in DOCKER_HOST"
        ) from error


@cache
def build_images(folder=ROOT, **environment):
    """Make the images of what is here, once: even to find that nothing has changed takes a while."""
    needed = {"GITHUB_WEBHOOK_SECRET": SECRET.value.decode()}
    _compose("build", environment={**needed, **environment}, folder=folder)


class ComposeStack:
    """One project of docker-compose.yml, and what one can do with it from outside."""

    def __init__(self, repositories, *, profile=None, besides=None, **environment):
        """`besides`: a file that says what is otherwise than in docker-compose.yml."""
        self.project = f"devnexus-test-{uuid.uuid4().hex[:8]}"
        self.repositories = repositories
        self._webhook_port, self._gateway_port = free_port(), free_port()
        self._options = ["--profile", profile] if profile else []
        self._options += ["--file", "docker-compose.yml", "--file", str(besides)] if besides else []
        self._environment = {
            "GITHUB_WEBHOOK_SECRET": SECRET.value.decode(),
            "REPOSITORIES": str(repositories),
            "WEBHOOK_PORT": str(self._webhook_port),
            "GATEWAY_PORT": str(self._gateway_port),
            "DATABASE_URL": "",
            "ANTHROPIC_API_KEY": "",
            **environment,
        }
        self._engine = engine()

    def compose(self, *arguments):
        _compose("--project-name", self.project, *self._options, *arguments, environment=self._environment)

    def up(self):
        """Start whatever is not running, and wait until every service is healthy."""
        self.compose("up", "--detach")
        wait_for(lambda: all(self.is_healthy(service) for service in ("setup", *SERVICES)), self.describe)

    def container(self, service):
        labels = [f"com.docker.compose.project={self.project}", f"com.docker.compose.service={service}"]
        (container,) = self._engine.containers.list(all=True, filters={"label": labels})
        return container

    def is_healthy(self, service):
        """Whether its health check succeeds; made here, since not every engine makes it by itself."""
        container = self.container(service)
        kind, *command = container.attrs["Config"]["Healthcheck"]["Test"]
        if container.status != "running":
            return False
        return container.exec_run(["sh", "-c", *command] if kind == "CMD-SHELL" else command).exit_code == 0

    def ask(self, service, *command):
        """What a command in the container of a service answers."""
        return self.container(service).exec_run(list(command)).output.decode()

    def log(self, service):
        """The lines that a service has logged, each of them JSON."""
        lines = self.container(service).logs(stdout=True, stderr=True).decode().splitlines()
        return [json.loads(line) for line in lines]

    def push_everything(self, name):
        """Tell of every commit of a clone as a push, the way GitHub would."""
        repository = open_local(self.repositories / name)
        sender = WebhookSender(port=self._webhook_port, secret=SECRET)
        try:
            for push in newest_pushes(repository, 100):
                sender.push(push_payload(repository, push))
        finally:
            sender.close()

    def call(self, skill, **input_):
        """The gateway's answer to an agent."""
        body = json.dumps({"skill_id": skill, "input": input_}).encode()
        request = Request(
            f"http://127.0.0.1:{self._gateway_port}/a2a/execute",
            body,
            {"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=10) as response:
            return json.load(response)

    def describe(self):
        """The state and last words of every container, for who has to find out why a test fails."""
        found = self._engine.containers.list(
            all=True, filters={"label": f"com.docker.compose.project={self.project}"}
        )
        return "\n".join(
            f"{one.name}: {one.status}\n{one.logs(tail=10).decode(errors='replace')}" for one in found
        )


def wait_for(ready, describe, seconds=_READY_SECONDS):
    """Until `ready()`, however often the network or a starting container is in the way."""
    until = time.monotonic() + seconds
    while True:
        try:
            if ready():
                return
        except (OSError, HTTPException, DockerException):
            pass
        assert time.monotonic() < until, f"not after {seconds} s\n{describe()}"
        time.sleep(0.2)


def _compose(*arguments, environment, folder=ROOT):
    command = [*compose_command(), *arguments]
    done = _run(command, environment=environment, folder=folder)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout[-5000:]}"


def _run(command, *, environment=None, folder=ROOT):
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_UP_SECONDS,
        check=False,
    )
