"""Where to ask, and who asks."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from devnexus.errors import ConfigurationError
from devnexus_cli.running import find_running

DEFAULT_URL = "http://127.0.0.1:8080"
TOKEN = "DEVNEXUS_TOKEN"  # nosec B105  # the name of a variable
SAY_WHO = (
    "Say who you are with --token, --token-file, --api-key-file or DEVNEXUS_TOKEN; for a stack that runs here"
    " name its folder with --home"
)

F = TypeVar("F", bound=Callable[..., Any])

url_option = click.option(
    "--url", help=f"Address of the gateway [default: that of the run in --home, else {DEFAULT_URL}]."
)
a2a_option = click.option(
    "--a2a",
    metavar="URL",
    help="Address of an agent to be asked by A2A, as other agents ask it, in place of --url.",
)
_CREDENTIALS = (
    click.option("--token", metavar="TOKEN", help=f"Token that says who you are [default: ${TOKEN}]."),
    click.option(
        "--token-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File that holds the token; others on this machine cannot read it in the list of processes.",
    ),
    click.option(
        "--api-key-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File that holds an API key.",
    ),
)


def credential_options(command: F) -> F:
    """The options that say who asks."""
    for option in reversed(_CREDENTIALS):
        command = option(command)
    return command


def gateway_url(url: str | None, home: Path) -> str:
    """Where to ask: `url`, else the gateway of the run in `home`, else one on this machine."""
    return url or _url_of_run(home) or DEFAULT_URL


def credentials(
    token: str | None, token_file: Path | None, api_key_file: Path | None, *, url: str, home: Path
) -> Mapping[str, str]:
    """The headers that say who asks; raise click.UsageError where several are given.

    For the run in `home` alone, and where nothing is said, they say that it is you.
    """
    if sum(map(bool, (token, token_file, api_key_file))) > 1:
        raise click.UsageError("give one of --token, --token-file and --api-key-file")
    if api_key_file:
        return {"X-API-Key": _secret(api_key_file.read_text(), str(api_key_file))}
    if token_file:
        return _bearer(token_file.read_text(), str(token_file))
    if given := token or os.environ.get(TOKEN):
        return _bearer(given, "--token" if token else TOKEN)
    return _of_run(url, home)


def _of_run(url: str, home: Path) -> Mapping[str, str]:
    run = _url_of_run(home)
    if run is None or place(url) != place(run):
        return {}
    try:
        # It comes with the services, not with the bare command line.
        from devnexus_cli.local_issuer import YOU, local_token  # noqa: PLC0415
    except ModuleNotFoundError:
        return {}
    return _bearer(local_token(home, YOU, run), str(home))


def place(url: str) -> tuple[str, str]:
    """What is the same for all ways to write an address of this machine."""
    parts = urlsplit(url.rstrip("/"))
    return parts.scheme, parts.netloc.replace("localhost", "127.0.0.1")


def _url_of_run(home: Path) -> str | None:
    running = find_running(home)
    return running.services.get("a2a-gateway") if running else None


def _bearer(token: str, where: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {_secret(token, where)}"}


def _secret(text: str, where: str) -> str:
    secret = text.strip()
    if not secret or not all("!" <= character <= "~" for character in secret):
        raise ConfigurationError(f"{where} holds no token or key: one line of visible ASCII characters")
    return secret
