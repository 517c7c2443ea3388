"""Where the commands find the operational store: that of a service, or of a run on this machine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, MetaData

from devnexus.errors import ConfigurationError
from devnexus.state import create_tables, open_state
from notifier.sql_said import SAID_TABLES
from notifier.sql_tables import TABLES

NOTIFIER_TABLES = (TABLES, SAID_TABLES)

_SQLITE = "sqlite:///"


def store_url(database: str | None, home: Path) -> str | None:
    """The database that is named, else that of a run with this home; None where it has none.

    Raises ConfigurationError where a file is named that is not there.
    """
    if database is None:
        path = home / "state.db"
        return f"{_SQLITE}{path}" if path.exists() else None
    if database.startswith(_SQLITE) and not Path(database.removeprefix(_SQLITE)).exists():
        raise ConfigurationError(
            f"{database.removeprefix(_SQLITE)} is not there: no service has kept anything in it"
        )
    return database


def required_url(database: str | None, home: Path) -> str:
    """The same; raise ConfigurationError naming the remedy where there is none."""
    url = store_url(database, home)
    if url is None:
        raise ConfigurationError(
            f"no operational store: {home} holds none. Give the service's DATABASE_URL, here as --database, "
            "or name with --home the folder of a run on this machine"
        )
    return url


@contextmanager
def opened(url: str, tables: Sequence[MetaData] = NOTIFIER_TABLES) -> Iterator[Engine]:
    """An engine with these tables; raise ConfigurationError where the database cannot be used."""
    engine = open_state(url)
    try:
        for some in tables:
            create_tables(engine, some)
        yield engine
    finally:
        engine.dispose()
