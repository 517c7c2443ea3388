"""The past of a branch as events: one push for each first-parent commit."""

from collections.abc import Iterator

from devnexus.events import CommitPushed, SnapshotRequested
from devnexus.git_names import NO_COMMIT
from devnexus_cli.github.first_parents import Chain
from webhook_receiver.installations import Hosted

ASKED_BY = "devnexus github backfill"


def past_pushes(hosted: Hosted, chain: Chain) -> Iterator[CommitPushed]:
    """A push for each commit of `chain`, oldest first.

    It happened at the committer's date: when GitHub got it is not known any more. Clocks differ, so never
    before a commit that it is built on, and never after the last push to the repository. The same chain
    always makes the same events.
    """
    before, moment = chain.base, chain.base.committed_at if chain.base else None
    for commit in chain.commits:
        moment = max(moment, commit.committed_at) if moment else commit.committed_at
        yield CommitPushed(
            cause="backfill",
            repository=hosted.repository,
            ref=hosted.ref,
            before=before.sha if before else NO_COMMIT,
            after=commit.sha,
            pushed_at=min(moment, hosted.pushed_at) if hosted.pushed_at else moment,
        )
        before = commit


def snapshot_before(hosted: Hosted, chain: Chain) -> SnapshotRequested | None:
    """The whole tree that the first of the pushes was built on, None where that is nothing."""
    if chain.base is None:
        return None
    return SnapshotRequested(
        cause="snapshot",
        repository=hosted.repository,
        sha=chain.base.sha,
        as_of=chain.base.committed_at,
        asked_by=ASKED_BY,
    )
