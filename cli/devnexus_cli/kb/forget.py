"""`devnexus kb forget`: take everything that is known of a repository out of the knowledge base."""

import os
from datetime import UTC, datetime

import click

from devnexus.knowledge.stores import open_store
from devnexus.printable import printable
from devnexus_cli.figures import count
from devnexus_cli.kb.forgetting import Target, find_target, forget, remains
from devnexus_cli.kb.look_up import find_repository
from devnexus_cli.kb.options import knowledge_option
from devnexus_cli.kb.purge_text import purge_text


@click.command("forget")
@click.argument("repository", metavar="REPO")
@click.option("--yes", is_flag=True, help="Do not ask.")
@knowledge_option
def forget_command(repository: str, yes: bool, knowledge: str) -> None:
    """Delete what is known of REPO, and say what is left and how to purge it.

    Its history, pages, corrections, and what an import said of its components go, in one commit where the
    store allows it. Its ids, those made of its names too, and the time stay in metadata.json: so the writer
    drops events from before that are still on their way, and no import of an old file brings it back.
    git keeps what was committed earlier: how to purge that is printed.
    To hide a repository and keep its history, remove it from the GitHub App instead.
    """
    store = open_store(knowledge, os.environ)
    try:
        found = find_repository(store, repository, at=store.head())
        target = find_target(store, found, at=store.head())
        _confirm(target, yes)
        done = forget(store, target, at=datetime.now(UTC))
        click.echo("Looking at what git still holds", err=True)
        left = remains(store, target, at=done.revision)
    finally:
        store.close()
    click.echo("\n".join(printable(line) for line in purge_text(target, done, left, knowledge)))


def _confirm(target: Target, yes: bool) -> None:
    click.echo(
        printable(f"{target.name} ({', '.join(target.ids)}): {count(len(target.paths), 'file')}"), err=True
    )
    if not yes:
        click.confirm("Delete all that is known of it?", abort=True, err=True)
