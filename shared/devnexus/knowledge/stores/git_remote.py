"""The branch main of a git repository elsewhere, over https, ssh or file: who we are, what it says."""

import base64
import os
import re
import shlex
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from devnexus.errors import ConfigurationError
from devnexus.git import GitFailed, run_git
from devnexus.knowledge.stores.bare_repository import BRANCH
from devnexus.secrets import Secret, read_secret

TOKEN = "KNOWLEDGE_TOKEN"  # nosec B105  # the name of a variable
SSH_KEY = "KNOWLEDGE_SSH_KEY"
KNOWN_HOSTS = "KNOWLEDGE_KNOWN_HOSTS"

_ASK_SECONDS = 60.0
_PUSH_SECONDS = 120.0
_FETCH_SECONDS = 900.0
"""The first fetch brings the whole past."""

_SSH = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=15")

_REMEDIES = (
    (
        "host key verification failed",
        f"its key is not the one we know it by: look at it, then set {KNOWN_HOSTS} to a file that holds it",
    ),
    ("archived", "it is archived: unarchive it, or take another repository"),
    (
        "permission denied|permission to .* denied|authentication failed|could not read (username|password)"
        "|error: 40[13]|write access|access denied|not authorized|read-only",
        f"set {TOKEN} (https) to a token that may read and write the contents of this repository,"
        f" or {SSH_KEY} (ssh) to a key that may",
    ),
    (
        "not found|does not exist|does not appear to be a git repository|no such file",
        f"create the repository, or correct the address; one that {TOKEN} or {SSH_KEY} may not see"
        " looks just the same",
    ),
    ("error: 30[1278]|redirect", "it has moved: use its new address"),
    ("checked out branch", "it is a checkout: take a bare repository (git init --bare)"),
    (
        "protected branch|hook declined|remote rejected|prohibited",
        "it refuses the push: let this account push to main without a review"
        " (rules for branches, hooks of the server)",
    ),
    ("dubious ownership", "it belongs to another user: give its path, without file://"),
    ("certificate", "set SSL_CERT_FILE to the certificates of the authority that signed the server's"),
)
"""What git or a host says (a regular expression, the first that fits) → what helps."""


