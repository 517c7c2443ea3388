"""`devnexus github backfill`: the past of repositories becomes knowledge."""

import sys
from pathlib import Path

import click

from devnexus_cli.dead_letters import home_option, project_option
from devnexus_cli.kb.options import knowledge_option


@click.command("backfill", short_help="Bring in the last commits of repositories on GitHub.")
@click.argument("target", metavar="OWNER[/REPO]")
@click.option("--commits", type=click.IntRange(1, 10_000), required=True, help="Of each repository.")
@click.option("--dry-run", is_flag=True, help="Only say what it would take.")
@click.option(
    "--per-hour",
    type=click.IntRange(1),
    default=300,
    show_default=True,
    help="Commits an hour; each costs about 6 of the 5,000 calls that GitHub allows, live pushes included.",
)
@knowledge_option
@project_option
@home_option
def backfill_command(
    target: str,
    commits: int,
    dry_run: bool,
    per_hour: int,
    knowledge: str,
    project: str | None,
    home: Path,
) -> None:
    """Bring in the last first-parent commits of the default branch, a push each, oldest first.

    Where a repository is not known yet, a snapshot of what they were built on comes first. They wait behind
    live pushes and notify nobody. Their time is the commit's own. Broken off, it goes on where it stopped;
    doing it again is harmless. Needs GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY. Exits with 75 where GitHub
    asks to wait.
    """
    # What it imports comes with the services, not with the bare command line.
    from devnexus_cli.github.backfill_run import run  # noqa: PLC0415

    sys.exit(
        run(
            target,
            commits=commits,
            per_hour=per_hour,
            knowledge=knowledge,
            project=project,
            home=home,
            dry_run=dry_run,
        )
    )
