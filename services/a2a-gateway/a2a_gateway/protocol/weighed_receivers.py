"""Who is to be told of tasks, in memory, and how much room that takes."""

from a2a.server.context import ServerCallContext
from a2a.server.tasks import InMemoryPushNotificationConfigStore
from a2a.types.a2a_pb2 import TaskPushNotificationConfig

from a2a_gateway.protocol.owner import owner_of

_EACH_BYTES = 2000
"""What one takes beside what it says."""


class WeighedReceivers(InMemoryPushNotificationConfigStore):
    """The SDK's store in memory, which knows what it holds. For one event loop."""

    def __init__(self) -> None:
        super().__init__(owner_resolver=owner_of)
        self._weights: dict[str, int] = {}
        self.bytes = 0

    def bytes_of(self, task_id: str) -> int:
        """What those of one task take."""
        return self._weights.get(task_id, 0)

    async def set_info(
        self, task_id: str, notification_config: TaskPushNotificationConfig, context: ServerCallContext
    ) -> TaskPushNotificationConfig:
        """As promised by the SDK's port."""
        kept = await super().set_info(task_id, notification_config, context)
        await self._weigh(task_id, context)
        return kept

    async def delete_info(
        self, task_id: str, context: ServerCallContext, config_id: str | None = None
    ) -> None:
        """As promised by the SDK's port."""
        await super().delete_info(task_id, context, config_id)
        await self._weigh(task_id, context)

    async def _weigh(self, task_id: str, context: ServerCallContext) -> None:
        weight = sum(_EACH_BYTES + one.ByteSize() for one in await self.get_info(task_id, context))
        self.bytes += weight - self._weights.pop(task_id, 0)
        if weight:
            self._weights[task_id] = weight
