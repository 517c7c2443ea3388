"""One attempt to tell a receiver, and what its refusal means."""

from dataclasses import dataclass
from http import HTTPStatus

from a2a.types.a2a_pb2 import TaskPushNotificationConfig

from a2a_gateway.protocol.push_body import Body
from a2a_gateway.protocol.push_config import headers_of
from devnexus.outbound import Answer, NoAnswer, NotPublic, Outbound, Resolve, WebAddress, web_address
from devnexus.outbound.connection import resolve

_MAY_PASS = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS},
)
"""Besides everything that a server says of itself (5xx)."""


@dataclass(frozen=True)
class Refusal:
    """Why the receiver has not taken it."""

    reason: str
    """It names no secret and quotes nobody."""
    may_pass: bool
    retry_after: float = 0.0
    """Seconds for which the receiver wants to be left alone."""


class Post:
    """POSTs notifications to the Internet. Several threads may; an attempt takes ten seconds at most."""

    def __init__(self, *, allow_private: bool = False, resolve: Resolve = resolve) -> None:
        """`allow_private`: also to this machine, over plain HTTP; for tests."""
        self._allow_private = allow_private
        self._outbound = Outbound(allow_private=allow_private, resolve=resolve)

    def __call__(self, config: TaskPushNotificationConfig, body: Body) -> Refusal | None:
        """Return None once the receiver has taken it."""
        try:
            address = web_address(config.url, allow_private=self._allow_private)
        except ValueError:
            return Refusal("its address may not be told", may_pass=False)
        headers = {"Content-Type": body.content_type, "User-Agent": "dev-nexus", **headers_of(config)}
        try:
            answer = self._outbound.tell("POST", address, headers=headers, body=body.content)
        except NotPublic:
            return Refusal(f"{address.host} is not at a public address", may_pass=False)
        except NoAnswer as error:
            return Refusal(str(error), may_pass=True)
        return None if 200 <= answer.status < 300 else _refusal(address, answer)


def _refusal(address: WebAddress, answer: Answer) -> Refusal:
    hint = "; redirects are not followed" if 300 <= answer.status < 400 else ""
    return Refusal(
        f"{address.host} answered {answer.status}{hint}",
        may_pass=answer.status >= 500 or answer.status in _MAY_PASS,
        retry_after=answer.retry_after or 0.0,
    )
