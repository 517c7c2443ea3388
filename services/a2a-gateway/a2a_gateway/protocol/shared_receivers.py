"""Who is to be told of tasks, in the database that instances share."""

from a2a.server.context import ServerCallContext
from a2a.server.tasks import DatabasePushNotificationConfigStore
from a2a.types.a2a_pb2 import TaskPushNotificationConfig

from a2a_gateway.protocol.answering import answering


class SharedReceivers(DatabasePushNotificationConfigStore):
    """The SDK's store, which says so where its database does not answer."""

    async def set_info(
        self, task_id: str, notification_config: TaskPushNotificationConfig, context: ServerCallContext
    ) -> TaskPushNotificationConfig:
        """As promised by the SDK's port."""
        return await answering(super().set_info(task_id, notification_config, context))

    async def get_info(self, task_id: str, context: ServerCallContext) -> list[TaskPushNotificationConfig]:
        """As promised by the SDK's port."""
        return await answering(super().get_info(task_id, context))

    async def get_info_for_dispatch(self, task_id: str) -> list[TaskPushNotificationConfig]:
        """As promised by the SDK's port."""
        return await answering(super().get_info_for_dispatch(task_id))

    async def delete_info(
        self, task_id: str, context: ServerCallContext, config_id: str | None = None
    ) -> None:
        """As promised by the SDK's port."""
        await answering(super().delete_info(task_id, context, config_id))
