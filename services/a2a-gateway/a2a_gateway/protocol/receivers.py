"""Who may be told of tasks: asked before anything is kept of them."""

from collections.abc import Awaitable, Callable

from a2a.server.context import ServerCallContext
from a2a.server.tasks import PushNotificationConfigStore
from a2a.server.tasks.push_notification_config_store import normalize_push_notification_config
from a2a.types.a2a_pb2 import TaskPushNotificationConfig
from a2a.utils.errors import PushNotificationNotSupportedError

from a2a_gateway.protocol.errors import bad_input
from a2a_gateway.protocol.push_config import checked

_NOT_PUBLIC = (
    "the whole https address of a public host, such as https://example.org/hook; no user, no password"
)


class Receivers:
    """Those of all tasks, where `may_be_told` says whether somebody may be at an address."""

    def __init__(
        self,
        kept: PushNotificationConfigStore,
        *,
        are_told: bool,
        may_be_told: Callable[[str], Awaitable[bool]],
    ) -> None:
        """`are_told`: whether anybody is, which only tests deny."""
        self._kept = kept
        self._are_told = are_told
        self._may_be_told = may_be_told

    async def require_tellable(
        self,
        config: TaskPushNotificationConfig,
        task_id: str,
        context: ServerCallContext,
        *,
        within: str = "",
    ) -> None:
        """Raise InvalidParamsError, by field, where it cannot be told as it asks.

        `task_id` is empty where the task is not there yet; `within` is what the fields stand in. Raises
        PushNotificationNotSupportedError where nobody is told.
        """
        if not self._are_told:
            raise PushNotificationNotSupportedError
        others = await self._kept.get_info(task_id, context) if task_id else []
        checked(normalize_push_notification_config(task_id, config), others, within=within)
        if not await self._may_be_told(config.url):
            raise bad_input(f"{within}url: {_NOT_PUBLIC}", [(f"{within}url", _NOT_PUBLIC)])
