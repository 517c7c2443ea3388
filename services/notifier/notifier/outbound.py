"""The door to the web: one POST to an address that was checked before the connection was made.

The name is resolved once and the connection goes to the address that was looked at, so a name that
resolves to something else a moment later (DNS rebinding) leads nowhere.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse

from notifier.channel import DeliveryFailed
from notifier.web_address import WebAddress, is_public

_SECONDS = 10.0
"""From the first packet to the last."""

_CONNECT_SECONDS = 5.0
_MOST_READ = 64 * 1024
"""Of an answer's body, which nobody looks at: only so that the other side can finish in peace."""

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the IP addresses of a host; raises OSError or UnicodeError if it has none."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    retry_after: float | None = None
    """Seconds, where the header Retry-After names any."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses that this machine's resolver gives, best first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Outbound:
    """POSTs to web addresses: no redirects, no proxies, no connection kept."""

    def __init__(
        self,
        *,
        allow_private: bool,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._tls = tls
        self._seconds = seconds

    def post(self, address: WebAddress, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer, whatever its status; raise DeliveryFailed if there is none within the time."""
        hosts = self._checked(address)
        until = time.monotonic() + self._seconds
        try:
            with closing(self._connect(address, hosts, until)) as connected, _cut_off(connected, until):
                return _exchange(connected, address, body, headers, until)
        except (OSError, HTTPException) as error:
            late = time.monotonic() >= until or isinstance(error, TimeoutError)
            reason = f"no answer within {self._seconds:g} s" if late else _reason(error)
            raise DeliveryFailed(f"{address.host}: {reason}") from error

    def _checked(self, address: WebAddress) -> Sequence[str]:
        try:
            found = self._resolve(address.host, address.port)
        except (OSError, UnicodeError) as error:
            raise DeliveryFailed(f"{address.host} has no address: {_reason(error)}") from error
        private = [one for one in found if not is_public(one)]
        if private and not self._allow_private:
            raise DeliveryFailed(
                f"{address.host} is at {private[0]}, which is not public "
                "(allowed with ALLOW_PRIVATE_TARGETS=true)"
            )
        return found

    def _connect(self, address: WebAddress, hosts: Sequence[str], until: float) -> socket.socket:
        connected = _first_that_answers(hosts, address.port, until)
        if address.scheme == "http":
            return connected
        try:
            connected.settimeout(_left(until))
            return (self._tls or _trusting_public_authorities()).wrap_socket(
                connected, server_hostname=address.host
            )
        except BaseException:
            connected.close()
            raise


@cache
def _trusting_public_authorities() -> ssl.SSLContext:
    return ssl.create_default_context()  # reads hundreds of certificates, so once


def _first_that_answers(hosts: Sequence[str], port: int, until: float) -> socket.socket:
    failure: OSError = OSError("it has no address")
    for host in hosts:
        try:
            return socket.create_connection((host, port), timeout=min(_CONNECT_SECONDS, _left(until)))
        except OSError as error:
            failure = error
    raise failure


def _exchange(
    connected: socket.socket, address: WebAddress, body: bytes, headers: Mapping[str, str], until: float
) -> Answer:
    # The connection is given its socket, so it makes none itself; the name is only for the header Host.
    connection = HTTPConnection(address.host, address.port)
    connection.default_port = 443 if address.scheme == "https" else 80
    connection.sock = connected
    connection.request("POST", address.path, body=body, headers=dict(headers))
    response = connection.getresponse()
    with closing(response):
        if time.monotonic() >= until:
            raise TimeoutError  # http.client takes what was cut off for an answer that has ended
        with suppress(OSError, HTTPException):
            if response.fp:  # not `response.read`: a chunk of size -1 would make it read without end
                response.fp.read1(_MOST_READ)
        return Answer(status=response.status, retry_after=_retry_after(response))


@contextmanager
def _cut_off(connected: socket.socket, until: float) -> Iterator[None]:
    """End the connection at `until`: a timeout of the socket would begin anew with every byte."""

    def cut() -> None:
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)  # below TLS, which may be in use

    connected.settimeout(_left(until))
    timer = threading.Timer(_left(until), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.001)


def _retry_after(response: HTTPResponse) -> float | None:
    value = (response.getheader("Retry-After") or "").strip()
    return float(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _reason(error: Exception) -> str:
    """What went wrong, without anything that the other side wrote."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
