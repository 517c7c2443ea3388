"""`devnexus call`: one call of one skill, from a terminal."""

import sys
from pathlib import Path
from typing import IO

import click

from devnexus.errors import ConfigurationError
from devnexus.values import load_json
from devnexus_cli.calling.described import Known, NotInstalled, skills_here, skills_told
from devnexus_cli.calling.gateway import Gateway
from devnexus_cli.calling.given import read_given
from devnexus_cli.calling.options import (
    credential_options,
    credentials,
    gateway_url,
    url_option,
)
from devnexus_cli.calling.shown import as_json, refusal
from devnexus_cli.calling.waiting import wait
from devnexus_cli.dead_letters import home_option

_ACCEPTED = 202
_WHO = (
    "Say who you are with --token, --token-file, --api-key-file or DEVNEXUS_TOKEN; for a stack that runs here"
    " name its folder with --home"
)


@click.command("call", short_help="Call a skill, as an agent would.")
@click.argument("skill")
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--json",
    "file",
    type=click.File(encoding="utf-8"),
    metavar="FILE|-",
    help="Take the input from a file with a JSON object; each KEY=VALUE replaces a field of it.",
)
@url_option
@home_option
@credential_options
def call_command(
    skill: str,
    pairs: tuple[str, ...],
    file: IO[str] | None,
    url: str | None,
    home: Path,
    token: str | None,
    token_file: Path | None,
    api_key_file: Path | None,
) -> None:
    """Call SKILL with this input and print its answer as JSON.

    \b
      devnexus call query_patterns patterns="Retry with backoff,Outbox"
      devnexus call get_repository_list include_metadata=false limit=5

    Lists are written with commas or as JSON, parts of an input as JSON. `devnexus skills` lists the skills,
    `devnexus skills SKILL` says what one takes.

    Exits with 0 if there is an answer, 1 if the call is refused (the reason is on stderr), 2 if it is not
    one that could be made. What takes long is waited for, with what is being done on stderr; Ctrl-C gives
    it up.
    """
    try:
        address = gateway_url(url, home)
        who = credentials(token, token_file, api_key_file, url=address, home=home)
        gateway = Gateway(address, who)
        known = _known(skill, gateway)
        given = {**_from_file(file), **read_given(known.skill, pairs)}
        known.check(given)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    reply = gateway.call(skill, given)
    body = wait(gateway, reply.body) if reply.status == _ACCEPTED else reply.body
    if body.get("success") is True:
        click.echo(as_json(body))
        return
    click.echo(f"Error: {refusal(body)}", err=True)
    if reply.status == 401:
        click.echo(_WHO, err=True)
    sys.exit(1)


def _known(skill: str, gateway: Gateway) -> Known:
    """The skill as it is known here, else as the gateway tells of it."""
    try:
        here = skills_here()
    except NotInstalled:
        here = {}
    if skill in here:
        return here[skill]
    there = skills_told(gateway.card())
    if skill not in there:
        raise ConfigurationError(f"no skill is called {skill}; `devnexus skills` lists them")
    return there[skill]


def _from_file(file: IO[str] | None) -> dict[str, object]:
    if file is None:
        return {}
    try:
        content = load_json(file.read())
    except ValueError as error:
        raise ConfigurationError(f"{file.name} holds no JSON: {error}") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file.name} holds no JSON object")
    return content
