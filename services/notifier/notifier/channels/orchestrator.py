"""The channel `orchestrator`: a push becomes one change-notification for the dependency-orchestrator."""

from datetime import datetime
from http import HTTPStatus

from devnexus.agents import AgentFailed, open_agents
from devnexus.agents.orchestrator import (
    URL,
    ChangedFile,
    ChangeNotification,
    Orchestrator,
    PatternSummary,
)
from devnexus.errors import ConfigurationError
from devnexus.events.notification_requested import Message, Notice
from devnexus.events.similarity_computed import Push
from devnexus.timestamps import write
from devnexus.values import Value
from notifier.channel import ChannelKind, DeliveryFailed, Surroundings

_NOT_TAKEN = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)
_NOT_THERE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class OrchestratorFields(Value):
    """Where it is, and the key that it knows us by, stand in the environment."""


class OrchestratorChannel:
    """Tells the dependency-orchestrator of pushes, each by itself: it looks at one change at a time."""

    def __init__(self, orchestrator: Orchestrator) -> None:
        self._orchestrator = orchestrator

    def send(self, delivery_id: str, message: Message, at: datetime) -> None:
        """As promised by Channel. What became so by another repository's push is none of its business."""
        if not isinstance(message, Notice):
            raise DeliveryFailed("the orchestrator is told of single pushes only", permanent=True)
        if message.push is None:
            return
        try:
            self._orchestrator.notify(change_notification(message, message.push))
        except AgentFailed as failed:
            raise DeliveryFailed(
                str(failed),
                permanent=failed.status in _NOT_TAKEN,
                disables=failed.status in _NOT_THERE,
                retry_after=failed.retry_after,
            ) from failed


def change_notification(notice: Notice, push: Push) -> ChangeNotification:
    """What the orchestrator is told of a push; without diffs, which it can read for itself."""
    patterns = (pattern.name for pattern in (*notice.introduced, *notice.touched))
    return ChangeNotification(
        source_repo=notice.repository.name,
        commit_sha=push.commit or notice.commit,
        commit_message=push.message or "",
        branch=push.branch,
        changed_files=tuple(ChangedFile(path=file.path, change_type=file.status) for file in push.files),
        pattern_summary=PatternSummary(patterns=tuple(dict.fromkeys(patterns)), keywords=push.keywords),
        timestamp=write(notice.at),
    )


def _open(fields: OrchestratorFields, surroundings: Surroundings) -> OrchestratorChannel:
    orchestrator = open_agents(surroundings.environment).orchestrator
    if orchestrator is None:
        raise ConfigurationError(f"channel: {URL} is not set: the base address of the orchestrator")
    return OrchestratorChannel(orchestrator)


CHANNEL = ChannelKind(fields=OrchestratorFields, open=_open, every_push=True, summaries=False)
