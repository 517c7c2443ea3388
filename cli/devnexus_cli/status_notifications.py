"""What `devnexus status` says of messages to people and agents."""

from pathlib import Path

from devnexus.errors import ConfigurationError, Unavailable
from devnexus_cli.figures import count
from devnexus_cli.notifications.log import disabled_text
from devnexus_cli.status_part import Part, not_known


def notifications_part(database: str | None, home: Path) -> Part:
    """How many messages wait, and the targets that take none until somebody puts them right."""
    title = "notifications"
    try:
        # What these import comes with the services, not with the bare command line.
        from devnexus_cli.notifications.operational_store import opened, store_url  # noqa: PLC0415
        from notifier.delivery_log import DeliveryLog  # noqa: PLC0415

        url = store_url(database, home)
        if url is None:
            return not_known(title, "no operational store here (--home), and no DATABASE_URL was given")
        with opened(url) as engine:
            log = DeliveryLog(engine)
            waiting, disabled = log.waiting(), log.disabled()
    except (ConfigurationError, Unavailable) as error:
        return not_known(title, error)
    except ModuleNotFoundError as error:
        return not_known(title, f"{error.name} is missing: pip install 'dev-nexus[notifier]'")
    lines = (count(waiting, "message waits", "messages wait"), *map(disabled_text, disabled))
    facts = {"waiting": waiting, "disabled_targets": [one.target for one in disabled]}
    return Part(title, lines, bool(disabled), facts)
