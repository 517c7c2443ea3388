"""`devnexus kb init`."""

import os

import click

from devnexus.knowledge.stores import create_store


@click.command("init")
@click.argument("place")
def init_command(place: str) -> None:
    """Make an empty knowledge base at PLACE; one that is there stays as it is.

    PLACE is a path, a git URL, or github:<owner>/<name>.
    """
    create_store(place, os.environ)
    click.echo(f"knowledge base: {place}")
