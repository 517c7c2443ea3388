"""Tasks of several instances, in the PostgreSQL database that they share."""

import asyncio
import logging
from contextlib import suppress

from a2a.server.cluster import DatabaseTaskEventStream, VersionedDatabaseTaskStore
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from a2a_gateway.protocol.owner import owner_of
from a2a_gateway.protocol.shared_receivers import SharedReceivers
from devnexus.errors import ConfigurationError

_SCHEMA = "a2a"
"""Of the SDK's tables, one of which is called as one of ours."""

_FORGET_EVERY_SECONDS = 3600.0

_MAKING_TABLES = 0x64657661  # "deva": any number that all of our processes agree on
_MAKE_SCHEMA = "CREATE SCHEMA IF NOT EXISTS a2a"
_ANY_CONTEXT = "ALTER TABLE a2a.tasks ALTER COLUMN context_id TYPE text"
_FORGET = (  # NOT IN would compare each with each once the ids outgrow the memory of a query
    "DELETE FROM a2a.tasks WHERE last_updated < (now() AT TIME ZONE 'UTC') - interval '1 day'",
    "DELETE FROM a2a.task_versions x WHERE NOT EXISTS (SELECT FROM a2a.tasks WHERE id = x.task_id)",
    "DELETE FROM a2a.task_events x WHERE NOT EXISTS (SELECT FROM a2a.tasks WHERE id = x.task_id)",
    "DELETE FROM a2a.push_notification_configs x"
    " WHERE NOT EXISTS (SELECT FROM a2a.tasks WHERE id = x.task_id)",
)

_log = logging.getLogger(__name__)


class SqlStores:
    """The SDK's own stores, in a schema of their own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(schema_translate_map={None: _SCHEMA})
        self.tasks = VersionedDatabaseTaskStore(self._engine, owner_resolver=owner_of)
        self.event_stream = DatabaseTaskEventStream(self._engine)
        self.push_configs = SharedReceivers(self._engine, owner_resolver=owner_of)
        self._forgetting: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Make the tables; instances that start at once wait for each other.

        Raises ConfigurationError where they cannot be made.
        """
        try:
            await self._make_tables()
        except SQLAlchemyError as error:
            raise ConfigurationError(
                f"DATABASE_URL: the tables of A2A cannot be made ({type(error).__name__}): let its role make"
                f" the schema {_SCHEMA} (GRANT CREATE ON DATABASE)"
            ) from error
        self._forgetting = asyncio.create_task(self._forget_now_and_then())

    async def _make_tables(self) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(text(f"SELECT pg_advisory_lock({_MAKING_TABLES})"))
            await connection.execute(text(_MAKE_SCHEMA))
            await connection.commit()
            await self.tasks.initialize()
            await self.event_stream.initialize()
            await self.push_configs.initialize()
            await connection.execute(text(_ANY_CONTEXT))
            await connection.commit()
            await connection.execute(text(f"SELECT pg_advisory_unlock({_MAKING_TABLES})"))

    async def close(self) -> None:
        """Let go of the database."""
        if self._forgetting:
            self._forgetting.cancel()
            with suppress(asyncio.CancelledError):
                await self._forgetting
        await self._engine.dispose()

    async def forget_old(self) -> None:
        """Delete what has not changed for a day, and what belongs to it."""
        async with self._engine.begin() as connection:
            for statement in _FORGET:
                await connection.execute(text(statement))

    async def _forget_now_and_then(self) -> None:
        while True:
            try:
                await self.forget_old()
            except SQLAlchemyError as error:
                _log.warning("old tasks could not be deleted: %s", type(error).__name__)
            await asyncio.sleep(_FORGET_EVERY_SECONDS)
