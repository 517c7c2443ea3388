"""What one push or snapshot changed in a repository."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from devnexus.events.patterns_extracted import PatternsExtracted
from devnexus.knowledge.projection import SHOWN_FILES, Brought, LastPush, RecentRecord


@dataclass(frozen=True)
class Sight:
    """One pattern before or after a record."""

    has_rows: bool = False
    """Whether anything speaks for it, anywhere in the repository."""
    stands: bool = False
    """Whether that is enough to show it."""
    said: Set[tuple[str, str, str]] = frozenset()
    """Path, kind and quote of its rows in the paths that the record read; where they stand is no matter."""


NEVER_SEEN = Sight()


def brought(before: Mapping[str, Sight], after: Mapping[str, Sight], added: Set[str]) -> Brought:
    """What came between the two, where `added` are the patterns of lines that the record added."""
    was = {id_: before.get(id_, NEVER_SEEN) for id_ in after}
    standing = sorted(id_ for id_, sight in after.items() if sight.stands)
    return Brought(
        introduced=tuple(id_ for id_ in standing if not was[id_].has_rows),
        touched=tuple(
            id_
            for id_ in standing
            if was[id_].has_rows and (id_ in added or was[id_].said != after[id_].said)
        ),
        gone=tuple(sorted(id_ for id_ in after if was[id_].stands and not after[id_].stands)),
    )


def recent_record(record: PatternsExtracted, brought: Brought) -> RecentRecord:
    """The record as a list of the last ones shows it, with what it changed."""
    newest = record.commits[0] if record.commits else None
    return RecentRecord(
        record_id=record.record_id,
        subject=record.subject,
        at=record.at,
        before=record.before,
        after=record.after,
        author=newest.author if newest else None,
        message=newest.message if newest else None,
        commits=record.commit_count,
        **dict(brought),
    )


def last_push(newest: PatternsExtracted | None) -> LastPush | None:
    """What is shown of the newest record, where that is a push."""
    if newest is None or newest.subject != "push":
        return None
    ref = newest.ref or newest.repository.default_branch
    files = sorted(newest.files, key=lambda file: file.path)[:SHOWN_FILES]
    return LastPush(branch=ref.removeprefix("refs/heads/"), files={file.path: file.status for file in files})
