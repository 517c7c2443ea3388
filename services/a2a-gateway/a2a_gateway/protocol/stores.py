"""Where tasks are kept."""

from dataclasses import dataclass

from a2a.server.cluster.event_stream import TaskEventStream
from a2a.server.tasks import (
    InMemoryPushNotificationConfigStore,
    InMemoryTaskStore,
    PushNotificationConfigStore,
    TaskStore,
)

PARKED_SECONDS = 900


@dataclass(frozen=True)
class Stores:
    """All that the protocol keeps."""

    tasks: TaskStore
    push_configs: PushNotificationConfigStore
    event_stream: TaskEventStream | None = None

    async def begin(self) -> None:
        """Before the first request."""

    async def close(self) -> None:
        """After the last."""


def open_stores(database_url: str) -> Stores:
    """The stores of one instance."""
    return Stores(InMemoryTaskStore(), InMemoryPushNotificationConfigStore())
