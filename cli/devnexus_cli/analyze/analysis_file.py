"""`pattern_analysis.json`: the file of the original system, with the receipt and what is alike beside it."""

from devnexus.events import CommitPushed, PatternsExtracted, SimilarityComputed
from devnexus.events.patterns_extracted import Commit, Receipt, Suggestion
from devnexus.events.similarity_computed import Alike, Missing
from devnexus.knowledge.fold import fold
from devnexus.repository import RepositoryId, RepositoryName
from devnexus.schema_v2 import PatternEntry
from devnexus.timestamps import Timestamp
from devnexus.values import Value, canonical_page
from devnexus_cli.analyze.file_changes import FileChange


class Changes(Value):
    """The push, as the original told of a commit."""

    commit_sha: str
    commit_message: str | None
    author: str | None
    timestamp: Timestamp
    files_changed: tuple[FileChange, ...]


class Pushed(Value):
    """What the original did not tell: all commits of the push, and where it started."""

    id: str
    repository_id: RepositoryId
    repository: RepositoryName
    ref: str
    before: str
    after: str
    commit_count: int
    commits: tuple[Commit, ...]
    """The newest ones, newest first."""


class PatternAnalysis(Value):
    """The whole file."""

    changes: Changes
    patterns: PatternEntry
    """What the files show that were read."""
    push: Pushed
    receipt: Receipt
    """What was looked at of the push, by whom, and what was not; `claude` is null without a key."""
    tree_receipt: Receipt | None = None
    """The same for the whole tree, where it was read."""
    suggestions: tuple[Suggestion, ...] = ()
    """What Claude says and no code proves: nothing reads it but people."""
    revision: str | None = None
    """The revision of the knowledge base that holds it; None where nothing was written."""
    similar: tuple[Alike, ...] = ()
    missing: tuple[Missing, ...] = ()


def pattern_analysis(
    push: CommitPushed, readings: list[PatternsExtracted], files: tuple[FileChange, ...]
) -> PatternAnalysis:
    """The file for a push of which `readings` are the whole records, the push's own first."""
    own, *trees = readings
    state = fold(readings)
    assert state is not None
    entry = state.entry()
    return PatternAnalysis(
        changes=Changes(
            commit_sha=push.after,
            commit_message=own.commits[0].message if own.commits else None,
            author=own.commits[0].author if own.commits else None,
            timestamp=push.pushed_at,
            files_changed=files,
        ),
        patterns=entry,
        push=Pushed(
            id=push.id,
            repository_id=push.repository.id,
            repository=push.repository.name,
            ref=push.ref,
            before=push.before,
            after=push.after,
            commit_count=own.commit_count,
            commits=own.commits,
        ),
        receipt=own.receipt,
        tree_receipt=trees[0].receipt if trees else None,
        suggestions=tuple(dict.fromkeys(one for record in readings for one in record.suggestions)),
    )


def with_knowledge(
    analysis: PatternAnalysis, *, revision: str | None, computed: SimilarityComputed | None
) -> PatternAnalysis:
    """`analysis` with what the knowledge base made of it."""
    found = {"similar": computed.alike, "missing": computed.missing} if computed else {}
    return analysis.model_copy(update={"revision": revision, **found})


def file_bytes(analysis: PatternAnalysis) -> bytes:
    """The bytes of the file."""
    return canonical_page(analysis.model_dump(mode="json"))
