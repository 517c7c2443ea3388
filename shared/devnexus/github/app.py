"""A GitHub App: its installations, and the repositories that it may read."""

import json
import threading
from collections.abc import Mapping
from typing import Literal

import requests
from github import Auth, Github, GithubException, GithubIntegration
from jwt import PyJWTError

from devnexus.errors import ConfigurationError
from devnexus.github.asking import (
    MOVED,
    Answer,
    Patience,
    ascii_text,
    asked,
    client_settings,
    headers_of,
    parsed,
    path_of,
    translated,
)
from devnexus.github.repository import GitHubRepository
from devnexus.secrets import read_secret

Access = Literal["read", "write", "checks"]
"""To the contents of repositories; or to the checks on their commits, and to nothing else."""

_NO_KEY = "GITHUB_APP_PRIVATE_KEY is no RSA key in PEM format"


class GitHubInstallation:
    """What an App may read of one owner, asked one thing at a time; as GitHubRepository otherwise."""

    def __init__(self, client: Github, *, about: str) -> None:
        self._client = client
        self._about = about
        self._one_at_a_time = threading.Lock()

    def get(self, path: str) -> Answer:
        """What is at `path` of the API, which may hold a query."""
        return asked(self._client.requester, self._one_at_a_time, "GET", path, about=self._about)

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()


class GitHubApp:
    """The repositories that an App is installed on: one token for all of an owner's, renewed when it ends."""

    def __init__(self, environment: Mapping[str, str], *, access: Access, patience: Patience) -> None:
        """`GITHUB_APP_ID`, `GITHUB_APP_PRIVATE_KEY` and `GITHUB_API_URL` as `connect` reads them.

        Raises ConfigurationError where they are missing.
        """
        app = integration(environment, patience)
        if app is None:
            raise ConfigurationError(
                "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY are not set: they name the App that is installed "
                "where the repositories are"
            )
        self._integration = app
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
                client = installed(self._integration, name, access=self._access)
                self._clients[owner] = client, threading.Lock()
            client, one_at_a_time = self._clients[owner]
        return GitHubRepository(
            name, client, session=self._session, patience=self._patience, one_at_a_time=one_at_a_time
        )

    def ask(self, method: Literal["GET", "POST"], path: str) -> Answer:
        """What GitHub answers to the App itself; `path` may hold a query. A POST is sent exactly once."""
        try:
            return asked(
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


def integration(environment: Mapping[str, str], patience: Patience) -> GithubIntegration | None:
    """The App that `environment` names, None where it names none."""
    app_id, key = environment.get("GITHUB_APP_ID"), read_secret("GITHUB_APP_PRIVATE_KEY", environment)
    if not app_id or key is None:
        return None
    auth = Auth.AppAuth(app_id, ascii_text(key.value, "GITHUB_APP_PRIVATE_KEY"))
    return GithubIntegration(auth=auth, **client_settings(environment, patience))


def installed(app: GithubIntegration, repository: str, *, access: Access) -> Github:
    """A client for the repository's installation.

    Raises Unavailable, as Refused where the App is not installed, and ConfigurationError for a bad key.
    """
    try:
        try:
            installation = _installation(app, f"/repos/{repository}/installation")
        except GithubException as error:
            location = headers_of(error).get("location")
            if error.status not in MOVED or location is None:
                raise
            installation = _installation(app, path_of(location))
    except (GithubException, requests.RequestException, OSError, RuntimeError) as error:
        action = f"to look up the App's installation on {repository}"
        raise translated(error, action, repository) from None
    except (ValueError, PyJWTError):  # what these say is about the key's text
        raise ConfigurationError(_NO_KEY) from None
    return app.get_github_for_installation(installation, token_permissions=_allowed(access))


def _allowed(access: Access) -> dict[str, str]:
    if access == "checks":
        return {"checks": "write", "metadata": "read"}
    return {"contents": access, "metadata": "read"}


def _installation(app: GithubIntegration, path: str) -> int:
    status, headers, text = app.requester.requestJson("GET", path)
    if status != 200:
        raise GithubException(status, parsed(text), headers)
    return int(json.loads(text)["id"])
