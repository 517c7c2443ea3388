"""What `devnexus status` says of Claude as a second reader."""

from datetime import UTC, datetime
from pathlib import Path

from devnexus.errors import ConfigurationError, Unavailable
from devnexus_cli.figures import count
from devnexus_cli.status_part import Part, not_known


def claude_part(database: str | None, home: Path) -> Part:
    """How many calls were made today, what they cost, and how much waits: nothing that is wrong."""
    title = "Claude"
    try:
        # What these import comes with the services, not with the bare command line.
        from devnexus_cli.notifications.operational_store import opened, store_url  # noqa: PLC0415
        from extractor.claude.sql_costs import read_costs  # noqa: PLC0415
        from extractor.claude.sql_tables import CLAUDE_TABLES  # noqa: PLC0415

        url = store_url(database, home)
        if url is None:
            return not_known(title, "no operational store here (--home), and no DATABASE_URL was given")
        with opened(url, [CLAUDE_TABLES]) as engine:
            costs = read_costs(engine, days=1, most=0, now=datetime.now(UTC))
    except (ConfigurationError, Unavailable) as error:
        return not_known(title, error)
    except ModuleNotFoundError as error:
        return not_known(title, f"{error.name} is missing: pip install 'dev-nexus[extractor]'")
    waits = count(costs.waiting, "push or snapshot waits", "pushes and snapshots wait")
    line = f"{count(costs.used_today, 'call')} today, {costs.total.cost_usd:.2f} USD; {waits} for it"
    facts = {"calls_today": costs.used_today, "cost_usd": costs.total.cost_usd, "waiting": costs.waiting}
    return Part(title, (f"{line} (devnexus costs)",), facts=facts)
