"""Runs a backfill from a command line: what it takes first, then progress, in the end what was published."""

import os
import shlex
import sys
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

import click

from devnexus.errors import Unavailable
from devnexus.github import PATIENT, GitHubApp
from devnexus.knowledge.stores import open_store
from devnexus.knowledge.view import View, Views
from devnexus.printable import printable
from devnexus.pubsub import PubSubPublisher
from devnexus.repository import RepositoryId
from devnexus_cli.figures import count, span
from devnexus_cli.github.backfill import Backfill, Estimate, estimate
from devnexus_cli.github.exit_codes import INTERRUPTED, TRY_LATER
from devnexus_cli.github.progress import ProgressFile
from devnexus_cli.running import find_running, pubsub_project
from extractor.claude.brief import MAX_TOKENS
from extractor.claude.cutting import TOKENS_PER_CALL
from extractor.claude.prices import cost_usd
from extractor.claude.request import Usage
from extractor.settings import ClaudeSettings
from webhook_receiver.installations import Hosted, Installations
from webhook_receiver.settings import read_allowed, repository_of

_HOUR = 3600.0
_MOST_TOKENS = TOKENS_PER_CALL + 10_000
"""Of one call to Claude: its pieces and the brief."""


def run(
    target: str,
    *,
    commits: int,
    per_hour: int,
    knowledge: str,
    project: str | None,
    home: Path,
    dry_run: bool,
) -> int:
    """The exit status: 0, 75 where somebody is away for now, 130 after Ctrl-C."""
    with closing(open_store(knowledge, os.environ, access="read")) as store:
        view = Views(store).head()
    known = {good.value.repository_id for good in view.raw.values() if good.value and good.value.recent}
    again = f"devnexus github backfill {shlex.quote(target)} --commits {commits}"
    progress = ProgressFile(home, target, commits)
    app = GitHubApp(os.environ, access="read", patience=PATIENT)
    with closing(app), Installations(app, read_allowed(os.environ)) as installations:
        try:
            repositories = _wanted(target, installations, view, knowledge)
            takes = estimate(repositories, known, commits)
            click.echo("\n".join(_takes(target, takes, per_hour, _cost(repositories, view))))
            if dry_run or not repositories:
                return 0
            named = pubsub_project(project, find_running(home))
            return _publish(repositories, known, progress, commits, per_hour, named, again)
        except Unavailable as error:
            click.echo(printable(f"Stopped: {error}\nTo go on later: {again}"), err=True)
            return TRY_LATER


def _wanted(target: str, installations: Installations, view: View, knowledge: str) -> list[Hosted]:
    found = [installations.repository(target)] if "/" in target else installations.repositories(target)
    wants, base = view.people.organisation.wants, repository_of(knowledge)
    return [
        hosted for hosted in found if wants(hosted.repository.name) and hosted.repository.name.lower() != base
    ]


def _takes(target: str, takes: Estimate, per_hour: int, cost: str) -> list[str]:
    calls = f"about {takes.listing_calls:,} to list, at most {takes.reading_calls:,} to read"
    return [
        f"{target}: {count(takes.repositories, 'repository', 'repositories')}, "
        f"at most {takes.commits:,} commits, {count(takes.unknown, 'snapshot')} first",
        f"GitHub calls: {calls}; GitHub allows 5,000 an hour or more",
        f"time: at most {span(takes.commits / per_hour * _HOUR)} at {per_hour:,} commits an hour, "
        "behind live pushes",
        cost,
    ]


def _cost(repositories: Sequence[Hosted], view: View) -> str:
    """What reading takes besides; whether the extractor has a key is not known here."""
    organisation = view.people.organisation
    lets = sum(
        organisation.lets_claude_read(one.repository.name, private=one.repository.private)
        for one in repositories
    )
    calls = organisation.claude.calls_per_day
    if not lets or not calls:
        return "cost: 0 (read by rules; devnexus.yaml lets Claude read none of it)"
    model = ClaudeSettings().claude_bulk_model
    dearest = cost_usd(model, Usage(input_tokens=_MOST_TOKENS, output_tokens=MAX_TOKENS), in_batch=True)
    return (
        f"cost: 0 by rules; where the extractor has a Claude key, at most {calls:,} calls a day in batches, "
        f"with {model} at most {dearest * calls:.2f} USD a day, for {lets} of {len(repositories)}"
    )


def _publish(
    repositories: Sequence[Hosted],
    known: Collection[RepositoryId],
    progress: ProgressFile,
    commits: int,
    per_hour: int,
    project: str,
    again: str,
) -> int:
    publisher = PubSubPublisher(project=project, source="/dev-nexus/cli")
    if progress.exists:
        click.echo(f"Going on where {progress.path} says that it stopped.")
    length = commits * len(repositories)
    hidden = not sys.stderr.isatty()
    try:
        with click.progressbar(length=length, label="Publishing", file=sys.stderr, hidden=hidden) as bar:
            pace = _Pace(per_hour)
            backfill = Backfill(publisher, progress, known, commits, wait=pace.wait, tell=bar.update)
            backfill.run(repositories)
    except KeyboardInterrupt:
        click.echo(f"\nStopped; nothing is lost. To go on: {again}", err=True)
        return INTERRUPTED
    finally:
        publisher.close()
    earlier = f", {backfill.done_before} earlier" if backfill.done_before else ""
    click.echo(
        f"{count(backfill.pushes, 'push', 'pushes')}{earlier} and {count(backfill.snapshots, 'snapshot')}"
    )
    if backfill.out_of_reach:
        click.echo(printable(f"out of reach: {', '.join(backfill.out_of_reach)}"))
    return 0


class _Pace:
    """Lets so many pass in an hour, evenly; what was missed while something else took long is not made up."""

    def __init__(self, per_hour: int) -> None:
        self._seconds = _HOUR / per_hour
        self._next = 0.0

    def wait(self) -> None:
        """Return when the next may pass."""
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + self._seconds
