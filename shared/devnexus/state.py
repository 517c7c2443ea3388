"""The operational store: a SQLite file or a PostgreSQL database, through SQLAlchemy Core."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, func, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.pool import ConnectionPoolEntry

from devnexus.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.ext.asyncio import AsyncEngine

_EXAMPLES = "sqlite:////var/lib/dev-nexus/state.db or postgresql://user@host/name"
_BUSY_SECONDS = 10.0
_CONNECT_SECONDS = 5
_SILENCE_MS = 10_000
"""After this long without an acknowledgement by the network a connection to PostgreSQL is given up."""

_CONNECTIONS = (2, 3)
"""Kept, and more for a while, for each process: three services share the 25 of the smallest Cloud SQL."""

_SHARED_CONNECTIONS = 2
_POSTGRESQL: Mapping[str, Any] = {
    "hide_parameters": True,
    "pool_pre_ping": True,
    "connect_args": {"connect_timeout": _CONNECT_SECONDS, "tcp_user_timeout": _SILENCE_MS},
}

_MAKING_TABLES = 0x6465766E  # "devn": any number that all of our processes agree on


def open_state(url: str) -> Engine:
    """An engine for the SQLite file or PostgreSQL database at `url`; nothing is connected to yet.

    Raises ConfigurationError for any other URL. Its text never shows the URL, which may hold a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(f"DATABASE_URL is no database URL such as {_EXAMPLES}") from error
    if parsed.drivername == "sqlite":
        return _sqlite(parsed)
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return _postgresql(parsed)
    raise ConfigurationError(f"DATABASE_URL: {parsed.drivername!r} is not supported; use {_EXAMPLES}")


def open_shared_state(url: str) -> "AsyncEngine | None":
    """An engine for an event loop, for what instances share in a PostgreSQL database; None for a SQLite file,
    which is one instance's.

    Raises ConfigurationError as `open_state`.
    """
    engine = open_state(url)
    if engine.dialect.name != "postgresql":
        return None
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - one service's, and slow to import

    return create_async_engine(engine.url, **_POSTGRESQL, pool_size=_SHARED_CONNECTIONS, max_overflow=0)


def create_tables(engine: Engine, tables: MetaData) -> None:
    """Make those of `tables` that are not there; processes that start at once wait for each other.

    One that an earlier version made, and that lacks a column, is made anew and keeps what it held; nothing
    may refer to such a table. The earlier version can go on using it.

    Raises ConfigurationError, naming the database, where it cannot be used, or where a table of that name is
    somebody else's: without its store a service can promise nothing.
    """
    try:
        with engine.begin() as connection:  # on SQLite this alone keeps the others out
            if engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_MAKING_TABLES)))
            for table in _outdated(connection, tables):
                _make_anew(connection, table)
            tables.create_all(connection)
    except SQLAlchemyError as error:
        place = engine.url.set(query={}).render_as_string(hide_password=True)
        raise ConfigurationError(f"DATABASE_URL: {place} cannot be used: {_reason(error)}") from error


def _outdated(connection: Connection, tables: MetaData) -> list[Table]:
    there = inspect(connection)
    return [
        table
        for table in tables.sorted_tables
        if there.has_table(table.name)
        and not {column.name for column in table.columns}
        <= {column["name"] for column in there.get_columns(table.name)}
    ]


def _make_anew(connection: Connection, table: Table) -> None:
    """Give `table` its columns, indexes and checks of today: SQLite can change no check of a table."""
    foreign = {column["name"] for column in inspect(connection).get_columns(table.name)} - {*table.c.keys()}
    if foreign:  # no version of ours has ever taken a column away
        raise ConfigurationError(
            f"DATABASE_URL: its table {table.name} is not ours: it has a column {min(foreign)}. "
            "Give dev-nexus a database of its own"
        )
    name = f"{table.name}_before"
    for index in inspect(connection).get_indexes(table.name):
        if "duplicates_constraint" in index:
            continue  # it goes with its table
        connection.exec_driver_sql(f"DROP INDEX {index['name']}")
    connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {name}")
    table.create(connection)
    before = Table(name, MetaData(), autoload_with=connection)
    kept = [column for column in before.columns if column.name in table.columns]
    connection.execute(table.insert().from_select([column.name for column in kept], select(*kept)))
    before.drop(connection)


def inserting(engine: Engine) -> "Callable[[Table], sqlite.Insert | postgresql.Insert]":
    """Makes inserts that can say what to do on a conflict, in the words of the engine's database."""
    # the engine has imported its own dialect; that of the other database would take a twentieth of a second
    if engine.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """The whole block or nothing of it; raise Unavailable where the database may not have kept it."""
    try:
        with engine.begin() as connection:
            yield connection
    except (OperationalError, InterfaceError, InternalError, NoConnectionFree) as error:
        raise Unavailable(f"the operational store did not answer: {_reason(error)}") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """The same for a block that only reads, however long: on SQLite, too, others may write meanwhile."""
    with transaction(engine.execution_options(only_reads=True)) as connection:
        yield connection


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(
            "DATABASE_URL names no file: what is kept in memory is lost. Use sqlite:////path/to/state.db"
        )
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"DATABASE_URL: cannot make {folder}: {error.strerror}") from error
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where we say, in _begin_sqlite
    connection.execute("PRAGMA foreign_keys = ON")
    _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and the writer not wait for each other; a property of the file, so set once in its life."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:  # SQLite does not wait here as it does elsewhere
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # At once for writing: a transaction that first reads and then writes would fail without waiting
    # when another has written in between.
    only_reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _postgresql(url: URL) -> Engine:
    kept, more = _CONNECTIONS
    url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, **_POSTGRESQL, pool_size=kept, max_overflow=more)


def _reason(error: SQLAlchemyError) -> str:
    """What the database said, in one line, without the statement and its values."""
    text = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return text.partition("\n")[0] or type(error).__name__
