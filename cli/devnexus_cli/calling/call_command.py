"""`devnexus call`: one call of one skill, from a terminal."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Protocol

import click

from devnexus.errors import ConfigurationError
from devnexus.values import load_json
from devnexus_cli.calling.described import Described, Known, NotInstalled, skills_here, skills_told
from devnexus_cli.calling.gateway import Gateway, Reply
from devnexus_cli.calling.given import read_given
from devnexus_cli.calling.options import (
    SAY_WHO,
    a2a_option,
    credential_options,
    credentials,
    gateway_url,
    url_option,
)
from devnexus_cli.calling.shown import as_json, refusal
from devnexus_cli.calling.waiting import wait
from devnexus_cli.dead_letters import home_option

_ACCEPTED = 202


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
@a2a_option
@home_option
@credential_options
def call_command(
    skill: str,
    pairs: tuple[str, ...],
    file: IO[str] | None,
    url: str | None,
    a2a: str | None,
    home: Path,
    token: str | None,
    token_file: Path | None,
    api_key_file: Path | None,
) -> None:
    """Call SKILL with this input and print its answer as JSON.

    \b
      devnexus call query_patterns patterns="Retry with backoff,Outbox"
      devnexus call get_repository_list include_metadata=false limit=5
      devnexus call --a2a https://nexus.example.com get_repository_list limit=5

    Lists are written with commas or as JSON, parts of an input as JSON. `devnexus skills` lists the skills,
    `devnexus skills SKILL` says what one takes.

    Exits with 0 if there is an answer, 1 if the call is refused (the reason is on stderr), 2 if it is not
    one that could be made. What takes long is waited for, with what is being done on stderr; Ctrl-C gives
    it up.
    """
    try:
        if url and a2a:
            raise click.UsageError("give one of --url and --a2a")
        address = a2a or gateway_url(url, home)
        who = credentials(token, token_file, api_key_file, url=address, home=home)
        asked = _agent(address, who) if a2a else _Gateway(Gateway(address, who))
        known = _known(skill, asked)
        given = {**_from_file(file), **read_given(known.skill, pairs)}
        known.check(given)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    reply = asked.call(known.skill, given)
    if reply.body.get("success") is True:
        click.echo(as_json(reply.body))
        return
    click.echo(f"Error: {refusal(reply.body)}", err=True)
    if reply.status == 401:
        click.echo(SAY_WHO, err=True)
    sys.exit(1)


class _Asked(Protocol):
    """Whoever is asked."""

    def skills(self) -> Mapping[str, Known]:
        """The skills as they are told of there."""

    def call(self, skill: Described, given: Mapping[str, object]) -> Reply:
        """The answer, or the refusal; says on stderr what is being done meanwhile."""


class _Gateway:
    """A gateway over HTTP, and its tasks waited for."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def skills(self) -> Mapping[str, Known]:
        """As promised by _Asked."""
        return skills_told(self._gateway.card())

    def call(self, skill: Described, given: Mapping[str, object]) -> Reply:
        """As promised by _Asked."""
        reply = self._gateway.call(skill.id, given)
        if reply.status != _ACCEPTED:
            return reply
        return Reply(reply.status, wait(self._gateway, reply.body))


def _agent(url: str, who: Mapping[str, str]) -> _Asked:
    # the official client takes a second to import, and comes with the gateway
    from devnexus_cli.calling.a2a_agent import Agent  # noqa: PLC0415

    return Agent(url, who)


def _known(skill: str, asked: _Asked) -> Known:
    """The skill as it is known here, else as it is told of there."""
    try:
        here = skills_here()
    except NotInstalled:
        here = {}
    if skill in here:
        return here[skill]
    there = asked.skills()
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
