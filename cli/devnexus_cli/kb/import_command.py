"""`devnexus kb import`."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from devnexus.errors import ConfigurationError
from devnexus.knowledge.stores import open_store
from devnexus_cli.interruption import interruptible
from devnexus_cli.kb.knowledge_file import MAX_BYTES, KnowledgeFile
from devnexus_cli.kb.options import knowledge_option


@click.command("import")
@knowledge_option
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.argument("file")
def import_command(file: str, knowledge: str, dry_run: bool) -> None:
    """Take over FILE, a knowledge_base.json of the original (v1 or v2); - reads it from the input.

    Each entry of a repository's history becomes a record, and the rest one more. Strings and their order
    stay, and so do fields that v2 does not know; dates without a zone are UTC. An analysis that had failed
    is kept but replaces no knowledge. A file in which anything is wrong is refused whole.

    Run it again after an interruption: it completes, and what is known already changes nothing.
    """
    # The use case is the writer's; the bare command line may come without it.
    from devnexus_cli.kb.import_file import (  # noqa: PLC0415
        Batch,
        compare_repositories,
        import_organisation,
        import_repositories,
    )

    read = KnowledgeFile(_content(file), name="input" if file == "-" else file)
    store = open_store(knowledge, os.environ, access="write")
    try:
        with interruptible():
            batches: Iterable[Batch] = (compare_repositories if dry_run else import_repositories)(read, store)
            new = known = forgotten = 0
            with click.progressbar(
                length=read.repositories,
                label="repositories",
                show_pos=True,
                file=sys.stderr,
                hidden=not sys.stderr.isatty(),
            ) as bar:
                for batch in batches:
                    bar.update(batch.repositories)
                    new, known = new + batch.new, known + batch.known
                    forgotten += batch.forgotten
            if not dry_run:
                import_organisation(read, store)
    except KeyboardInterrupt as stopped:
        raise click.ClickException(
            "Stopped; what was written stays: run it again to complete it"
        ) from stopped
    finally:
        store.close()
    click.echo(
        f"{'Would import' if dry_run else 'Imported'} {read.repositories} repositories with {read.entries} "
        f"past analyses ({'v1' if read.is_v1 else 'v2'}): {new} records new, {known} known already"
        + (f", {forgotten} left out: older than the wish to forget their repository" if forgotten else "")
    )


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror}") from error
