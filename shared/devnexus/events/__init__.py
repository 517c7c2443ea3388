"""The facts that services tell each other, one module each, found by their type."""

from devnexus.events.commit_pushed import CommitPushed
from devnexus.events.event import Event
from devnexus.events.knowledge_committed import KnowledgeCommitted
from devnexus.events.notification_requested import NotificationRequested
from devnexus.events.patterns_extracted import PatternsExtracted
from devnexus.events.similarity_computed import SimilarityComputed
from devnexus.events.snapshot_requested import SnapshotRequested

EVENT_TYPES: dict[str, type[Event]] = {
    event.TYPE: event
    for event in (
        CommitPushed,
        SnapshotRequested,
        PatternsExtracted,
        KnowledgeCommitted,
        SimilarityComputed,
        NotificationRequested,
    )
}

__all__ = [
    "EVENT_TYPES",
    "CommitPushed",
    "Event",
    "KnowledgeCommitted",
    "NotificationRequested",
    "PatternsExtracted",
    "SimilarityComputed",
    "SnapshotRequested",
]
