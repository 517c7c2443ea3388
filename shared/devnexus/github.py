"""The door to GitHub's REST API: repositories, one request at a time, no wait longer than some seconds."""

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
from github.Requester import Requester
from jwt import PyJWTError
from urllib3 import BaseHTTPResponse, Retry

from devnexus.errors import ConfigurationError, NoCredentials, Unavailable
from devnexus.github_refusals import Refused, refusal, without_queries
from devnexus.secrets import read_secret

API_URL = "https://api.github.com"

Access = Literal["read", "write"]

_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_MOVED = (301, 307, 308)
_NUMBERED = re.compile(r"(/repositories/\d+)/.*")
_ARCHIVE_CHUNK_BYTES = 1 << 20
_AGENT = "dev-nexus"
_NO_KEY = "GITHUB_APP_PRIVATE_KEY is no RSA key in PEM format"


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

    def __init__(
        self,
        name: str,
        client: Github,
        *,
        session: requests.Session,
        patience: Patience,
        one_at_a_time: threading.Lock,
    ) -> None:
        self.name = name
        """As `owner/name`."""
        self._client = client
        self._session = session
        self.patience = patience
        self._one_at_a_time = one_at_a_time

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
        return _asked(
            self._client.requester,
            self._one_at_a_time,
            method,
            path,
            about=self.name,
            headers=headers,
            parameters=parameters,
            body=body,
            expected=expected,
        )

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


class GitHubInstallation:
    """What an App may read of one owner, asked one thing at a time; as GitHubRepository otherwise."""

    def __init__(self, client: Github, *, about: str) -> None:
        self._client = client
        self._about = about
        self._one_at_a_time = threading.Lock()

    def get(self, path: str) -> Answer:
        """What is at `path` of the API, which may hold a query."""
        return _asked(self._client.requester, self._one_at_a_time, "GET", path, about=self._about)

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()


class GitHubApp:
    """The repositories that an App is installed on: one token for all of an owner's, renewed when it ends."""

    def __init__(self, environment: Mapping[str, str], *, access: Access, patience: Patience) -> None:
        """`GITHUB_APP_ID`, `GITHUB_APP_PRIVATE_KEY` and `GITHUB_API_URL` as `connect` reads them.

        Raises ConfigurationError where they are missing.
        """
        self._integration = _integration(environment, patience)
        if self._integration is None:
            raise ConfigurationError(
                "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY are not set: they name the App that is installed "
                "where the repositories are"
            )
        self._access: Access = access
        self._patience = patience
        self._session = requests.Session()
        self._lock = threading.Lock()
        self._clients: dict[str, tuple[Github, threading.Lock]] = {}

    def repository(self, name: str) -> GitHubRepository:
        """The repository `owner/name`; raise Unavailable where GitHub cannot be asked, or not by this App."""
        owner = name.partition("/")[0].lower()
        with self._lock:
            if owner not in self._clients:
                assert self._integration is not None
                client = _installed(self._integration, name, access=self._access)
                self._clients[owner] = client, threading.Lock()
            client, one_at_a_time = self._clients[owner]
        return GitHubRepository(
            name, client, session=self._session, patience=self._patience, one_at_a_time=one_at_a_time
        )

    def ask(self, method: Literal["GET", "POST"], path: str) -> Answer:
        """What GitHub answers to the App itself; `path` may hold a query. A POST is sent exactly once."""
        assert self._integration is not None
        try:
            return _asked(
                self._integration.requester,
                self._lock,
                method,
                path,
                about="the App",
                expected=(200, 202),
            )
        except PyJWTError:  # what it says is about the key's text
            raise ConfigurationError(_NO_KEY) from None

    def installation(self, number: int, *, about: str) -> GitHubInstallation:
        """The installation of that number, which errors call `about`."""
        assert self._integration is not None
        return GitHubInstallation(
            self._integration.get_github_for_installation(number, token_permissions=_allowed(self._access)),
            about=about,
        )

    def forget(self, name: str) -> None:
        """Look up the installation anew the next time: it may be another one by then."""
        with self._lock:
            self._clients.pop(name.partition("/")[0].lower(), None)

    def close(self) -> None:
        """Give back the connections."""
        with self._lock:
            while self._clients:
                self._clients.popitem()[1][0].close()
        self._session.close()


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
    # Without repeating: urllib3 would log the address, and that of an archive holds a token.
    session = requests.Session()
    client = _client(repository, environment, access=access, patience=patience)
    return GitHubRepository(
        repository, client, session=session, patience=patience, one_at_a_time=threading.Lock()
    )


