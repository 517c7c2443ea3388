"""A gateway over HTTP, asked with what comes with Python."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import quote, urlsplit

from devnexus.errors import ConfigurationError, ServiceError
from devnexus.values import canonical_json, load_json

_SECONDS = 90.0
"""A write waits some seconds for its commit, and a task as many before it is told of as one."""

_LONGEST = 32_000_000
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class NotReached(ServiceError):
    """Nothing that could be understood came back."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: Mapping[str, object]


def is_address(url: str) -> bool:
    """Whether something may answer there."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_whole and url.isprintable() and " " not in url


def is_here(url: str) -> bool:
    """Whether the address is this machine's, for which no proxy is asked."""
    return urlsplit(url).hostname in _HERE


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Whoever is asked is not to send our credentials on to somebody else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """None: the redirect is the answer."""


class Gateway:
    """Whatever answers at one address."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        """`headers` say who asks. Raises ConfigurationError where `url` is no address."""
        if not is_address(url):
            raise ConfigurationError(f"{url!r} is not an address such as https://nexus.example.com")
        self.url = url.rstrip("/")
        self._headers = headers
        proxies = [urllib.request.ProxyHandler({})] if is_here(url) else []
        self._opener = urllib.request.build_opener(_NoRedirects, *proxies)

    def card(self) -> object:
        """How it presents itself to agents."""
        return self._ask("GET", "/.well-known/agent.json").body

    def call(self, skill: str, given: Mapping[str, object]) -> Reply:
        """What it answers to a call."""
        return self._ask("POST", f"/skills/{quote(skill, safe='')}", given)

    def task(self, task_id: str) -> Reply:
        """How far a task is."""
        return self._ask("GET", f"/a2a/workflow/{quote(task_id, safe='')}")

    def cancel(self, task_id: str) -> Reply:
        """What it says to a task not being wanted any more."""
        return self._ask("POST", "/a2a/cancel", {"task_id": task_id})

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Reply:
        content = None if body is None else canonical_json(body)
        headers = {"Accept": "application/json", "Content-Type": "application/json", **self._headers}
        request = urllib.request.Request(f"{self.url}{path}", content, headers, method=method)
        try:
            with self._opener.open(request, timeout=_SECONDS) as response:
                return _reply(response.status, response.read(_LONGEST), self.url)
        except urllib.error.HTTPError as refused:
            with refused:
                return _reply(refused.code, refused.read(_LONGEST), self.url)
        except (OSError, HTTPException) as error:
            why = getattr(error, "reason", error)
            raise NotReached(
                f"nothing answers at {self.url} ({why}). Start a stack here with `devnexus run`, name its"
                " folder with --home, or a service with --url"
            ) from error


def _reply(status: int, content: bytes, url: str) -> Reply:
    try:
        body: Any = load_json(content)
    except ValueError as error:
        raise NotReached(f"{url} answers {status} and no JSON: is that a gateway?") from error
    if not isinstance(body, dict):
        raise NotReached(f"{url} answers {status} and no JSON object: is that a gateway?")
    return Reply(status, body)
