"""`devnexus github`: what has to do with GitHub itself, one command a module."""

import click

from devnexus_cli.github.backfill_command import backfill_command
from devnexus_cli.github.sweep_command import sweep_command


@click.group()
def github() -> None:
    """GitHub: bring in the past, make up for what was missed."""


for command in (backfill_command, sweep_command):
    github.add_command(command)
