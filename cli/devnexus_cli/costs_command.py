"""`devnexus costs`: what asking Claude has cost, and what is left of today's budget."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.knowledge.followed_organisation import FollowedOrganisation
from devnexus.knowledge.store import Damaged
from devnexus.knowledge.stores import open_store
from devnexus.people.organisation import ClaudeUse
from devnexus.printable import printable
from devnexus_cli.dead_letters import home_option
from devnexus_cli.kb.options import knowledge_option

_MOST_REPOSITORIES = 10


@click.command("costs")
@click.option(
    "--days", type=click.IntRange(1, 400), default=7, show_default=True, help="So many, today's included."
)
@click.option(
    "--database",
    envvar="DATABASE_URL",
    metavar="URL",
    help="The extractor's operational store [default: DATABASE_URL, else that of the run on this machine].",
)
@knowledge_option
@home_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def costs_command(days: int, database: str | None, knowledge: str, home: Path, as_json: bool) -> None:
    """Say what asking Claude has cost: by day and model, and of the dearest repositories.

    Then what is left of today's budget, as `devnexus.yaml` in the knowledge base limits it, and how many
    pushes and snapshots wait for Claude. Days are in UTC, prices in USD for the tokens that were reported;
    your invoice is what counts. Calls are kept for 400 days.
    """
    # What these import comes with the services, not with the bare command line.
    from devnexus_cli.costs_text import costs_facts, costs_text  # noqa: PLC0415
    from devnexus_cli.notifications.operational_store import opened, required_url  # noqa: PLC0415
    from extractor.claude.sql_costs import read_costs  # noqa: PLC0415
    from extractor.claude.sql_tables import CLAUDE_TABLES  # noqa: PLC0415

    with opened(required_url(database, home), [CLAUDE_TABLES]) as engine:
        costs = read_costs(engine, days=days, most=_MOST_REPOSITORIES, now=datetime.now(UTC))
    limits = _limits(knowledge)
    if as_json:
        click.echo(json.dumps(costs_facts(costs, limits), indent=2))
    else:
        click.echo("\n".join(map(printable, costs_text(costs, limits))))


def _limits(location: str) -> ClaudeUse | str:
    """What the organisation allows, or why that cannot be told."""
    try:
        store = open_store(location, os.environ, access="read")
        try:
            return FollowedOrganisation(store).now().claude
        finally:
            store.close()
    except (ConfigurationError, Unavailable, Damaged) as error:
        return " ".join(str(error).split())
