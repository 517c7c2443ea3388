"""Secrets: from the environment, else a mounted file, else Google Secret Manager."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from devnexus.errors import ConfigurationError

Fetch = Callable[[str], bytes]
"""Gives the payload of a secret version by its resource name."""


@dataclass(frozen=True, repr=False)
class Secret:
    """A value that does not show itself in logs, tracebacks or reprs."""

    value: bytes

    def __repr__(self) -> str:
        return "Secret(…)"


def read_secret(name: str, environment: Mapping[str, str], *, fetch: Fetch | None = None) -> Secret | None:
    """The secret called `name`, or None where nothing in `environment` says where it is.

    Looked up in this order: `NAME` (the value), `NAME_FILE` (a mounted file's path), `NAME_SECRET` (a
    resource name `projects/P/secrets/S/versions/V`, read from Secret Manager). Line ends around the
    value are not part of it. Raises ConfigurationError where a place is named but gives nothing.
    """
    if environment.get(name):
        return _secret(name, environment[name].encode())
    if environment.get(f"{name}_FILE"):
        return _secret(name, _read_file(f"{name}_FILE", Path(environment[f"{name}_FILE"])))
    if environment.get(f"{name}_SECRET"):
        return _secret(name, (fetch or _fetch)(environment[f"{name}_SECRET"]))
    return None


def require_secret(name: str, environment: Mapping[str, str], *, about: str) -> Secret:
    """The secret called `name`; raise ConfigurationError with the places to put it where there is none."""
    secret = read_secret(name, environment)
    if secret is None:
        raise ConfigurationError(
            f"{name} is not set: {about}. Set {name}, or {name}_FILE to a file that holds it, "
            f"or {name}_SECRET to a Secret Manager version (projects/P/secrets/S/versions/V)"
        )
    return secret


def _secret(name: str, value: bytes) -> Secret:
    stripped = value.strip(b"\r\n")
    if not stripped:
        raise ConfigurationError(f"{name} is empty")
    return Secret(stripped)


def _read_file(variable: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{variable}: {path} cannot be read: {error.strerror}") from error


def _fetch(resource: str) -> bytes:
    # Half a second and 56 MiB that only a process which really asks Secret Manager should pay.
    from devnexus.secret_manager import fetch  # noqa: PLC0415

    return fetch(resource)
