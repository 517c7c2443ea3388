"""The door itself: one request to an address that was checked before the connection was made.

The name is resolved once and the connection goes to the address that was looked at, so a name that
resolves to something else a moment later (DNS rebinding) leads nowhere.
"""

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse

from devnexus.outbound.answer import MOST, Answer, Unreadable, with_body, without_body
from devnexus.outbound.connection import Resolve, connect, cut_off, resolve
from devnexus.outbound.web_address import WebAddress, is_public

_SECONDS = 10.0
"""From the first packet to the last."""


class NoAnswer(Exception):
    """There is no answer to speak of; the text names host and reason, and nothing that the host wrote."""


class NotPublic(NoAnswer):
    """The host is in a network of its own; nothing was sent there, and another time nothing would be."""


class Outbound:
    """Asks web addresses: no redirects, no proxies, no connection kept. Any number of threads may."""

    def __init__(
        self,
        *,
        allow_private: bool,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        """`seconds`: how long a request takes at most, after the name was resolved."""
        self._allow_private = allow_private
        self._resolve = resolve
        self._tls = tls
        self._seconds = seconds

    def request(
        self,
        method: str,
        address: WebAddress,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        most: int = MOST,
        seconds: float | None = None,
    ) -> Answer:
        """The answer with its body, whatever its status.

        Raises NoAnswer if there is none within the time (`seconds`, where it is not the usual), or if its
        body is longer than `most` bytes or breaks off.
        """
        return self._ask(method, address, headers, body, most, seconds or self._seconds)

    def tell(
        self, method: str, address: WebAddress, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """The answer without its body, whatever becomes of that; raise NoAnswer if none begins in time."""
        return self._ask(method, address, headers, body, None, self._seconds)

    def _ask(
        self,
        method: str,
        address: WebAddress,
        headers: Mapping[str, str],
        body: bytes | None,
        most: int | None,
        seconds: float,
    ) -> Answer:
        hosts = self._checked(address)
        until = time.monotonic() + seconds
        try:
            with (
                closing(connect(address, hosts, tls=self._tls, until=until)) as connected,
                cut_off(connected, until),
                closing(_response(connected, method, address, headers, body)) as response,
            ):
                _unless_late(until)
                if most is None:
                    return without_body(response)
                answer = with_body(response, most)
                _unless_late(until)
                return answer
        except (OSError, HTTPException) as error:
            late = time.monotonic() >= until or isinstance(error, TimeoutError)
            reason = f"no answer within {seconds:g} s" if late else _reason(error)
            raise NoAnswer(f"{address.host}: {reason}") from error

    def _checked(self, address: WebAddress) -> Sequence[str]:
        try:
            found = self._resolve(address.host, address.port)
        except (OSError, UnicodeError) as error:
            raise NoAnswer(f"{address.host} has no address: {_reason(error)}") from error
        private = [one for one in found if not is_public(one)]
        if private and not self._allow_private:
            raise NotPublic(
                f"{address.host} is at {private[0]}, which is not public "
                "(allowed with ALLOW_PRIVATE_TARGETS=true)"
            )
        return found


def _response(
    connected: socket.socket, method: str, address: WebAddress, headers: Mapping[str, str], body: bytes | None
) -> HTTPResponse:
    # The connection is given its socket, so it makes none itself; the name is only for the header Host.
    connection = HTTPConnection(address.host, address.port)
    connection.default_port = 443 if address.scheme == "https" else 80
    connection.sock = connected
    connection.request(method, address.path, body=body, headers=dict(headers))
    return connection.getresponse()


def _unless_late(until: float) -> None:
    if time.monotonic() >= until:
        raise TimeoutError  # http.client takes what was cut off for an answer that has ended


def _reason(error: Exception) -> str:
    """What went wrong, without anything that the other side wrote."""
    if isinstance(error, Unreadable):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
