"""What a pull says when there is nobody to pull from."""

import socket

import pytest

from devnexus.errors import Unavailable
from devnexus.topology import load_topology
from kb_writer.pull import Puller


def test_a_pubsub_that_takes_the_connection_and_says_nothing_is_not_an_empty_subscription(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{silent.getsockname()[1]}")
        puller = Puller(project="p", subscription=load_topology().subscription("kb-writer"))
        with pytest.raises(Unavailable, match="no connection"):
            puller.pull(1)
        puller.close()
