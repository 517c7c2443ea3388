"""The door to GitHub's REST API: one repository, one request at a time, no wait longer than some seconds."""

import json
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, Literal
from urllib.parse import urljoin, urlsplit

import requests
from github import Auth, Github, GithubException, GithubIntegration, GithubRetry
from jwt import PyJWTError
from urllib3 import BaseHTTPResponse, Retry

from devnexus.errors import ConfigurationError, NoCredentials, Unavailable
from devnexus.github_refusals import Refused, refusal, without_queries
from devnexus.secrets import read_secret

API_URL = "https://api.github.com"

Access = Literal["read", "write"]

_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_MOVED = (301, 307, 308)
_ARCHIVE_CHUNK_BYTES = 1 << 20
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
            if too_long or response.status in _MOVED:
                text = response.data.decode(errors="replace")
                raise GithubException(response.status, _parsed(text), dict(response.headers))
        return super().increment(method, url, response, *rest, **more)  # type: ignore[arg-type]


class GitHubRepository:
    """A repository on GitHub, asked one thing at a time: PyGithub mixes up what threads ask in parallel.

    Every method raises Unavailable, as Refused where GitHub will not do it before somebody changes something.
    """

    def __init__(self, name: str, client: Github, *, session: requests.Session, patience: Patience) -> None:
        self.name = name
        """As `owner/name`."""
        self._client = client
        self._session = session
        self.patience = patience
        self._one_at_a_time = threading.Lock()

    def get(
        self, path: str, parameters: Mapping[str, str | int] | None = None, *, unless: str | None = None
    ) -> Answer:
        """What is at `path` below the repository; status 304 if that is what had the ETag `unless`."""
        headers = {} if unless is None else {"If-None-Match": unless}
        return self._ask("GET", f"/repos/{self.name}{path}", headers=headers, parameters=parameters)

    def at_location(self, path: str) -> Answer:
        """What is at `path` of the API itself."""
        return self._ask("GET", path)

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - parsed JSON
        """What GitHub answers to a write at `path`, which is sent exactly once."""
        return self._ask(method, f"/repos/{self.name}{path}", body=body).body

    def download_archive(self, revision: str, into: IO[bytes], *, max_bytes: int) -> None:
        """Write all files of `revision` into `into`, as a gzipped tar archive."""
        found = self._ask("GET", f"/repos/{self.name}/tarball/{revision}", expected=(302,))
        # PyGithub would follow this without any timeout.
        self._download(found.headers.get("location", ""), into, max_bytes)

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()
        self._session.close()

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
        expected: tuple[int, ...] = (200, 201, 304),
    ) -> Answer:
        try:
            with self._one_at_a_time:
                status, answered, text = self._client.requester.requestJson(
                    method, path, dict(parameters or {}), dict(headers or {}), body
                )
            if status in expected:
                return Answer(status, answered, json.loads(text) if status in {200, 201} else None)
            raise GithubException(status, _parsed(text), answered)
        except (GithubException, requests.RequestException, OSError, ValueError, RuntimeError) as error:
            # Not chained: a transport's error may show an address with a token in it.
            raise _translated(error, f"{method} {path}", self.name) from None

    def _download(self, location: str, into: IO[bytes], max_bytes: int) -> None:
        """GitHub's archives are on another host, which gets no credentials of ours."""
        try:
            with self._session.get(location, stream=True, timeout=self.patience.answer) as response:
                if response.status_code != 200:
                    raise GithubException(
                        response.status_code, _parsed(response.text), dict(response.headers)
                    )
                for chunk in response.iter_content(_ARCHIVE_CHUNK_BYTES):
                    into.write(chunk)
                    if into.tell() > max_bytes:
                        raise ValueError(f"the archive is larger than {max_bytes} bytes")
        except (GithubException, requests.RequestException, OSError, ValueError) as error:
            raise _translated(error, "GET the archive", self.name) from None


