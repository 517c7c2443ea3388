"""`devnexus kb export`."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from devnexus.errors import ConfigurationError
from devnexus.knowledge.stores import open_store
from devnexus_cli.kb.export_file import export_v2
from devnexus_cli.kb.options import knowledge_option


@click.command("export")
@knowledge_option
@click.option("--format", "format_", type=click.Choice(["v2"]), default="v2", show_default=True)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, whole or not at all, instead of the output.",
)
def export_command(knowledge: str, format_: str, output: Path | None) -> None:
    """Write the knowledge base as one v2 file, which the original's programs read.

    It holds every repository that is not removed or forgotten: what was imported, what pushes and
    snapshots showed (each an entry of its history), and what agents told. It has v2's fields and those
    that an import brought along; evidence and gaps have no place in v2. Corrections that people made in
    YAML files stay there and are not applied.
    """
    store = open_store(knowledge, os.environ, access="read")
    try:
        pieces = export_v2(store)
        if output is None:
            sys.stdout.buffer.writelines(piece.encode() for piece in pieces)
            sys.stdout.buffer.flush()
        else:
            _write_whole(output, pieces)
            click.echo(f"wrote {output}", err=True)
    finally:
        store.close()


def _write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Put `pieces` at `path`; nobody sees half of them, unless it is a device or a pipe."""
    path = path.resolve()  # a link stays one
    try:
        if path.exists() and not path.is_file():  # what is no file must not be replaced by one
            _write(path, pieces)
            return
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
        try:
            _write(unfinished, pieces)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from error


def _write(path: Path, pieces: Iterable[str]) -> None:
    with path.open("wb") as stream:
        stream.writelines(piece.encode() for piece in pieces)
