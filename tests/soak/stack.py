"""The services, as `devnexus run` starts them, which can be killed, asked to end, and weighed."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path

from devnexus_cli.stack import Stack

_GRACE_SECONDS = 10.0


class SoakStack(Stack):
    """A Stack whose home is a small disk: logs stand elsewhere, as a container's do."""

    start_seconds = 180.0  # on a machine that does much else

    def __init__(self, *, disk: Path, logs: Path, pubsub: str, environment: Mapping[str, str]) -> None:
        super().__init__(home=disk, repositories=disk, pubsub=pubsub, project="dev-nexus-soak")
        self._logs = logs
        self._environment.pop("REPOSITORIES_DIR")  # it reads from GitHub
        self._environment |= {**environment, "HEARTBEAT_FILE": str(logs / "heartbeat")}
        self._began: dict[str, float] = {}
        self._turn = threading.Lock()

    def log(self, service: str) -> Path:
        """As Stack has it."""
        return self._logs / f"{service}.log"

    def start(self, service: str) -> None:
        """As Stack has it."""
        with self._turn:
            super().start(service)
            self._began[service] = time.monotonic()

    def kill(self, service: str) -> None:
        """As Stack has it."""
        with self._turn:
            child = self._children.pop(service)
        child.kill()

    def end(self, service: str) -> float:
        """Ask a service to end, and kill it after ten seconds; how long it took."""
        with self._turn:
            child = self._children.pop(service)
        began = time.monotonic()
        child.terminate()
        child.wait(began + _GRACE_SECONDS)
        return time.monotonic() - began

    def ended(self) -> dict[str, int]:
        """The services that have ended by themselves, and their status; they are forgotten."""
        with self._turn:
            found = {name: child._process.poll() for name, child in self._children.items()}
            gone = {name: status for name, status in found.items() if status is not None}
            for name in gone:
                del self._children[name]
        return gone

    def pids(self) -> dict[str, tuple[int, float]]:
        """Service → its first process, and its age in seconds."""
        now = time.monotonic()
        with self._turn:
            return {
                name: (child._process.pid, now - self._began[name]) for name, child in self._children.items()
            }
