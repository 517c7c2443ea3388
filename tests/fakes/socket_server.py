"""A socket on this machine that answers as no HTTP server would."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def server_that(act: Callable[[socket.socket], object]) -> Iterator[str]:
    """The web address of a socket that gives its one connection to `act`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                act(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook?token=hidden"
        thread.join(5)


def says(answer: bytes) -> Callable[[socket.socket], None]:
    """Whatever was asked, that is the answer, and the end."""

    def act(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    return act


def drips(text: bytes, *, after: bytes = b"") -> Callable[[socket.socket], None]:
    """Byte after byte, each long before anybody would give up."""

    def act(connection: socket.socket) -> None:
        connection.recv(65536)
        try:
            connection.sendall(after)
            for byte in text * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.005)
        except OSError:
            pass  # cut off, as it should be

    return act


class Flood:
    """An answer without end, and how much of it was sent before the other side closed."""

    def __init__(self, head: bytes, *, most: int = 100_000_000) -> None:
        self._head = head
        self._most = most
        self.sent = 0

    def __call__(self, connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(self._head)
        try:
            while self.sent < self._most:
                self.sent += connection.send(b"0" * 65536)
        except OSError:
            pass  # closed by the other side
