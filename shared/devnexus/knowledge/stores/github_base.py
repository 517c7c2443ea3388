"""Opens and creates a knowledge base in a GitHub repository."""

from collections.abc import Mapping
from typing import Any

from devnexus.errors import ConfigurationError
from devnexus.github import PATIENT, Access, GitHubRepository, Patience, connect, renamed_to
from devnexus.github_refusals import Refused
from devnexus.knowledge.layout import METADATA_PATH, README_PATH
from devnexus.knowledge.stores.git_objects import FILE, Entry, blob_id
from devnexus.knowledge.stores.git_store import FIRST_FILES, FIRST_MESSAGE, holds_knowledge
from devnexus.knowledge.stores.github_store import GitHubStore
from devnexus.repository import RepositoryName


def open_github_store(
    repository: RepositoryName,
    environment: Mapping[str, str],
    *,
    access: Access = "write",
    patience: Patience = PATIENT,
) -> GitHubStore:
    """The knowledge base in the GitHub repository `owner/name`, with credentials as devnexus.github.connect.

    Raises ConfigurationError, with the remedy, where it is not there, not ours, read-only or holds no base;
    Unavailable where GitHub cannot be asked now.
    """
    door = connect(repository, environment, access=access, patience=patience)
    store = GitHubStore(door)
    try:
        _look_at(door, access)
        if not holds_knowledge(store, at=store.head()):
            raise ConfigurationError(
                f"github:{repository} holds no knowledge base. "
                f"Create one in an empty repository: devnexus kb init github:{repository}"
            )
    except Refused as error:
        store.close()
        raise ConfigurationError(str(error)) from error
    except BaseException:
        store.close()
        raise
    return store


def create_github_store(
    repository: RepositoryName, environment: Mapping[str, str], *, patience: Patience = PATIENT
) -> None:
    """Make an empty knowledge base in the empty GitHub repository `owner/name`.

    A base that is there already stays as it is; what was broken off in the middle is finished. Raises
    ConfigurationError where the repository holds something else or cannot be written to.
    """
    door = connect(repository, environment, access="write", patience=patience)
    store = GitHubStore(door)
    try:
        branch = _look_at(door, "write").get("default_branch", "main")
        if branch != "main":
            raise ConfigurationError(
                f"the default branch of {repository} is {branch}: make it main (Settings, Default branch)"
            )
        _initialise(door, store)
    except Refused as error:
        raise ConfigurationError(str(error)) from error
    finally:
        store.close()


def _initialise(door: GitHubRepository, store: GitHubStore) -> None:
    try:
        head = store.head()
    except Refused as error:
        if error.status not in {404, 409}:  # 409: empty; 404: no such branch
            raise
        store.put_first_file(README_PATH, FIRST_FILES[README_PATH], message=FIRST_MESSAGE)
        head = store.head()
    if holds_knowledge(store, at=head):
        return
    if store.root(head) != {README_PATH: Entry(FILE, blob_id(FIRST_FILES[README_PATH]))}:
        raise ConfigurationError(
            f"{door.name} holds something that is no knowledge base. Use a repository without any commit"
        )
    # Last, because it is by this file that a base is known.
    store.commit({METADATA_PATH: FIRST_FILES[METADATA_PATH]}, message=FIRST_MESSAGE, expected_head=head)


def _look_at(door: GitHubRepository, access: Access) -> dict[str, Any]:
    """What GitHub says of the repository; raise ConfigurationError if that rules out our work."""
    try:
        found: dict[str, Any] = door.get("").body
    except Refused as error:
        now = renamed_to(door, error)
        if now is None:
            raise
        raise ConfigurationError(f"github:{door.name} was renamed: use github:{now}") from error
    if access == "write" and found.get("archived"):
        raise ConfigurationError(f"github:{door.name} is archived and so read-only: unarchive it")
    if access == "write" and found.get("permissions", {}).get("push") is False:
        raise ConfigurationError(
            f'the credentials may only read github:{door.name}: grant them the permission "contents: write"'
        )
    return found
