"""With which credentials the gateway reads repositories on GitHub."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from a2a_gateway.files.repository_files import RepositoryFiles
from devnexus.secrets import read_secret

if TYPE_CHECKING:
    from devnexus.github import Patience

_OPEN = 32
"""So many repositories keep their connection."""


def github_files(
    environment: Mapping[str, str], *, patience: "Patience | None" = None
) -> RepositoryFiles | None:
    """As the App that GITHUB_APP_ID names, else with KNOWLEDGE_TOKEN; None where neither is set.

    Raises ConfigurationError where they cannot be what they should be.
    """
    is_app = bool(environment.get("GITHUB_APP_ID"))
    if not is_app and read_secret("KNOWLEDGE_TOKEN", environment) is None:
        return None
    # GitHub's client takes a tenth of a second to import: only those should pay who have credentials
    from a2a_gateway.files.github import GitHubFiles  # noqa: PLC0415
    from devnexus.github import PATIENT, GitHubApp, GitHubRepository, connect  # noqa: PLC0415

    if is_app:
        app = GitHubApp(environment, access="read", patience=patience or PATIENT)
        return GitHubFiles(app.repository, forget=app.forget)

    @lru_cache(_OPEN)
    def open_(name: str) -> GitHubRepository:
        return connect(name, environment, access="read", patience=patience or PATIENT)

    return GitHubFiles(open_)
