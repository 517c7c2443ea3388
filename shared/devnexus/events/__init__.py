"""The facts that services tell each other, found by their type."""

from devnexus.events.agent_reports import (
    DependenciesDeclared,
    DeploymentDescribed,
    LessonLearned,
    RuntimeIssueReported,
    RuntimeIssueUpdated,
)
from devnexus.events.commit_pushed import CommitPushed
from devnexus.events.event import Event
from devnexus.events.knowledge_committed import KnowledgeCommitted
from devnexus.events.knowledge_imported import KnowledgeImported
from devnexus.events.notification_requested import NotificationRequested
from devnexus.events.patterns_extracted import PatternsExtracted
from devnexus.events.record import Record
from devnexus.events.repository_changes import (
    RepositoryAdopted,
    RepositoryChanged,
    RepositoryRegistered,
    RepositoryRemoved,
    RepositoryRenamed,
)
from devnexus.events.similarity_computed import SimilarityComputed
from devnexus.events.snapshot_requested import SnapshotRequested

EVENT_TYPES: dict[str, type[Event]] = {
    event.TYPE: event
    for event in (
        CommitPushed,
        SnapshotRequested,
        PatternsExtracted,
        RepositoryRegistered,
        RepositoryRenamed,
        RepositoryRemoved,
        RepositoryChanged,
        RepositoryAdopted,
        LessonLearned,
        DependenciesDeclared,
        DeploymentDescribed,
        RuntimeIssueReported,
        RuntimeIssueUpdated,
        KnowledgeImported,
        KnowledgeCommitted,
        SimilarityComputed,
        NotificationRequested,
    )
}
"""Every event by its type."""

RECORD_TYPES: dict[str, type[Record]] = {
    name: event for name, event in EVENT_TYPES.items() if issubclass(event, Record)
}
"""Those that are kept in history."""

__all__ = [
    "EVENT_TYPES",
    "RECORD_TYPES",
    "CommitPushed",
    "DependenciesDeclared",
    "DeploymentDescribed",
    "Event",
    "KnowledgeCommitted",
    "KnowledgeImported",
    "LessonLearned",
    "NotificationRequested",
    "PatternsExtracted",
    "Record",
    "RepositoryAdopted",
    "RepositoryChanged",
    "RepositoryRegistered",
    "RepositoryRemoved",
    "RepositoryRenamed",
    "RuntimeIssueReported",
    "RuntimeIssueUpdated",
    "SimilarityComputed",
    "SnapshotRequested",
]
