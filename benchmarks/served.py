"""A service that runs as in its image, and how it answers those who ask."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from many_connections import Request

Figures = dict[str, float]


@dataclass(frozen=True)
class Served:
    """One that runs."""

    process: subprocess.Popen[bytes]
    port: int

    def memory_mb(self) -> float:
        """What its processes hold in memory; git's, which reads for it, included."""
        process = psutil.Process(self.process.pid)
        return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6

    def _processor_seconds(self) -> float:
        """What its processes have worked so far: it does not depend on who else uses this machine."""
        process = psutil.Process(self.process.pid)
        times = (one.cpu_times() for one in (process, *process.children(recursive=True)))
        return sum(time.user + time.system for time in times)

    def ask(
        self,
        requests: list[Request],
        connections: int,
        seconds: float,
        *,
        headers: Mapping[str, str] | None = None,
        holding: str = "",
    ) -> Figures:
        """How it answers so many connections that ask for so long, always with 200 and `holding`."""
        used = self._processor_seconds()
        client = Path(__file__).with_name("many_connections.py")
        command = [sys.executable, str(client), str(self.port), str(connections), str(seconds)]
        asked = {"requests": requests, "headers": dict(headers or {}), "holding": holding}
        done = subprocess.run(command, input=json.dumps(asked), stdout=subprocess.PIPE, check=True, text=True)
        said = json.loads(done.stdout)
        if said["refused"]:
            sys.exit(f"{said['refused']} of the answers to {requests[0]} were not what they should be")
        used = self._processor_seconds() - used
        return {
            "per_second": said["per_second"],
            "p50_ms": said["p50_ms"],
            "p99_ms": said["p99_ms"],
            "processor_ms_each": used / (said["answers"] + connections) * 1e3,
            "client_processor_percent": said["client_processor_share"] * 100,
        }
