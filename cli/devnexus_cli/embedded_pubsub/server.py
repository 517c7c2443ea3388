"""Puts the broker behind a gRPC port."""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import grpc

from devnexus_cli.embedded_pubsub.broker import Broker
from devnexus_cli.embedded_pubsub.directory import Subscription
from devnexus_cli.embedded_pubsub.grpc_api import PublisherApi, SubscriberApi
from devnexus_cli.embedded_pubsub.push import start_pushing

_THREADS = 64
"""Calls in hand at a time: every consumer of ours may wait in a pull while others publish."""

_OPTIONS = (
    # Without this a second server on the same port starts, and gets a part of the calls.
    ("grpc.so_reuseport", 0),
    # Twice what production takes, so that it is our limit that refuses a large message, with its reason.
    ("grpc.max_receive_message_length", 20_000_000),
)


class EmbeddedPubSub:
    """A running server: `with EmbeddedPubSub() as server:` and the client's endpoint is `server.endpoint`.

    Port 0 takes a free one. Raises OSError if the port is in use. `server.broker` is the state behind
    it, with `faults` to play; a test that passes its own clock calls `server.broker.advance()` after
    turning it. The broker ends with the server: start a new one instead of starting it again.
    """

    def __init__(
        self, port: int = 0, *, host: str = "127.0.0.1", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.broker = Broker(clock=clock, on_push=self._start_pushing)
        self._host = host
        self._port = port
        self._calls = ThreadPoolExecutor(_THREADS, thread_name_prefix="pubsub")
        self._server = grpc.server(self._calls, options=_OPTIONS)
        self._time_keeper = threading.Thread(target=self.broker.keep_time, name="pubsub-time", daemon=True)

    @property
    def endpoint(self) -> str:
        """The value for PUBSUB_EMULATOR_HOST."""
        return f"{self._host}:{self._port}"

    def start(self) -> None:
        """Serve in the background."""
        _refuse_a_port_in_use(self._host, self._port)
        self._server.add_generic_rpc_handlers(
            (PublisherApi(self.broker).handler(), SubscriberApi(self.broker).handler())
        )
        self._port = self._server.add_insecure_port(self.endpoint)
        self._server.start()
        self._time_keeper.start()

    def stop(self) -> None:
        """Cut off the calls in hand and free the port."""
        self.broker.close()
        self._server.stop(grace=None).wait()
        self._calls.shutdown()
        self._time_keeper.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _start_pushing(self, subscription: Subscription) -> None:
        start_pushing(self.broker, subscription)


def _refuse_a_port_in_use(host: str, port: int) -> None:
    """Raise OSError where gRPC would write its own lines to stderr and raise a RuntimeError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
