"""The channel `console`: a notice becomes one line of the log."""

import logging
from datetime import datetime

from devnexus.events.notification_requested import Notice
from devnexus.values import Value
from notifier import texts
from notifier.channel import ChannelKind, Surroundings

_log = logging.getLogger(__name__)


class ConsoleFields(Value):
    """The log needs to be told nothing."""


class Console:
    """Writes notices to the log."""

    def send(self, delivery_id: str, notice: Notice, at: datetime) -> None:
        """As promised by Channel."""
        fields = {
            "delivery_id": delivery_id,
            "repository": notice.repository.name,
            "revision": notice.revision,
        }
        _log.info("%s", texts.text(notice), extra=fields)


def _open(fields: ConsoleFields, surroundings: Surroundings) -> Console:
    return Console()


CHANNEL = ChannelKind(fields=ConsoleFields, open=_open)
