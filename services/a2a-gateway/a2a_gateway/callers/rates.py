"""How often somebody may ask, and an answer for those who ask more often."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from a2a_gateway.callers.caller import LOCAL, caller_of
from a2a_gateway.limits import refuse

_WINDOW_SECONDS = 60.0
_MOST_KNOWN = 10_000
_IPV6_PREFIX = 64
"""Bits of an address; the rest a single machine may choose as it likes."""


class Rates:
    """Counts requests by who sends them: up to `per_minute` at once, and again at that pace.

    Knows the last ten thousand who asked. For one thread.
    """

    def __init__(
        self, per_minute: int, *, clock: Callable[[], float] = time.monotonic, most_known: int = _MOST_KNOWN
    ) -> None:
        self._interval = _WINDOW_SECONDS / per_minute
        self._clock = clock
        self._most_known = most_known
        self._done_at: OrderedDict[str, float] = OrderedDict()
        """Who → when all that they asked so far would be done with, at the pace they are allowed."""

    def wait(self, who: str) -> float:
        """0, and the request counts; or the seconds after which they may ask again."""
        now = self._clock()
        done_at = max(self._done_at.get(who, now), now) + self._interval
        too_early = done_at - now - _WINDOW_SECONDS
        if too_early > self._interval / 1000:  # not by rounding alone
            return too_early
        self._done_at[who] = done_at
        self._done_at.move_to_end(who)
        if len(self._done_at) > self._most_known:
            self._done_at.popitem(last=False)
        return 0.0


class RateLimit:
    """Answers 429 to whoever asks more often than they may; who owns this machine may always."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        per_minute: int,
        address_of: Callable[[Scope], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`address_of`: where a request came from, to tell anonymous callers apart."""
        self._app = app
        self._address_of = address_of
        self._verified = Rates(per_minute, clock=clock)
        self._anonymous = Rates(per_minute, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait = self._wait(scope) if scope["type"] == "http" and scope["path"] != "/health" else 0.0
        if wait:
            error, again = "Too many requests", {"retry-after": str(math.ceil(wait))}
            message = (
                "REQUESTS_PER_MINUTE limits how often a caller may ask: wait as long as Retry-After says"
            )
            await refuse(send, HTTPStatus.TOO_MANY_REQUESTS, error, again, message=message)
        else:
            await self._app(scope, receive, send)

    def _wait(self, scope: Scope) -> float:
        caller = caller_of(scope)
        if caller == LOCAL:
            return 0.0
        if caller.is_verified:
            return self._verified.wait(caller.name)
        return self._anonymous.wait(self._address_of(scope))


def peer(scope: Scope) -> str:
    """The address that a request came from, as far as one line of the Internet is concerned."""
    return _line((scope.get("client") or ("",))[0])


def before_cloud_run(scope: Scope) -> str:
    """The same behind Google's front end, which adds it to whatever the header X-Forwarded-For held."""
    told = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return _line(told[-1].decode("latin-1").rpartition(",")[2].strip()) if told else peer(scope)


def _line(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((int(ip), _IPV6_PREFIX), strict=False))
