"""`devnexus token`: to call a run on this machine as somebody."""

import re
from pathlib import Path

import click

from devnexus.errors import ConfigurationError
from devnexus_cli.running import find_running

_ADDRESS = re.compile(r"[!-?A-~]+@[A-Za-z0-9.-]+")
_GATEWAY = "a2a-gateway"


@click.command("token")
@click.argument("email")
@click.option("--home", type=click.Path(path_type=Path), default=Path(".devnexus"), show_default=True)
@click.option("--minutes", type=click.IntRange(1, 24 * 60), default=60, show_default=True)
@click.option("--audience", help="URL of the service that it is for [default: the gateway that runs there].")
def token_command(email: str, home: Path, minutes: int, audience: str | None) -> None:
    """Print a token that says that its bearer is EMAIL, for `devnexus run` with this home.

    There you@localhost may write, and reader@localhost read. Send it as `Authorization: Bearer TOKEN`.
    """
    # What it signs with comes with the services, not with the bare command line.
    from devnexus_cli.local_issuer import local_token  # noqa: PLC0415

    if not _ADDRESS.fullmatch(email):
        raise click.UsageError(f"{email!r} is no e-mail address such as you@localhost")
    click.echo(local_token(home, email, audience or _of_what_runs(home), minutes=minutes))


def _of_what_runs(home: Path) -> str:
    running = find_running(home)
    if running is None or _GATEWAY not in running.services:
        raise ConfigurationError(
            f"nothing runs with {home}: start devnexus run, or say with --audience what the token is for"
        )
    return running.services[_GATEWAY]
