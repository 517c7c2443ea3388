"""Which credentials open a repository on GitHub."""

import re
import threading
from collections.abc import Mapping

import requests
from github import Auth, Github

from devnexus.errors import ConfigurationError, NoCredentials
from devnexus.github.app import Access, installed, integration
from devnexus.github.asking import Patience, ascii_text, client_settings
from devnexus.github.repository import GitHubRepository
from devnexus.github_refusals import Refused
from devnexus.secrets import read_secret

_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


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


def _client(repository: str, environment: Mapping[str, str], *, access: Access, patience: Patience) -> Github:
    token = read_secret("KNOWLEDGE_TOKEN", environment)
    if token is not None:
        return Github(
            auth=Auth.Token(ascii_text(token.value, "KNOWLEDGE_TOKEN")),
            **client_settings(environment, patience),
        )
    app = integration(environment, patience)
    if app is None:
        raise NoCredentials(
            f"nothing says how to reach github:{repository}. Set KNOWLEDGE_TOKEN to a token with the "
            f'permission "contents: {access}" there, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY to those '
            "of an App that is installed there"
        )
    try:
        return installed(app, repository, access=access)
    except Refused as problem:
        raise ConfigurationError(str(problem)) from None
