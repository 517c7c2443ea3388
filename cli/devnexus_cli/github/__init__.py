"""`devnexus github`: what has to do with GitHub itself, one command a module."""

import click

from devnexus_cli.github.backfill_command import backfill_command
from devnexus_cli.github.manifest_command import manifest_command
from devnexus_cli.github.sweep_command import sweep_command


@click.group()
def github() -> None:
    """GitHub: register the App, bring in the past, make up for what was missed."""


for command in (manifest_command, backfill_command, sweep_command):
    github.add_command(command)