class GitRemote:
    """The repository at `url`. Whatever is raised names neither token nor key.

    `folder` is where what ssh learns about hosts is kept.
    """

    def __init__(self, url: str, environment: Mapping[str, str], *, folder: Path) -> None:
        self.url = url
        self._secrets: tuple[str, ...] = ()
        self._forget: Callable[[], object] = lambda: None
        protocol = _protocol(url)
        self._variables = {
            "GIT_ALLOW_PROTOCOL": protocol,
            "GIT_ASKPASS": "",  # or it would ask through SSH_ASKPASS
        }
        # One request less each time; version 2 spares the names of other branches, which are none here.
        settings = {"protocol.version": "0"}
        if protocol == "https":
            settings |= self._over_https(environment)
            if certificates := environment.get("SSL_CERT_FILE"):
                self._variables["GIT_SSL_CAINFO"] = certificates
        elif protocol == "ssh":
            self._variables |= self._over_ssh(environment, folder)
        self._variables |= _as_variables(settings)

    def head(self, repository: Path) -> str | None:
        """The commit that main points to, None where there is no such branch."""
        return self.heads(repository).get(BRANCH)

    def heads(self, repository: Path) -> dict[str, str]:
        """Branch (refs/heads/…) → commit."""
        listing = self._git(repository, "ls-remote", "--heads", "--", self.url, seconds=_ASK_SECONDS)
        lines = [line.split("\t", 1) for line in listing.decode(errors="replace").splitlines()]
        return {name: revision for revision, name in lines}

    def fetch(self, repository: Path, *, lock: int) -> None:
        """Let main in `repository` be what it is here, with its whole past; only by who is alone in there."""
        flags = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance")
        arguments = ("fetch", *flags, "--", self.url, f"+{BRANCH}:{BRANCH}")
        self._git(repository, *arguments, seconds=_FETCH_SECONDS, inherit=(lock,))

    def push(self, repository: Path, revision: str, *, expected: str) -> None:
        """Let main here be `revision` if it is `expected` now, empty for none; raise GitFailed otherwise.

        GitFailed does not say that it was not done: the answer may have been lost.
        """
        lease = f"--force-with-lease={BRANCH}:{expected}"
        arguments = ("push", "--quiet", "--porcelain", lease, "--", self.url, f"{revision}:{BRANCH}")
        self._git(repository, *arguments, seconds=_PUSH_SECONDS)

    def close(self) -> None:
        """Remove the file with the key; nothing can be asked any more."""
        self._forget()

    def _git(self, repository: Path, *arguments: str, seconds: float, inherit: tuple[int, ...] = ()) -> bytes:
        try:
            return run_git(
                repository, *arguments, timeout_seconds=seconds, inherit=inherit, remote=self._variables
            )
        except GitFailed as error:
            self._fail(error)

    def _fail(self, error: GitFailed) -> NoReturn:
        said = error.said or str(error)
        for secret in self._secrets:
            said = said.replace(secret, "…")
        said = " ".join(said.split())
        remedy = next((text for hint, text in _REMEDIES if re.search(hint, said, re.IGNORECASE)), None)
        told = f"{remedy} (git: {said[-500:]})" if remedy else said[-500:]
        failure = GitFailed(f"{self.url}: {told}")
        failure.said = said
        raise failure from None  # the first one may quote what must not be read

    def _over_https(self, environment: Mapping[str, str]) -> dict[str, str]:
        settings = {
            # A redirect could lead to somebody who must not see the token.
            "http.followRedirects": "false",
            "http.lowSpeedLimit": "1000",
            "http.lowSpeedTime": "30",
        }
        if token := read_secret(TOKEN, environment):
            settings["http.extraHeader"] = f"Authorization: Basic {self._credentials(token)}"
        return settings

    def _credentials(self, token: Secret) -> str:
        if not token.value.isascii() or not token.value.decode().isprintable():
            raise ConfigurationError(f"{TOKEN} holds characters that no token has")
        encoded = base64.b64encode(b"x-access-token:" + token.value).decode()
        self._secrets = (token.value.decode(), encoded)
        return encoded

    def _over_ssh(self, environment: Mapping[str, str], folder: Path) -> dict[str, str]:
        given = environment.get(KNOWN_HOSTS)
        known_hosts = Path(given).absolute() if given else folder / "known_hosts"
        words = [
            *_SSH,
            *("-o", f"StrictHostKeyChecking={'yes' if given else 'accept-new'}"),
            *("-o", f'UserKnownHostsFile="{known_hosts}"'),
        ]
        if key := read_secret(SSH_KEY, environment):
            words += ["-o", "IdentitiesOnly=yes", "-i", str(self._key_file(key))]
        return {"GIT_SSH_COMMAND": shlex.join(words), "GIT_SSH_VARIANT": "ssh"}

    def _key_file(self, key: Secret) -> Path:
        """A file with the key as ssh wants it: readable by nobody else, which a mounted secret often is."""
        folder = tempfile.mkdtemp(prefix="devnexus-")
        self._forget = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        path = Path(folder, "key")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            file.write(key.value + b"\n")
        return path


def _as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """git's configuration as environment variables: a command line can be read by everybody."""
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def is_remote(location: str) -> bool:
    """Whether `location` is the address of a git repository, and not a path.

    Raises ConfigurationError where it is an address that we do not use.
    """
    if re.match(r"\w[\w.+-]*@[\w.-]+:", location):
        return True
    if "://" not in location:
        return False
    _protocol(location)
    return True


def _protocol(url: str) -> str:
    scheme, found, rest = url.partition("://")
    if not found:
        return "ssh"
    authority = rest.partition("/")[0]
    if scheme == "https" and "@" in authority:
        raise ConfigurationError(
            f"https://…@{authority.rpartition('@')[2]}: addresses are logged; put the token into {TOKEN}"
        )
    if scheme == "ssh" and ":" in authority.rpartition("@")[0]:
        raise ConfigurationError(f"ssh://…@{authority.rpartition('@')[2]}: use {SSH_KEY}, not a password")
    if scheme not in {"https", "ssh", "file"}:
        raise ConfigurationError(f"{scheme}:// leads to no knowledge base: use https, ssh, file or github:")
    return scheme
