"""Where tasks are kept: in memory for one instance, in the database that several share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from a2a.server.cluster.event_stream import TaskEventStream
from a2a.server.cluster.task_store import VersionedTaskStore
from a2a.server.tasks import PushNotificationConfigStore, TaskStore

from a2a_gateway.protocol.life import LivingTasks
from a2a_gateway.protocol.memory import BoundedTasks
from a2a_gateway.protocol.weighed_receivers import WeighedReceivers
from a2a_gateway.world import Writes
from devnexus.state import open_shared_state


async def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Stores:
    """All that the protocol keeps."""

    tasks: TaskStore | VersionedTaskStore
    push_configs: PushNotificationConfigStore
    event_stream: TaskEventStream | None = None
    """By which one instance hears what becomes of the tasks of another."""
    begin: Callable[[], Awaitable[None]] = _nothing
    """Before the first request."""
    close: Callable[[], Awaitable[None]] = _nothing
    """After the last."""


def in_memory() -> Stores:
    """The stores of the only instance that there is."""
    push_configs = WeighedReceivers()
    return Stores(BoundedTasks(push_configs), push_configs)


def open_stores(database_url: str, writes: Writes) -> Stores:
    """The stores beside the operational store at `database_url`: a SQLite file is of one instance alone.

    Raises ConfigurationError where that is no database URL.
    """
    engine = open_shared_state(database_url)
    if engine is None:
        return in_memory()
    # what only PostgreSQL needs takes a tenth of a second to import
    from a2a_gateway.protocol.sql_stores import SqlStores  # noqa: PLC0415

    sql = SqlStores(engine)
    return Stores(LivingTasks(sql.tasks, writes), sql.push_configs, sql.event_stream, sql.begin, sql.close)
