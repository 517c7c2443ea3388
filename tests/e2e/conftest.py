"""The stack that end-to-end tests run against: processes of this machine, or docker-compose.yml."""

import uuid
from contextlib import contextmanager
from functools import partial

import pytest
from containers.compose import build_images
from containers.stack import ContainerStack, this_machine

from devnexus_cli.stack import Stack


@pytest.fixture(scope="session")
def start_stack(request, pubsub, tmp_path_factory):
    """`with start_stack(home=…, repositories=…, NAME="…") as stack`: all services, with these variables."""
    if request.config.getoption("--stack") == "processes":
        return partial(_processes, pubsub)
    build_images()
    return partial(ContainerStack, readable=tmp_path_factory.getbasetemp())


@contextmanager
def _processes(pubsub, *, home, repositories, **environment):
    with pytest.MonkeyPatch.context() as variables:
        for name, value in environment.items():
            variables.setenv(name, value)
        project = f"e2e-{uuid.uuid4().hex[:8]}"
        with Stack(home=home, repositories=repositories, pubsub=pubsub, project=project) as stack:
            yield stack


@pytest.fixture(scope="session")
def this_host(request):
    """The address at which the services of `start_stack` reach what a test serves."""
    return "127.0.0.1" if request.config.getoption("--stack") == "processes" else this_machine()
