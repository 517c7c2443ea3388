"""`devnexus github sweep`: what was missed is found and made up for."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from devnexus.printable import printable
from devnexus_cli.dead_letters import home_option, project_option
from devnexus_cli.figures import count
from devnexus_cli.github.exit_codes import TRY_LATER
from devnexus_cli.kb.options import knowledge_option
from devnexus_cli.running import find_running, pubsub_project

if TYPE_CHECKING:  # it comes with the services, not with the bare command line
    from webhook_receiver.swept import Swept

_NAMES_SHOWN = 5


@click.command("sweep", short_help="Find what was missed and make up for it.")
@knowledge_option
@project_option
@home_option
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sweep_command(knowledge: str, project: str | None, home: Path, dry_run: bool, as_json: bool) -> None:
    """Ask GitHub again for webhooks that failed in the last three days; then close gaps and stale heads.

    Each hole becomes one record marked as recovered; a repository that the base does not know is read whole.
    What may still be arriving is left for the next run. Needs GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY. Exits
    with 75 where GitHub asks to wait: the next run does the rest.
    """
    # What these import comes with the services, not with the bare command line.
    from devnexus_cli.github.sweeping import swept_by_us, would_be_swept  # noqa: PLC0415

    if dry_run:
        swept = would_be_swept(knowledge, os.environ)
    else:
        project = pubsub_project(project, find_running(home))
        swept = swept_by_us(knowledge, project, os.environ)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **swept.facts()}, indent=2))
    else:
        click.echo("\n".join(map(printable, _text(swept, would="would be " if dry_run else ""))))
    if swept.stopped:
        click.echo(printable(f"Stopped early: {swept.stopped}"), err=True)
        sys.exit(TRY_LATER)


def _text(swept: "Swept", *, would: str) -> list[str]:
    lines = [
        f"webhooks      {swept.undelivered} undelivered in 3 days, {swept.redelivered} {would}asked for again"
        + (f", {swept.refused} refused by GitHub" if swept.refused else ""),
        f"repositories  {swept.repositories} looked at",
        f"gaps          {swept.gaps_closed} {would}closed",
        f"stale heads   {swept.heads_closed} {would}closed",
        f"unknown       {count(swept.snapshots, 'snapshot')} {would}asked for",
    ]
    if swept.registered:
        lines.append(f"removed       {swept.registered} {would}registered again")
    if swept.waiting:
        lines.append(f"waiting       {swept.waiting}: what they miss may be arriving; sweep again in 15 min")
    if swept.out_of_reach:
        lines.append(f"out of reach  {_names(swept.out_of_reach)}")
    if swept.not_installed:
        lines.append(f"uninstalled   {_names(swept.not_installed)}: kept; devnexus kb forget removes")
    return lines


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return shown if len(names) <= _NAMES_SHOWN else f"{shown} and {len(names) - _NAMES_SHOWN} more"
