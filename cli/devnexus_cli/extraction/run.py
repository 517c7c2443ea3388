"""Runs an extraction from a command line."""

import json
import warnings
from pathlib import Path

import click

from devnexus.knowledge.analyses import analyses
from devnexus_cli.extraction.asked import BadRange, push_of, snapshot_of
from devnexus_cli.extraction.extracted import extracted
from devnexus_cli.extraction.text import text
from devnexus_cli.in_process import InProcess
from devnexus_cli.local_repository import NotUsable, open_local

_INTERRUPTED = 130


def run(path: Path, *, span: str | None, show_json: bool) -> int:
    """Print what the repository at `path` yields, of `span` where one is given; return the exit status."""
    warnings.simplefilter("ignore", SyntaxWarning)  # the code that we read is not ours to judge
    try:
        clone = open_local(path)
        asked = push_of(clone, span) if span else snapshot_of(clone)
        with InProcess({clone.name: clone.path}) as extractor:
            records = analyses(extractor.extracted(asked))
    except (BadRange, NotUsable) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("\nStopped; nothing was written.", err=True)
        return _INTERRUPTED
    if not records:
        raise click.ClickException(f"{path}: its .devnexus.yml says analyse: false, so nothing is read")
    found = extracted(next(one for one in records if one.record_id == asked.id))
    click.echo(json.dumps(found.model_dump(mode="json"), indent=2) if show_json else text(found))
    return 0
