"""Which knowledge base a setting names: a folder, a git repository elsewhere, or one on GitHub."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from devnexus.errors import ConfigurationError
from devnexus.knowledge.store import Store
from devnexus.knowledge.stores.cache_folder import CACHE
from devnexus.knowledge.stores.git_remote import KNOWN_HOSTS, SSH_KEY, TOKEN, is_remote
from devnexus.knowledge.stores.git_store import create_git_store, open_git_store
from devnexus.knowledge.stores.remote_git_store import create_remote_git_store, open_remote_git_store

ABOUT = (
    "the knowledge base: path of a bare git repository, a git URL (https, ssh, file),"
    " or github:<owner>/<name>"
)

ACCESS: Mapping[str, str] = {
    TOKEN: "secret: a token for the repository, where KNOWLEDGE is an https URL or github:<owner>/<name>",
    "GITHUB_APP_ID": "for github:<owner>/<name> without a token: the App that is installed there",
    "GITHUB_APP_PRIVATE_KEY": "secret: the key of that App, as PEM",
    "GITHUB_API_URL": "where GitHub's API answers; not set: https://api.github.com",
    SSH_KEY: "secret: the private key, where KNOWLEDGE is an ssh URL; not set: the keys that ssh finds",
    KNOWN_HOSTS: "file with the keys of ssh hosts; not set: a key is trusted at first sight, and kept",
    CACHE: "folder for the copy of a knowledge base at a git URL; not set: one in the user's own cache",
}
"""Variable → what it is for, besides KNOWLEDGE itself; none is required by every kind."""

Access = Literal["read", "write"]

_GITHUB = "github:"


def open_store(location: str, environment: Mapping[str, str], *, access: Access = "read") -> Store:
    """The knowledge base at `location`, with the secrets that `environment` tells of.

    Raises ConfigurationError, with the remedy, where there is none, or where the host says already that
    it may not be used in this way: opening never creates.
    """
    if location.startswith(_GITHUB):
        try:
            from devnexus.knowledge.stores.github_base import open_github_store  # noqa: PLC0415 - an optional extra
        except ModuleNotFoundError as error:
            raise _not_installed(error) from error
        return open_github_store(location.removeprefix(_GITHUB), environment, access=access)
    if is_remote(location):
        return open_remote_git_store(location, environment)
    return open_git_store(Path(location))


def create_store(location: str, environment: Mapping[str, str]) -> None:
    """Make an empty knowledge base at `location`; one that is there already stays as it is.

    Raises ConfigurationError where something else is there, or the repository to put it in is not.
    """
    if location.startswith(_GITHUB):
        try:
            from devnexus.knowledge.stores.github_base import create_github_store  # noqa: PLC0415 - as above
        except ModuleNotFoundError as error:
            raise _not_installed(error) from error
        create_github_store(location.removeprefix(_GITHUB), environment)
    elif is_remote(location):
        create_remote_git_store(location, environment)
    else:
        create_git_store(Path(location))


def name_of(location: str) -> str:
    """What the knowledge base at `location` is called, without where it is."""
    return PurePosixPath(location.replace(":", "/")).name


def _not_installed(error: ModuleNotFoundError) -> ConfigurationError:
    return ConfigurationError(
        f"github:… needs PyGithub ({error.name} is missing): pip install 'dev-nexus[github]'; "
        "or give the https:// address of the repository"
    )
