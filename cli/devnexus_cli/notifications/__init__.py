"""`devnexus notifications`: what became of messages, and whether they arrive, one command a module."""

import click

from devnexus_cli.notifications.log import log_command
from devnexus_cli.notifications.test import test_command


@click.group()
def notifications() -> None:
    """Messages to people and agents: what became of them, and whether they arrive."""


for command in (log_command, test_command):
    notifications.add_command(command)
