"""Stands for GitHub's side of an App: where it is installed, its webhooks, and the memory of each attempt.

From here and not from the backend, as GitHub's documentation has it: the lists of installations and of
their repositories, `pushed_at`, deliveries with their attempts (newest first, by cursor), deliveries again
under the same guid, and webhooks that fail or are never sent.
"""

import json
import re
import uuid
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives import serialization
from push_payloads import Hosted, Ref, push_payload, told_commit

from fakes.github_gate import Backend, Request, Response, answer

HOST = "github.example.com"
INSTALLATION = 1
Receive = Callable[[bytes, Mapping[str, str]], int]


@dataclass
class Delivery:
    """One webhook."""

    guid: str
    event: str
    body: bytes
    repository: int | None


@dataclass
class Attempt:
    id: int
    delivery: Delivery
    at: datetime
    status: int
    is_redelivery: bool


@dataclass
class AppDesk:
    """What GitHub knows of the App."""

    receive: Receive
    """The receiver: gets body and headers, and answers with a status; 0: nobody is there."""
    app_key: str
    now: datetime
    owner: str = "acme"
    installed: dict[str, dict[str, object]] = field(default_factory=dict)
    """Name → what GitHub says of that repository."""
    attempts: list[Attempt] = field(default_factory=list)
    never_sent: int = 0

    def install(self, name: str) -> None:
        self.installed[name] = {
            "id": zlib.crc32(name.encode()),
            "full_name": name,
            "default_branch": "main",
            "html_url": f"https://{HOST}/{name}",
            "private": True,
            "pushed_at": None,
        }

    def pushed(self, name: str, before: str, after: str, *, send: bool = True) -> None:
        """A push happened; its webhook goes out, or never does."""
        self.installed[name]["pushed_at"] = _written(self.now)
        number, at = int(str(self.installed[name]["id"])), int(self.now.timestamp())
        hosted, moved = Hosted(name, number, host=HOST), Ref("refs/heads/main", before, after, at)
        commit = told_commit(
            hosted,
            after,
            tree="e" * 40,
            message="A step",
            timestamp=_written(self.now),
            author=("Ada", "ada@example.org"),
            committer=("Ada", "ada@example.org"),
            paths={},
        )
        body = push_payload(hosted, moved, commits=[commit], head=commit, forced=False)
        if send:
            self._attempt(Delivery(str(uuid.uuid4()), "push", json.dumps(body).encode(), number))
        else:
            self.never_sent += 1

    def answer(self, request: Request, backend: Backend) -> Response | None:
        """None where the backend knows better."""
        if request.path.startswith(("/app/hook/", "/app/installations")) and not self._is_app(request):
            return answer(401, {"message": "A JSON web token could not be decoded"})
        again = re.fullmatch(r"/app/hook/deliveries/(\d+)/attempts", request.path)
        if again and request.method == "POST":
            return self._again(int(again[1]))
        if request.path == "/app/hook/deliveries":
            return self._deliveries(request)
        if request.path == "/app/installations":
            installation = {"id": INSTALLATION, "account": {"login": self.owner}, "suspended_at": None}
            return answer(200, [installation])
        if request.path == "/installation/repositories":
            rows = _page(list(self.installed.values()), request)
            return answer(200, {"total_count": len(self.installed), "repositories": rows})
        described = re.fullmatch(r"/repos/([^/]+/[^/]+)", request.path)
        if described and described[1] in self.installed:
            return answer(200, self.installed[described[1]])
        return None

    def _attempt(self, delivery: Delivery, *, again: bool = False) -> None:
        headers = {"X-GitHub-Event": delivery.event, "X-GitHub-Delivery": delivery.guid}
        status = self.receive(delivery.body, headers)
        number = len(self.attempts) + 1000
        self.attempts.append(Attempt(number, delivery, self.now, status, again))

    def _again(self, number: int) -> Response:
        found = next((one for one in self.attempts if one.id == number), None)
        if found is None or self.now - found.at > timedelta(days=3):
            return answer(404, {"message": "Not Found"})
        self._attempt(found.delivery, again=True)
        return answer(202, {})

    def _deliveries(self, request: Request) -> Response:
        newest_first = self.attempts[::-1]
        start, size = int(request.query.get("cursor", "v1_0")[3:]), int(request.query.get("per_page", "30"))
        rows = [_told(one) for one in newest_first[start : start + size]]
        if start + size >= len(newest_first):
            return answer(200, rows)
        address = f"<https://{HOST}/app/hook/deliveries?per_page={size}&cursor=v1_{start + size}>"
        return answer(200, rows, Link=f'{address}; rel="next"')

    def _is_app(self, request: Request) -> bool:
        token = request.headers.get("authorization", "").partition(" ")[2]
        key = serialization.load_pem_private_key(self.app_key.encode(), None).public_key()
        try:
            jwt.decode(token, key, algorithms=["RS256"])  # type: ignore[arg-type]
        except jwt.PyJWTError:
            return False
        return True


def _page(rows: list[dict[str, object]], request: Request) -> list[dict[str, object]]:
    size, page = int(request.query.get("per_page", "30")), int(request.query.get("page", "1"))
    return rows[size * (page - 1) : size * page]


def _told(attempt: Attempt) -> dict[str, object]:
    return {
        "id": attempt.id,
        "guid": attempt.delivery.guid,
        "delivered_at": _written(attempt.at),
        "redelivery": attempt.is_redelivery,
        "duration": 0.1,
        "status": "OK" if 200 <= attempt.status < 300 else "failed to connect",
        "status_code": attempt.status,
        "event": attempt.delivery.event,
        "action": None,
        "installation_id": INSTALLATION,
        "repository_id": attempt.delivery.repository,
        "throttled_at": None,
    }


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
