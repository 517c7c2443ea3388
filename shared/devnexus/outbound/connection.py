"""A connection to an address that was looked at, and its end at a given moment."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache

from devnexus.outbound.web_address import WebAddress

_CONNECT_SECONDS = 5.0

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the IP addresses of a host; raises OSError or UnicodeError if it has none."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses that this machine's resolver gives, best first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def connect(
    address: WebAddress, hosts: Sequence[str], *, tls: ssl.SSLContext | None, until: float
) -> socket.socket:
    """A connection to the first of the IP addresses that answers; raise OSError if none does by `until`.

    The certificate is checked against the name in `address`.
    """
    connected = _first_that_answers(hosts, address.port, until)
    if address.scheme == "http":
        return connected
    try:
        connected.settimeout(seconds_left(until))
        return (tls or _trusting_public_authorities()).wrap_socket(connected, server_hostname=address.host)
    except BaseException:
        connected.close()
        raise


@contextmanager
def cut_off(connected: socket.socket, until: float) -> Iterator[None]:
    """End the connection at `until`: a timeout of the socket would begin anew with every byte."""

    def cut() -> None:
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)  # below TLS, which may be in use

    connected.settimeout(seconds_left(until))
    timer = threading.Timer(seconds_left(until), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def seconds_left(until: float) -> float:
    """From now to `until` of the monotonic clock; a moment where that has passed."""
    return max(until - time.monotonic(), 0.001)


@cache
def _trusting_public_authorities() -> ssl.SSLContext:
    return ssl.create_default_context()  # reads hundreds of certificates, so once


def _first_that_answers(hosts: Sequence[str], port: int, until: float) -> socket.socket:
    failure: OSError = OSError("it has no address")
    for host in hosts:
        try:
            return socket.create_connection((host, port), timeout=min(_CONNECT_SECONDS, seconds_left(until)))
        except OSError as error:
            failure = error
    raise failure