def connect(
    repository: str, environment: Mapping[str, str], *, access: Access, patience: Patience
) -> GitHubRepository:
    """The repository `owner/name`, with the credentials that `environment` holds.

    `GITHUB_API_URL` (default https://api.github.com); `KNOWLEDGE_TOKEN`, or `GITHUB_APP_ID` with
    `GITHUB_APP_PRIVATE_KEY` for an App that is installed there (secrets as devnexus.secrets finds them).
    Raises ConfigurationError where they are missing, Unavailable where GitHub cannot be asked.
    """
    if not _NAME.fullmatch(repository):
        raise ConfigurationError(f"github:{repository} names no repository; it is github:<owner>/<name>")
    # At DEBUG PyGithub writes down what it sends and gets, installation tokens included.
    logging.getLogger("github").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.INFO)  # at DEBUG every address
    api = environment.get("GITHUB_API_URL", "").rstrip("/") or API_URL
    if urlsplit(api).scheme not in {"http", "https"} or not urlsplit(api).hostname:
        raise ConfigurationError(f"GITHUB_API_URL: {api!r} is no address like {API_URL}")
    # Without repeating: urllib3 would log the address, and that of an archive holds a token.
    session = requests.Session()
    client = _client(repository, environment, api=api, access=access, patience=patience)
    return GitHubRepository(repository, client, session=session, patience=patience)


def renamed_to(repository: GitHubRepository, refused: Refused) -> str | None:
    """The name that the repository has now, None where the refusal was not that it moved."""
    if refused.location is None:
        return None
    answer = repository.at_location(urlsplit(urljoin(API_URL, refused.location)).path)
    return str(answer.body["full_name"])


def _client(
    repository: str, environment: Mapping[str, str], *, api: str, access: Access, patience: Patience
) -> Github:
    settings: dict[str, Any] = {
        "base_url": api,
        "timeout": patience.answer,
        "seconds_between_requests": patience.between_requests,
        "seconds_between_writes": patience.between_writes,
        "retry": _retry(patience),
        "user_agent": _AGENT,
        "per_page": 100,
    }
    token = read_secret("KNOWLEDGE_TOKEN", environment)
    if token is not None:
        return Github(auth=Auth.Token(_text(token.value, "KNOWLEDGE_TOKEN")), **settings)
    app_id, key = environment.get("GITHUB_APP_ID"), read_secret("GITHUB_APP_PRIVATE_KEY", environment)
    if not app_id or key is None:
        raise NoCredentials(
            f"nothing says how to reach github:{repository}. Set KNOWLEDGE_TOKEN to a token with the "
            f'permission "contents: {access}" there, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY to those '
            "of an App that is installed there"
        )
    try:
        app = GithubIntegration(
            auth=Auth.AppAuth(app_id, _text(key.value, "GITHUB_APP_PRIVATE_KEY")), **settings
        )
        installation = app.get_repo_installation(*repository.split("/", 1))
    except (GithubException, requests.RequestException, OSError, RuntimeError) as error:
        problem = _translated(error, f"to look up the App's installation on {repository}", repository)
        raise (ConfigurationError(str(problem)) if isinstance(problem, Refused) else problem) from None
    except (ValueError, PyJWTError):  # what these say is about the key's text
        raise ConfigurationError("GITHUB_APP_PRIVATE_KEY is no RSA key in PEM format") from None
    return app.get_github_for_installation(
        installation.id, token_permissions={"contents": access, "metadata": "read"}
    )


def _retry(patience: Patience) -> _Retry:
    return _Retry(
        total=patience.tries,
        status_forcelist=[*range(500, 600), *_MOVED],
        secondary_rate_wait=patience.longest,
        max_rate_limit_wait=patience.longest,
        allowed_methods={"GET", "HEAD"},
    )


def _translated(error: Exception, action: str, repository: str) -> Unavailable:
    if isinstance(error, GithubException):
        headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
        return refusal(error.status, error.data, headers, action=action, repository=repository)
    said = without_queries(str(error))[:300]
    return Unavailable(f"GitHub did not answer ({action}): {type(error).__name__}: {said}")


def _parsed(text: str) -> Any:  # noqa: ANN401 - what GitHub says about an error, in JSON or not
    try:
        return json.loads(text)
    except ValueError:
        return {"message": text[:200]}


def _text(value: bytes, name: str) -> str:
    try:
        return value.decode("ascii")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{name} holds something that is not ASCII") from None
