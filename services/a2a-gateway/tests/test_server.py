"""The real process, started with the command of its image."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest
import requests

from devnexus_cli.ports import free_port

COMMAND = (
    *(sys.executable, "-m", "gunicorn", "--config", "python:a2a_gateway.gunicorn_settings"),
    "a2a_gateway.main:create_app()",
)


@contextmanager
def serving(knowledge, state, **environment):
    port = free_port()
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "KNOWLEDGE": str(knowledge),
        "GOOGLE_CLOUD_PROJECT": "p",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
        "DATABASE_URL": f"sqlite:///{state}",
        "GUNICORN_CMD_ARGS": "",
    }
    process = subprocess.Popen(
        COMMAND,
        env={**os.environ, **settings, **environment},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):  # the worker as well: it holds the pipe open
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(address):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return requests.get(f"{address}/health", timeout=60)
        except requests.ConnectionError:
            time.sleep(0.05)
    raise TimeoutError(address)


def test_the_process_answers_keeps_its_limits_and_ends_in_order(world, tmp_path):
    with serving(tmp_path / "knowledge.git", tmp_path / "state.db") as (process, address):
        health = wait_for(address)
        assert health.json() == {
            "service": "pattern-discovery-agent",
            "version": health.json()["version"],
            "knowledge_base_repo": "knowledge.git",
            "skills_registered": len(world.skills),
            "skills": list(world.skills),
            "database": {"status": "healthy", "version": health.json()["database"]["version"]},
            "status": "healthy",
            "revision": world.store.head(),
            "repositories": 5,
            "stale_seconds": 0,
            "files_with_mistakes": 0,
        }
        call = '{"skill_id": "get_repository_list", "input": {}}'
        chunked = requests.post(f"{address}/a2a/execute", data=iter([call[:9].encode(), call[9:].encode()]))
        assert chunked.json()["total_count"] == 5
        assert requests.post(f"{address}/a2a/execute", data=b" " * 1_000_001).status_code == 413
        assert raw(address, b"GET /overview?page=\xff HTTP/1.1\r\n").startswith(b"HTTP/1.1 4")
        assert endless(address, b"GET /health HTTP/1.1\r\nHost: x\r\nX: ") < 2_000_000
        chunked = b"POST /a2a/execute HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
        assert endless(address, chunked) < 2_000_000
        pieces = chunked.partition(b"0\r\nX: ")[0] + b"1\r\n1\r\n" * 100_000 + b"0\r\n"
        assert b"application/json" in raw(address, pieces.replace(b"Host: x", b"Host: localhost"), b"\r\n")
        rebound = requests.get(f"{address}/overview", headers={"Host": "rebind.example"})
        assert rebound.status_code == 400
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_process_that_nobody_is_named_for_tells_only_its_health_and_cards(world, tmp_path):
    knowledge, state = tmp_path / "knowledge.git", tmp_path / "state.db"
    with serving(knowledge, state, ANONYMOUS_READS="false") as (_, address):
        assert wait_for(address).status_code == 200
        for path in ("/", "/overview", "/.well-known/agent.json", "/style-0.css"):
            answer = requests.get(f"{address}{path}")
            assert (answer.status_code, answer.json()["error"]) == (401, "Authentication required")
        assert requests.post(f"{address}/a2a/execute", data="{}").status_code == 401
        card = requests.get(f"{address}/.well-known/agent-card.json")
        assert card.json()["supportedInterfaces"][0]["url"] == f"{address}/a2a/v1"
        assert "knowledge.git" not in card.text


@pytest.mark.parametrize("knowledge", ["none.git", ""])
def test_a_start_without_a_knowledge_base_ends_with_the_reason(tmp_path, knowledge):
    with serving(tmp_path / knowledge if knowledge else "", tmp_path / "state.db") as (process, _):
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 3
        assert "KNOWLEDGE is not set" in output or "devnexus kb init" in output


def endless(address, head):
    """How many bytes the process takes of a request whose head or trailer has no end."""
    host, _, port = address.removeprefix("http://").partition(":")
    sent = 0
    with socket.create_connection((host, int(port)), timeout=10) as connection, suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        connection.sendall(head)
        while sent < 50_000_000:
            sent += connection.send(b"a" * 65_536)
    return sent


def raw(address, head, end=b"Host: x\r\nConnection: close\r\n\r\n"):
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head + end)
        return connection.recv(1000)
