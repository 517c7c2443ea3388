"""`devnexus status`: whether everything runs, and what is known to be missing."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.knowledge.store import Damaged
from devnexus.knowledge.stores import open_store
from devnexus.printable import printable
from devnexus_cli.dead_letters import home_option, project_option
from devnexus_cli.kb.options import knowledge_option
from devnexus_cli.notifications.options import database_option
from devnexus_cli.running import find_running
from devnexus_cli.status_claude import claude_part
from devnexus_cli.status_knowledge import knowledge_parts
from devnexus_cli.status_notifications import notifications_part
from devnexus_cli.status_part import Part
from devnexus_cli.status_services import dead_letters_part, lag_part, metrics_part, services_part, writer_part

_WIDTH = 14


@click.command("status")
@click.argument("services", nargs=-1, metavar="[SERVICE=URL]...")
@knowledge_option
@home_option
@project_option
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status_command(
    services: tuple[str, ...],
    knowledge: str,
    home: Path,
    project: str | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Say whether services answer, what could not be handled, and what the knowledge base holds and lacks.

    The services of a run on this machine are found by themselves; name others, such as
    extractor=https://extractor-xyz.run.app. What cannot be looked at from here is said. Exits with 1 only
    if something is wrong: a service is down, dead letters wait, a target of
    messages is disabled, a page or a file of people's is damaged.
    """
    if odd := [service for service in services if "=" not in service]:
        raise click.UsageError(f"{odd[0]} is not SERVICE=URL")
    running = find_running(home)
    urls = {**(running.services if running else {}), **dict(one.split("=", 1) for one in services)}
    parts = [
        *_knowledge(knowledge),
        services_part(urls),
        writer_part(running),
        metrics_part(running),
        lag_part(),
        dead_letters_part(project, home),
        notifications_part(database, home),
        claude_part(database, home),
    ]
    wrong = [part.title for part in parts if part.is_wrong]
    if as_json:
        facts = {part.title.replace(" ", "_"): part.facts for part in parts}
        click.echo(json.dumps({"wrong": wrong, **facts}, indent=2))
    else:
        click.echo("\n".join(_text(parts)))
    if wrong:
        raise click.ClickException(f"something is wrong with: {', '.join(wrong)}")


def _knowledge(location: str) -> list[Part]:
    try:
        store = open_store(location, os.environ, access="read")
        try:
            return knowledge_parts(store, location)
        finally:
            store.close()
    except (ConfigurationError, Unavailable, Damaged) as error:
        return [Part("knowledge", (f"cannot be read: {error}",), is_wrong=True, facts={"error": str(error)})]


def _text(parts: Sequence[Part]) -> list[str]:
    lines = []
    for part in parts:
        mark = "!" if part.is_wrong else " "
        for number, line in enumerate(part.lines):
            title = part.title if number == 0 else ""
            lines.append(printable(f"{mark} {title:<{_WIDTH}}{line}"))
    return lines
