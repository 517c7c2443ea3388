"""The services that Pub/Sub and Scheduler call, as processes: who comes in, and where none starts."""

import os
import threading
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from fakes.issuer import AUDIENCE, Certificates, token
from fakes.knowledge import make_store

import a2a_gateway.main
import extractor.main
import kb_writer.main
import notifier.main
import similarity.main
import webhook_receiver.main
from devnexus.start import CANNOT_START
from devnexus_cli.ports import free_port
from devnexus_cli.processes import Child, end_all
from devnexus_cli.stack import COMMANDS

PUBSUB = "pubsub@nexus.iam.gserviceaccount.com"
ROUTES = {
    "extractor": {"/events": 400, "/reanalyse": 200},
    "notifier": {"/events": 400, "/tick": 200, "/agents/health": 200},
    "similarity": {"/events": 400},
}
"""Service → route → what somebody is answered there who may come in, and sends `{}`."""

STARTS = [
    a2a_gateway.main.create_app,
    extractor.main.create_app,
    partial(kb_writer.main.run, os.environ, threading.Event()),
    notifier.main.create_app,
    similarity.main.create_app,
    webhook_receiver.main.create_app,
]
STRANGERS = {
    None: 401,
    token(PUBSUB, aud="https://evil.example"): 401,
    token("eve@evil.iam.gserviceaccount.com"): 403,
}


@pytest.fixture
def services(tmp_path):
    """The port of each service."""
    make_store(tmp_path / "knowledge.git").close()
    with ExitStack() as stack:
        google = stack.enter_context(Certificates("a"))
        children = {}
        stack.callback(lambda: end_all([child for child, _ in children.values()]))
        for service in ROUTES:
            children[service] = started(service, tmp_path, google)
        for child, port in children.values():
            child.wait_until(lambda port=port: ask(port, "GET", "/health") == 200, seconds=60)
        yield {service: port for service, (_, port) in children.items()}


def started(service, folder, google):
    port = free_port()
    environment = {
        **{"GOOGLE_CLOUD_PROJECT": "p", "PUBSUB_EMULATOR_HOST": "127.0.0.1:1", "HOST": "127.0.0.1"},
        **{"AUDIENCE": AUDIENCE, "INVOKERS": PUBSUB, "TEST_CERTIFICATES": google.url},
        **{"KNOWLEDGE": str(folder / "knowledge.git"), "REPOSITORIES_DIR": str(folder)},
        **{"DATABASE_URL": f"sqlite:///{folder / service}.db", "ANTHROPIC_API_KEY": "none"},
        **{"PORT": str(port), "GUNICORN_CMD_ARGS": "", "PYTHONPATH": str(Path(__file__).parents[1])},
    }
    command = (*COMMANDS[service][:-1], f"invoked:{service}()")
    return Child(service, command, environment=environment, log=folder / f"{service}.log"), port


def ask(port, method, path, text=None):
    """The status, or None where there is no answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {text}"} if text else {})}
    try:
        connection.request(method, path, body="{}" if method == "POST" else None, headers=headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def test_pubsub_and_scheduler_come_in_at_each_route_and_strangers_at_none(services):
    for service, paths in ROUTES.items():
        for path, status in paths.items():
            post = partial(ask, services[service], "POST", path)
            assert {text: post(text) for text in STRANGERS} == STRANGERS, (service, path)
            assert post(token(PUBSUB)) == status, (service, path)
        assert ask(services[service], "GET", "/health") == 200


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("variable", ["K_SERVICE", "CLOUD_RUN_WORKER_POOL"])
def test_on_cloud_run_nothing_starts_next_to_an_emulator(monkeypatch, capsys, start, variable):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv(variable, "here")
    with pytest.raises(SystemExit) as ended:
        start()
    assert ended.value.code == CANNOT_START
    assert "PUBSUB_EMULATOR_HOST is set, and this is Cloud Run" in capsys.readouterr().out
