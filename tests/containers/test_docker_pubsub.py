"""`DEVNEXUS_PUBSUB=docker`: Google's emulator in a container that ends with whoever started it."""

import os
import signal
import subprocess
import sys

import pytest
from containers.compose import engine, wait_for
from fakes.git_history import make_repository, service_history
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.labels import LABEL_SESSION_ID

from devnexus_cli.ports import free_port
from devnexus_cli.pubsub_backends import start_pubsub


@pytest.fixture
def containers():
    """Gives the ids of all containers that testcontainers has made, ended ones included."""
    client = engine()
    yield lambda: {one.id for one in client.containers.list(all=True, filters={"label": LABEL_SESSION_ID})}
    client.close()


def start_run(home, repositories, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "devnexus_cli.main", "run", "--home", home],
        env={
            **os.environ,
            "DEVNEXUS_PUBSUB": "docker",
            "PUBSUB_EMULATOR_HOST": "",
            "REPOS": str(repositories),
            "WEBHOOK_PORT": str(free_port()),
            "GATEWAY_PORT": str(free_port()),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_container_ends_with_the_block_and_leaves_its_log(containers, tmp_path):
    before = containers()
    with start_pubsub("docker", log=tmp_path / "log"):
        assert len(containers() - before) == 1
    assert containers() == before
    assert "Pub/Sub" in (tmp_path / "log").read_text()


def test_a_run_pushes_through_it(containers, tmp_path):
    before = containers()
    make_repository(tmp_path / "svc", service_history(3))
    output, _ = (run := start_run(tmp_path / "home", tmp_path / "svc", ONCE="1")).communicate(timeout=120)
    assert run.returncode == 0, output
    assert "0 lost" in output
    assert containers() == before


def test_a_run_that_is_interrupted_leaves_no_container_behind(containers, tmp_path):
    before = containers()
    make_repository(tmp_path / "svc", service_history(3))
    run = start_run(tmp_path / "home", tmp_path / "svc")
    wait_for(lambda: containers() - before, run.poll)  # then it has only begun to start
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 130, output
    assert containers() == before


def test_ctrl_c_at_the_moment_that_the_container_is_made_leaves_none_behind(containers, monkeypatch):
    create = DockerClient.create

    def create_and_interrupt(*arguments, **options):
        made = create(*arguments, **options)
        os.kill(os.getpid(), signal.SIGINT)
        return made

    before = containers()
    monkeypatch.setattr(DockerClient, "create", create_and_interrupt)
    with pytest.raises(KeyboardInterrupt), start_pubsub("docker"):
        pass
    assert containers() == before
