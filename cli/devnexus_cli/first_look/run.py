"""Runs a first look from a command line: progress for people, one text in the end."""

import shutil
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import click

from devnexus_cli.first_look import text
from devnexus_cli.first_look.clones import Clones, find_clones
from devnexus_cli.first_look.json_text import as_json
from devnexus_cli.first_look.look import Look, heads_of, look
from devnexus_cli.first_look.remark import worth_telling

_WIDTHS = (80, 140)
_INTERRUPTED = 130


def run(paths: Sequence[Path], *, show_all: bool, show_json: bool) -> int:
    """Print what is worth knowing of the repositories at `paths`; 1 where none could be read."""
    warnings.simplefilter("ignore", SyntaxWarning)  # the code that we read is not ours to judge
    started = time.monotonic()
    try:
        seen = _look(find_clones(paths))
    except KeyboardInterrupt:
        click.echo("\nStopped; nothing was written.", err=True)
        return _INTERRUPTED
    seconds = time.monotonic() - started
    if show_json:
        remarks = seen.remarks if show_all else worth_telling(seen.remarks)
        click.echo(as_json(seen, remarks, seconds=seconds))
    elif seen.seen:
        written = text.full if show_all else text.short
        click.echo(written(seen, seconds=seconds, width=_width()))
    else:
        click.echo(text.nothing_read(seen), err=True)
    return 0 if seen.seen else 1


def _look(clones: Clones) -> Look:
    heads = heads_of(clones)
    at = heads.ready
    label = f"Reading {len(at)} repositories" if len(at) != 1 else f"Reading {at[0].clone.name}"
    length = sum(head.files for head in at)
    with click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        return look(heads, tell=bar.update)


def _width() -> int:
    fewest, most = _WIDTHS
    return min(max(shutil.get_terminal_size((most, 24)).columns, fewest), most)
