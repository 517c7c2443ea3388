"""`devnexus kb`: the knowledge base itself, one command a module."""

import click

from devnexus_cli.kb.export_command import export_command
from devnexus_cli.kb.forget import forget_command
from devnexus_cli.kb.import_command import import_command
from devnexus_cli.kb.init import init_command
from devnexus_cli.kb.log import log_command
from devnexus_cli.kb.show import show_command
from devnexus_cli.kb.verify import verify_command


@click.group()
def kb() -> None:
    """The knowledge base itself."""


for command in (
    init_command,
    verify_command,
    log_command,
    show_command,
    import_command,
    export_command,
    forget_command,
):
    kb.add_command(command)
