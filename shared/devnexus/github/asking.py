"""One request to GitHub through PyGithub: no wait longer than some seconds, errors in our own words."""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from github import GithubException, GithubRetry
from github.Requester import Requester
from urllib3 import BaseHTTPResponse, Retry

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.github_refusals import refusal, without_queries

API_URL = "https://api.github.com"
MOVED = (301, 307, 308)
_AGENT = "dev-nexus"


@dataclass(frozen=True)
class Patience:
    """How long the client waits for what, in seconds."""

    answer: int = 10
    between_requests: float = 0.05
    between_writes: float = 1.0
    """GitHub advises a second."""
    longest: float = 15.0
    """Longer waits that GitHub asks for are left to the caller, as Unavailable.retry_after_seconds."""
    tries: int = 3
    """How often a failed read is repeated; a write is sent exactly once."""
    between_looks: tuple[float, ...] = (0.0, 0.5, 1.5)
    """Before each look whether a write arrived whose answer did not."""


PATIENT = Patience()


@dataclass(frozen=True)
class Answer:
    """What GitHub answered to a request that it did."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: Any


def asked(
    requester: Requester,
    one_at_a_time: threading.Lock,
    method: str,
    path: str,
    *,
    about: str,
    headers: Mapping[str, str] | None = None,
    parameters: Mapping[str, str | int] | None = None,
    body: Mapping[str, object] | None = None,
    expected: tuple[int, ...] = (200, 201, 304),
) -> Answer:
    """What GitHub answers to one request; raise Unavailable, as Refused where it will not do it."""
    try:
        with one_at_a_time:
            status, answered, text = requester.requestJson(
                method, path, dict(parameters or {}), dict(headers or {}), body
            )
        if status in expected:
            return Answer(status, answered, json.loads(text) if status in {200, 201} else None)
        raise GithubException(status, parsed(text), answered)
    except (GithubException, requests.RequestException, OSError, ValueError, RuntimeError) as error:
        # Not chained: a transport's error may show an address with a token in it.
        raise translated(error, f"{method} {path.partition('?')[0]}", about) from None


def client_settings(environment: Mapping[str, str], patience: Patience) -> dict[str, Any]:
    """What every client of PyGithub is made with; raise ConfigurationError for a wrong GITHUB_API_URL."""
    # At DEBUG PyGithub writes down what it sends and gets, installation tokens included.
    logging.getLogger("github").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.INFO)  # at DEBUG every address
    api = environment.get("GITHUB_API_URL", "").rstrip("/") or API_URL
    if urlsplit(api).scheme not in {"http", "https"} or not urlsplit(api).hostname:
        raise ConfigurationError(f"GITHUB_API_URL: {api!r} is no address like {API_URL}")
    return {
        "base_url": api,
        "timeout": patience.answer,
        "seconds_between_requests": patience.between_requests,
        "seconds_between_writes": patience.between_writes,
        "retry": _retry(patience),
        "user_agent": _AGENT,
        "per_page": 100,
    }


def path_of(location: str) -> str:
    """The path of an address that GitHub leads to."""
    return urlsplit(urljoin(API_URL, location)).path


def headers_of(error: GithubException) -> Mapping[str, str]:
    """The headers of a refusal, by lower-case name."""
    return {name.lower(): str(value) for name, value in (error.headers or {}).items()}


def parsed(text: str) -> Any:  # noqa: ANN401 - what GitHub says about an error, in JSON or not
    """What GitHub says of a refusal, in JSON or not."""
    try:
        return json.loads(text)
    except ValueError:
        return {"message": text[:200]}


def translated(error: Exception, action: str, repository: str) -> Unavailable:
    """The error that a request ended with, in our words."""
    if isinstance(error, GithubException):
        return refusal(error.status, error.data, headers_of(error), action=action, repository=repository)
    said = without_queries(str(error))[:300]
    return Unavailable(f"GitHub did not answer ({action}): {type(error).__name__}: {said}")


class _Retry(GithubRetry):
    """Repeats reads, but neither sleeps as long as GitHub pleases nor follows a repository that moved."""

    def increment(  # type: ignore[override] # PyGithub's own signature differs from urllib3's as well
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        *rest: Any,  # noqa: ANN401 - passed on as it came
        **more: Any,  # noqa: ANN401 - passed on as it came
    ) -> Retry:
        if response is not None:
            asked = response.headers.get("Retry-After")
            too_long = asked is not None and self.parse_retry_after(asked) > (self.max_rate_limit_wait or 0)
            # PyGithub would follow a 301 but forget the query, so that a different question were answered.
            if too_long or response.status in MOVED:
                text = response.data.decode(errors="replace")
                raise GithubException(response.status, parsed(text), dict(response.headers))
        return super().increment(method, url, response, *rest, **more)  # type: ignore[arg-type]


def _retry(patience: Patience) -> _Retry:
    return _Retry(
        total=patience.tries,
        status_forcelist=[*range(500, 600), *MOVED],
        secondary_rate_wait=patience.longest,
        max_rate_limit_wait=patience.longest,
        allowed_methods={"GET", "HEAD"},
    )


def ascii_text(value: bytes, name: str) -> str:
    """A secret as text; raise ConfigurationError, naming it, where it cannot be one."""
    try:
        return value.decode("ascii")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{name} holds something that is not ASCII") from None
