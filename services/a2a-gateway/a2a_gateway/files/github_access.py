"""With which credentials the gateway reads repositories on GitHub."""

from collections.abc import Mapping
from functools import lru_cache

from a2a_gateway.files.github import GitHubFiles
from devnexus.github import PATIENT, GitHubApp, GitHubRepository, Patience, connect
from devnexus.secrets import read_secret

_OPEN = 32
"""So many repositories keep their connection."""


def github_files(environment: Mapping[str, str], *, patience: Patience = PATIENT) -> GitHubFiles | None:
    """As the App that GITHUB_APP_ID names, else with KNOWLEDGE_TOKEN; None where neither is set.

    Raises ConfigurationError where they cannot be what they should be.
    """
    if environment.get("GITHUB_APP_ID"):
        app = GitHubApp(environment, access="read", patience=patience)
        return GitHubFiles(app.repository, forget=app.forget)
    if read_secret("KNOWLEDGE_TOKEN", environment) is None:
        return None

    @lru_cache(_OPEN)
    def open_(name: str) -> GitHubRepository:
        return connect(name, environment, access="read", patience=patience)

    return GitHubFiles(open_)
