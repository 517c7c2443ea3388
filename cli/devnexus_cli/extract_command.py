"""`devnexus extract`: what one repository yields."""

import sys
from pathlib import Path

import click


@click.command(
    "extract", short_help="What one local repository yields: patterns, evidence, decisions, components."
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--snapshot", is_flag=True, help="The whole tree at HEAD [default].")
@click.option("--range", "span", metavar="A..B", help="What the commits after A up to B bring.")
@click.option("--json", "show_json", is_flag=True, help="Print one JSON object.")
def extract_command(path: Path, snapshot: bool, span: str | None, show_json: bool) -> None:
    """Print what one local repository yields: patterns with their evidence, decisions, components, facts.

    It is read as the services read it, in this process; nothing is written or sent. The receipt says what
    was not read.
    """
    if snapshot and span:
        raise click.UsageError("--snapshot reads a whole tree, --range what changed: give one of them")
    # What it imports comes with the services, not with the bare command line.
    from devnexus_cli.extraction.run import run  # noqa: PLC0415

    sys.exit(run(path, span=span, show_json=show_json))
