"""The channel `console`: a message becomes one line of the log."""

import logging
from datetime import datetime

from devnexus.events.notification_requested import Message, Notice
from devnexus.values import Value
from notifier import texts
from notifier.channel import ChannelKind, Surroundings

_log = logging.getLogger(__name__)


class ConsoleFields(Value):
    """The log needs to be told nothing."""


class Console:
    """Writes messages to the log."""

    def send(self, delivery_id: str, message: Message, at: datetime) -> None:
        """As promised by Channel."""
        fields = {"delivery_id": delivery_id}
        if isinstance(message, Notice):
            fields.update(repository=message.repository.name, revision=message.revision)
        _log.info("%s", texts.text(message), extra=fields)


def _open(fields: ConsoleFields, surroundings: Surroundings) -> Console:
    return Console()


CHANNEL = ChannelKind(fields=ConsoleFields, open=_open)
