"""`devnexus kb show`: what is known of a repository, now or at an earlier time."""

import json
import os

import click

from devnexus.knowledge.fold import fold
from devnexus.knowledge.history import load_history
from devnexus.knowledge.people import read_people
from devnexus.knowledge.stores import open_store
from devnexus.printable import printable
from devnexus_cli.kb.look_up import find_repository, find_revision
from devnexus_cli.kb.options import knowledge_option
from devnexus_cli.kb.page_text import page_text
from devnexus_cli.kb.rows_text import rows_text


@click.command("show")
@click.argument("repository", metavar="REPO")
@click.option(
    "--as-of", metavar="DATE|REV", help="As it was at the end of that day (UTC), or in that revision."
)
@click.option("--pattern", metavar="ID", help="List every row that speaks for this pattern, by id or name.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole page.")
@knowledge_option
def show_command(
    repository: str, as_of: str | None, pattern: str | None, as_json: bool, knowledge: str
) -> None:
    """Print what is known of REPO: patterns and where they are seen, decisions, dependencies, lessons, gaps.

    REPO is <owner>/<name>, also a former one, or an id such as github.com/123. What people corrected
    is shown as they corrected it. --as-of takes a day, a moment, or the beginning of a revision.
    """
    store = open_store(knowledge, os.environ, access="read")
    try:
        revision = find_revision(store, as_of)
        found = find_repository(store, repository, at=revision)
        people = read_people(store, revision)
        state = fold(load_history(store, found.id, at=revision)) if pattern else None
    finally:
        store.close()
    if pattern and state:
        for line in rows_text(state, pattern, shown=found.page, vocabulary=people.vocabulary):
            click.echo(printable(line))
        return
    if as_json:
        # In ASCII: what strangers wrote must not steer a terminal.
        click.echo(json.dumps(json.loads(found.page.page()), indent=2))
        return
    corrections = people.corrections(found.page_path) if found.page_path else None
    lines = page_text(found.page, notes=corrections.note if corrections else ())
    if not found.page_path:
        lines.append("  hidden: it was removed, or devnexus.yaml excludes it")
    click.echo("\n".join(printable(line) for line in lines))
    click.echo(
        f"\nat revision {revision[:12]}; how it came about: devnexus kb log {found.page.repository_name}"
    )
