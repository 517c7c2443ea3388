"""The files of a repository wherever they can be had: from a clone on this machine, else from GitHub."""

from collections.abc import Sequence
from datetime import datetime

from a2a_gateway.files.local import LocalFiles
from a2a_gateway.files.repository_files import Commits, Contents, Listing, NoFiles, RepositoryFiles
from devnexus.knowledge.projection import Projection


class FilesWherever:
    """RepositoryFiles from the first of the two that has the repository."""

    def __init__(self, *, local: LocalFiles | None, github: RepositoryFiles | None) -> None:
        """None: this service is not set up for it."""
        self._local = local
        self._github = github

    def head(self, repository: Projection) -> str:
        """As promised by RepositoryFiles."""
        return self._where(repository).head(repository)

    def listing(self, repository: Projection, sha: str) -> Listing:
        """As promised by RepositoryFiles."""
        return self._where(repository).listing(repository, sha)

    def read(self, repository: Projection, sha: str, paths: Sequence[str]) -> Contents:
        """As promised by RepositoryFiles."""
        return self._where(repository).read(repository, sha, paths)

    def commits(self, repository: Projection, sha: str, *, since: datetime, until: str | None) -> Commits:
        """As promised by RepositoryFiles."""
        return self._where(repository).commits(repository, sha, since=since, until=until)

    def _where(self, repository: Projection) -> RepositoryFiles:
        if self._local and self._local.has(repository):
            return self._local
        if self._github:
            return self._github
        name = repository.repository_name
        clones = f"has no clone of {name}" if self._local else "is not set"
        raise NoFiles(
            f"the files of {name} cannot be had: REPOSITORIES_DIR {clones}, and neither GITHUB_APP_ID with"
            " GITHUB_APP_PRIVATE_KEY nor KNOWLEDGE_TOKEN is set for GitHub. Set one of them for the gateway"
        )