def renamed_to(repository: GitHubRepository, refused: Refused) -> str | None:
    """The name that the repository has now, None where the refusal was not that it moved."""
    if refused.location is None:
        return None
    return str(repository.at_location(_NUMBERED.sub(r"\1", _path(refused.location))).body["full_name"])


def _client(repository: str, environment: Mapping[str, str], *, access: Access, patience: Patience) -> Github:
    token = read_secret("KNOWLEDGE_TOKEN", environment)
    if token is not None:
        return Github(
            auth=Auth.Token(_text(token.value, "KNOWLEDGE_TOKEN")), **_settings(environment, patience)
        )
    app = _integration(environment, patience)
    if app is None:
        raise NoCredentials(
            f"nothing says how to reach github:{repository}. Set KNOWLEDGE_TOKEN to a token with the "
            f'permission "contents: {access}" there, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY to those '
            "of an App that is installed there"
        )
    try:
        return _installed(app, repository, access=access)
    except Refused as problem:
        raise ConfigurationError(str(problem)) from None


def _integration(environment: Mapping[str, str], patience: Patience) -> GithubIntegration | None:
    """The App that `environment` names, None where it names none."""
    app_id, key = environment.get("GITHUB_APP_ID"), read_secret("GITHUB_APP_PRIVATE_KEY", environment)
    if not app_id or key is None:
        return None
    auth = Auth.AppAuth(app_id, _text(key.value, "GITHUB_APP_PRIVATE_KEY"))
    return GithubIntegration(auth=auth, **_settings(environment, patience))


def _installed(app: GithubIntegration, repository: str, *, access: Access) -> Github:
    """Raises Unavailable, as Refused where the App is not installed, and ConfigurationError for a bad key."""
    try:
        try:
            installation = _installation(app, f"/repos/{repository}/installation")
        except GithubException as error:
            location = _headers(error).get("location")
            if error.status not in _MOVED or location is None:
                raise
            installation = _installation(app, _path(location))
    except (GithubException, requests.RequestException, OSError, RuntimeError) as error:
        action = f"to look up the App's installation on {repository}"
        raise _translated(error, action, repository) from None
    except (ValueError, PyJWTError):  # what these say is about the key's text
        raise ConfigurationError(_NO_KEY) from None
    return app.get_github_for_installation(installation, token_permissions=_allowed(access))


def _allowed(access: Access) -> dict[str, str]:
    return {"contents": access, "metadata": "read"}


def _asked(
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
    try:
        with one_at_a_time:
            status, answered, text = requester.requestJson(
                method, path, dict(parameters or {}), dict(headers or {}), body
            )
        if status in expected:
            return Answer(status, answered, json.loads(text) if status in {200, 201} else None)
        raise GithubException(status, _parsed(text), answered)
    except (GithubException, requests.RequestException, OSError, ValueError, RuntimeError) as error:
        # Not chained: a transport's error may show an address with a token in it.
        raise _translated(error, f"{method} {path.partition('?')[0]}", about) from None


def _installation(app: GithubIntegration, path: str) -> int:
    status, headers, text = app.requester.requestJson("GET", path)
    if status != 200:
        raise GithubException(status, _parsed(text), headers)
    return int(json.loads(text)["id"])


def _path(location: str) -> str:
    return urlsplit(urljoin(API_URL, location)).path


def _settings(environment: Mapping[str, str], patience: Patience) -> dict[str, Any]:
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
        return refusal(error.status, error.data, _headers(error), action=action, repository=repository)
    said = without_queries(str(error))[:300]
    return Unavailable(f"GitHub did not answer ({action}): {type(error).__name__}: {said}")


def _headers(error: GithubException) -> Mapping[str, str]:
    return {name.lower(): str(value) for name, value in (error.headers or {}).items()}


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
