"""`devnexus kb forget`: take everything that is known of a repository out of the knowledge base."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from devnexus.knowledge.stores import open_store
from devnexus.printable import printable
from devnexus.repository import RepositoryId
from devnexus_cli.dead_letters import home_option
from devnexus_cli.figures import count
from devnexus_cli.kb.forgetting import Target, find_target, forget, remains
from devnexus_cli.kb.look_up import find_repository
from devnexus_cli.kb.options import knowledge_option
from devnexus_cli.kb.purge_text import purge_text


@click.command("forget")
@click.argument("repository", metavar="REPO")
@click.option("--yes", is_flag=True, help="Do not ask.")
@knowledge_option
@click.option(
    "--database",
    envvar="DATABASE_URL",
    metavar="URL",
    help="The extractor's operational store [default: DATABASE_URL, else that of the run on this machine].",
)
@home_option
def forget_command(repository: str, yes: bool, knowledge: str, database: str | None, home: Path) -> None:
    """Delete what is known of REPO, and say what is left and how to purge it.

    Its history, pages, corrections, and what an import said of its components go, in one commit where the
    store allows it. Its ids, those made of its names too, and the time stay in metadata.json: so the writer
    drops events from before that are still on their way, and no import of an old file brings it back.
    What Claude said of it goes from the operational store, where there is one here.
    git keeps what was committed earlier: how to purge that is printed.
    To hide a repository and keep its history, remove it from the GitHub App instead.
    """
    store = open_store(knowledge, os.environ, access="write")
    try:
        found = find_repository(store, repository, at=store.head())
        target = find_target(store, found, at=store.head())
        _confirm(target, yes)
        said_is_gone = _forget_what_claude_said(target.ids, database, home)
        done = forget(store, target, at=datetime.now(UTC))
        click.echo("Looking at what git still holds", err=True)
        left = remains(store, target, at=done.revision)
    finally:
        store.close()
    text = purge_text(target, done, left, knowledge, said_is_gone=said_is_gone)
    click.echo("\n".join(map(printable, text)))


def _forget_what_claude_said(ids: Iterable[RepositoryId], database: str | None, home: Path) -> bool:
    """Whether there was a store to forget it in. It comes first: afterwards no name leads to it."""
    if database is None and not (home / "state.db").exists():
        return False
    # What these import comes with the services, not with the bare command line.
    from devnexus_cli.notifications.operational_store import opened, required_url  # noqa: PLC0415
    from extractor.claude.sql_calls import SqlCalls  # noqa: PLC0415
    from extractor.claude.sql_tables import CLAUDE_TABLES  # noqa: PLC0415
    from extractor.claude.sql_waiting import SqlWaiting  # noqa: PLC0415

    with opened(required_url(database, home), [CLAUDE_TABLES]) as engine:
        for id_ in ids:
            SqlWaiting(engine).forget(id_)
            SqlCalls(engine).forget(id_)
    return True


def _confirm(target: Target, yes: bool) -> None:
    click.echo(
        printable(f"{target.name} ({', '.join(target.ids)}): {count(len(target.paths), 'file')}"), err=True
    )
    if not yes:
        click.confirm("Delete all that is known of it?", abort=True, err=True)
