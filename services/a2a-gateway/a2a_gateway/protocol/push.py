"""Tells of tasks whoever asked to be told."""

from a2a.server.tasks import PushNotificationEvent, PushNotificationSender


class PushSender(PushNotificationSender):
    """Sends nothing yet."""

    async def send_notification(self, task_id: str, event: PushNotificationEvent) -> None:
        """As promised by the SDK's port."""

    def close(self) -> None:
        """End in order."""


async def url_is_allowed(url: str) -> bool:
    """Whether this address may be told."""
    return url.startswith("https://")
