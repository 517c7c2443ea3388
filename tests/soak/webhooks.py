"""Webhooks, signed as GitHub signs them, sent until they are taken as `devnexus github recover` would."""

import heapq
import itertools
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random

from devnexus.secrets import Secret
from soak.ledger import Ledger
from soak.organisation import Made
from webhook_receiver.signature import sign

_SENDERS = 6
_PATIENCE_SECONDS = 10.0
"""So long GitHub waits for an answer."""

_AGAIN_SECONDS = (1.0, 4.0)
NO_ANSWER = 0


@dataclass(frozen=True)
class Webhook:
    """One webhook and what its answers may be; 503 and no answer at all: it is sent again."""

    kind: str
    body: bytes
    headers: dict[str, str]
    answers: frozenset[int]
    push: str | None = None
    """The push that it tells of."""


def of_push(made: Made, secret: Secret) -> Webhook:
    """The webhook of a push."""
    body = json.dumps(made.payload).encode()
    return Webhook("push", body, signed(body, secret), frozenset({202}), made.push.id)


def signed(body: bytes, secret: Secret, *, event: str = "push") -> dict[str, str]:
    """The headers that GitHub sends with a body."""
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(body, secret),
    }


@dataclass(order=True)
class _Due:
    at: float
    number: int
    webhook: Webhook = field(compare=False)


class Outbox:
    """Sends what is put into it, several at a time, each not before its time."""

    def __init__(self, port: int, ledger: Ledger, random: Random) -> None:
        self._port, self._ledger, self._random = port, ledger, random
        self._waiting: list[_Due] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._in_hand = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"webhooks {number}", daemon=True)
            for number in range(_SENDERS)
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def put(self, webhook: Webhook, *, in_seconds: float = 0.0) -> None:
        """Send it then."""
        with self._changed:
            due = _Due(time.monotonic() + in_seconds, next(self._numbers), webhook)
            heapq.heappush(self._waiting, due)
            self._changed.notify()

    def left(self) -> int:
        """How many are not taken yet."""
        with self._changed:
            return len(self._waiting) + self._in_hand

    def close(self) -> None:
        """Send nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while webhook := self._next():
            self._send(webhook)
            with self._changed:
                self._in_hand -= 1

    def _next(self) -> Webhook | None:
        with self._changed:
            while not self._closed:
                pause = self._waiting[0].at - time.monotonic() if self._waiting else None
                if pause is not None and pause <= 0:
                    self._in_hand += 1
                    return heapq.heappop(self._waiting).webhook
                self._changed.wait(pause)
        return None

    def _send(self, webhook: Webhook) -> None:
        if webhook.push:
            self._ledger.attempted()
        status, answer = _post(self._port, webhook)
        if status in webhook.answers:
            self._note(webhook, answer)
        elif status in {503, NO_ANSWER}:
            if webhook.push:
                self._ledger.was_refused(str(status or "without an answer"))
            self.put(webhook, in_seconds=self._random.uniform(*_AGAIN_SECONDS))
        else:
            self._ledger.got_wrong(f"webhook {webhook.kind}: {status} {answer[:100]!r}")

    def _note(self, webhook: Webhook, answer: bytes) -> None:
        if webhook.push is None:
            self._ledger.was_turned_away(webhook.kind)
            return
        told = json.loads(answer).get("event_id")
        if told == webhook.push:
            self._ledger.accepted(webhook.push)
        else:
            self._ledger.got_wrong(f"{webhook.push} was taken as {told}")


def _post(port: int, webhook: Webhook) -> tuple[int, bytes]:
    """Status and body of the answer; status 0: there was none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("POST", "/webhooks/github", webhook.body, webhook.headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return NO_ANSWER, b""
    finally:
        connection.close()


Maker = Callable[[Secret], Webhook]


def _foreign(kind: str, body: bytes, status: int, *, event: str = "push") -> Maker:
    return lambda secret: Webhook(kind, body, signed(body, secret, event=event), frozenset({status}))


def _push_with(**changes: object) -> bytes:
    repository = {
        "id": 1,
        "full_name": "acme/broken",
        "html_url": "https://github.com/acme/broken",
        "default_branch": "main",
        "pushed_at": 1,
    }
    push = {"ref": "refs/heads/main", "before": "a" * 40, "after": "b" * 40, "repository": repository}
    return json.dumps({**push, **changes}).encode()


def _unsigned(secret: Secret) -> Webhook:
    body = _push_with()
    headers = {**signed(body, secret), "X-Hub-Signature-256": sign(body, Secret(b"another"))}
    return Webhook("signed by somebody else", body, headers, frozenset({401}))


def _oversized(secret: Secret) -> Webhook:
    """GitHub sends nothing of that size; the answer may come before all of it is sent."""
    body = bytes(26 * 1024 * 1024)
    return Webhook("too large", body, signed(body, secret), frozenset({413, NO_ANSWER}))


FOREIGN: tuple[Maker, ...] = (
    _unsigned,
    _oversized,
    _foreign("not JSON", b"{", 400),
    _foreign("deep", b"[" * 200_000, 400),
    _foreign("not an object", b"[]", 400),
    _foreign("no commit", _push_with(after="HEAD"), 400),
    _foreign("surrogates", _push_with(ref="refs/heads/main", before="\ud83d" * 40), 400),
    _foreign("a tag", _push_with(ref="refs/tags/v1"), 200),
    _foreign("a deletion", _push_with(after="0" * 40, deleted=True), 200),
    _foreign("a ping", b'{"zen": "x"}', 200, event="ping"),
    _foreign("unknown", b"{}", 200, event="star"),
)
"""Webhooks that lead to nothing."""
