"""Which Pub/Sub is taken, and what is said where a part of it is missing."""

import sys

import pytest

from devnexus.errors import ConfigurationError
from devnexus_cli.pubsub_backends import pubsub_for, start_pubsub


def refusal(choice):
    with pytest.raises(ConfigurationError) as raised, start_pubsub(choice):
        pass
    return str(raised.value)


def test_a_pubsub_that_is_given_is_taken_whatever_else_is_chosen():
    environment = {"PUBSUB_EMULATOR_HOST": "pubsub:8085", "DEVNEXUS_PUBSUB": "docker"}
    with pubsub_for(environment) as endpoint:
        assert endpoint == "pubsub:8085"


def test_a_choice_that_is_none_names_those_there_are():
    assert refusal("kafka") == "DEVNEXUS_PUBSUB is embedded, google or docker, not 'kafka'"


def test_without_testcontainers_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "testcontainers", None)
    monkeypatch.setitem(sys.modules, "testcontainers.core.container", None)
    monkeypatch.delitem(sys.modules, "devnexus_cli.docker_pubsub", raising=False)
    assert refusal("docker").endswith("is missing: pip install testcontainers")


def test_without_an_engine_it_is_said_how_to_come_by_one(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    told = refusal("docker")
    assert told.startswith("no container of google/cloud-sdk:emulators: ")
    assert told.endswith("Start Docker, or name another engine in DOCKER_HOST")
