"""`devnexus kb log`: what happened to a repository."""

import os
from collections.abc import Sequence
from itertools import islice

import click

from devnexus.events import PatternsExtracted, Record
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.fold import state_of
from devnexus.knowledge.history import load_history, merge
from devnexus.knowledge.order import in_order
from devnexus.knowledge.projection import Brought
from devnexus.knowledge.stores import open_store
from devnexus.printable import printable
from devnexus.timestamps import write
from devnexus_cli.figures import count
from devnexus_cli.kb.look_up import find_repository
from devnexus_cli.kb.options import knowledge_option
from devnexus_cli.kb.record_text import record_text

_SHOWN = 50


@click.command("log")
@click.argument("repository", metavar="REPO")
@click.option("--limit", type=click.IntRange(1), default=_SHOWN, show_default=True, help="How many records.")
@knowledge_option
def log_command(repository: str, limit: int, knowledge: str) -> None:
    """List the records of REPO, newest first: when, what, why, what was read, and what came or went.

    REPO is <owner>/<name>, also a former one, or an id such as github.com/123. Where a push was analysed
    several times the analysis that counts is shown.
    """
    store = open_store(knowledge, os.environ, access="read")
    try:
        head = store.head()
        found = find_repository(store, repository, at=head)
        records = in_order(effective(merge((), load_history(store, found.id, at=head))))
    finally:
        store.close()
    click.echo(printable(f"{found.page.repository_name}  {found.id}  {count(len(records), 'record')}"))
    shown = [
        (write(record.at), record.kind.replace("_", " "), record.cause, f"{record_text(record)}{brought}")
        for record, brought in islice(reversed(_with_what_they_brought(records)), limit)
    ]
    widths = [max((len(row[column]) for row in shown), default=0) for column in range(3)]
    for *cells, text in shown:
        fixed = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
        click.echo(printable(f"{fixed}  {text}"))
    if len(records) > limit:
        click.echo(f"… and {len(records) - limit} earlier ones: --limit {len(records)}")


def _with_what_they_brought(records: Sequence[Record]) -> list[tuple[Record, str]]:
    """Each record, and the patterns that it introduced, touched or ended, in words."""
    if not records:
        return []
    state = state_of(records)
    told: list[tuple[Record, str]] = []
    for record in records:
        state.apply(record)
        told.append((record, _brought(state.brought) if isinstance(record, PatternsExtracted) else ""))
    return told


def _brought(brought: Brought) -> str:
    said = {"introduced": brought.introduced, "touched": brought.touched, "gone": brought.gone}
    return "".join(f"; {word}: {', '.join(patterns)}" for word, patterns in said.items() if patterns)
