"""`devnexus try`: the first look at some repositories."""

import sys
from pathlib import Path

import click


@click.command("try", short_help="What is worth knowing of local repositories: copies, gaps, risks.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--all", "show_all", is_flag=True, help="Every remark, and every pattern with its lines.")
@click.option("--json", "show_json", is_flag=True, help="Print one JSON object.")
def try_command(paths: tuple[Path, ...], show_all: bool, show_json: bool) -> None:
    """Say what is worth knowing of local repositories: what they share, lack and risk.

    Each PATH is a clone, or a folder of clones. They are only read, in this process: no service, no key, no
    network, and nothing is written. Exits with 1 only if no repository could be read.
    """
    # What it imports comes with the services, not with the bare command line.
    from devnexus_cli.first_look.run import run  # noqa: PLC0415

    sys.exit(run(paths, show_all=show_all, show_json=show_json))
