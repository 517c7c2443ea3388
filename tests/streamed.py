"""The real gateway, streams of A2A from it, and a pattern-miner that answers when a test lets it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path

import requests
from fakes.agents import PatternMinerStandIn, says

from devnexus_cli.ports import free_port

V1 = {"A2A-Version": "1.0"}
COMMAND = (
    *(sys.executable, "-m", "gunicorn", "--config", "python:a2a_gateway.gunicorn_settings"),
    "counted_gateway:create_app()",
)
NAMES = ("ada", "ben", "eva")


class Gateway:
    """One process; `log` is what it has written so far."""

    def __init__(self, port, log, process):
        self.url = f"http://127.0.0.1:{port}"
        self.process = process
        self._log = log

    @property
    def log(self):
        return [json.loads(line) for line in self._log.read_text().splitlines() if line.startswith("{")]

    @property
    def worker(self):
        """The id of the process that answers."""
        (child,) = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(child)

    def counts(self):
        return requests.get(f"{self.url}/counts", headers=as_("ada"), timeout=30).json()

    def footprint(self):
        """Threads, open files, and kilobytes of memory of its own."""
        about = Path(f"/proc/{self.worker}")
        status = dict(line.split(":", 1) for line in (about / "status").read_text().splitlines())
        files = len(list((about / "fd").iterdir()))
        return int(status["Threads"]), files, int(status["RssAnon"].split()[0])

    def rpc(self, method, params, *, name="ada", **how):
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {**V1, **as_(name), **how.pop("headers", {})}
        return requests.post(f"{self.url}/a2a/v1", json=body, headers=headers, timeout=60, **how)

    def stream(self, skill_id, given, *, name="ada", **how):
        params = {"message": message(skill_id, given)}
        return Stream(self.rpc("SendStreamingMessage", params, name=name, stream=True, **how))

    def subscribe(self, task_id, *, name="ada"):
        return Stream(self.rpc("SubscribeToTask", {"id": task_id}, name=name, stream=True))

    def task(self, task_id, *, name="ada"):
        return self.rpc("GetTask", {"id": task_id}, name=name).json()["result"]

    def health_seconds(self):
        began = time.perf_counter()
        assert requests.get(f"{self.url}/health", timeout=30).ok
        return time.perf_counter() - began

    def stop(self):
        """SIGTERM as the platform sends it; the seconds until the process has ended, in order."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0
        return time.monotonic() - began


class Stream:
    """An open stream; what it says is read one event after the other."""

    def __init__(self, response):
        self.response = response
        assert response.status_code == 200, response.text
        self.lines = response.iter_lines(chunk_size=1)

    def __iter__(self):
        """Events, until the stream ends in order; a cut raises ChunkedEncodingError."""
        return (json.loads(line[5:])["result"] for line in self.lines if line.startswith(b"data:"))

    def states(self):
        """The states that the rest of it tells."""
        return [state for event in self if (state := state_of(event))]

    def drop(self):
        self.response.close()


def state_of(event):
    (kind,) = event
    return event[kind].get("status", {}).get("state", "").removeprefix("TASK_STATE_")


def task_id_of(event):
    (kind,) = event
    return event[kind]["id"] if kind == "task" else event[kind]["taskId"]


def message(skill_id, given, **more):
    metadata = {"metadata": {"skillId": skill_id}} if skill_id else {}
    parts = [{"data": given}] if given is not None else [{"text": "hello"}]
    return {"messageId": uuid.uuid4().hex, "role": "ROLE_USER", "parts": parts, **metadata, **more}


def as_(name):
    return {"X-API-Key": f"{name}-{'k' * 32}"}


class Miner:
    """Answers nobody before `answer()`, nor after `hold()`."""

    def __init__(self):
        self._may_answer = threading.Event()
        self.server = PatternMinerStandIn()
        self.server.answers.trouble = self._wait
        self._says = says(200, self.server._analyze({"repository": "acme/api", "file_paths": []}))

    def _wait(self, handler):
        self._may_answer.wait()
        with suppress(OSError):  # whoever asked may be gone
            self._says(handler)

    def answer(self):
        self._may_answer.set()

    def hold(self):
        self._may_answer.clear()


@contextmanager
def waiting_miner():
    miner = Miner()
    with miner.server:
        yield miner
        miner.answer()


@contextmanager
def gateway(folder, **environment):
    port, log = free_port(), folder / f"gateway-{uuid.uuid4().hex[:6]}.log"
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "KNOWLEDGE": str(folder / "knowledge.git"),
        "GOOGLE_CLOUD_PROJECT": "p",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
        "DATABASE_URL": f"sqlite:///{folder / 'state.db'}",
        "GUNICORN_CMD_ARGS": "",
        "API_KEYS": "\n".join(f"{name}={as_(name)['X-API-Key']}" for name in NAMES),
        "ALLOWED_SERVICE_ACCOUNTS": ",".join(NAMES),
        "REQUESTS_PER_MINUTE": "100000",
        "ALLOW_PRIVATE_TARGETS": "true",
        "PYTHONPATH": str(Path(__file__).parent),
        "PYTHONUNBUFFERED": "1",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            COMMAND, env={**os.environ, **settings, **environment}, stdout=output, start_new_session=True
        )
    running = Gateway(port, log, process)
    try:
        until_answered(running)
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until_answered(running):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return running.health_seconds()
        except requests.ConnectionError:
            time.sleep(0.05)
    raise TimeoutError(running.url)


def settled(look, wanted, *, seconds=20):
    """What `look()` gives once `wanted` holds of it; the last of it where that does not come."""
    until = time.monotonic() + seconds
    while not wanted(found := look()) and time.monotonic() < until:
        time.sleep(0.1)
    return found
