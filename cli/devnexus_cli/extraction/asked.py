"""The event that stands for what is asked: a snapshot of HEAD, or a push of a range of commits."""

from devnexus.errors import Unavailable
from devnexus.events import CommitPushed, SnapshotRequested
from devnexus.git import GitFailed, run_git
from devnexus.timestamps import from_seconds
from devnexus_cli.local_repository import LocalRepository
from devnexus_cli.script import as_event_says

ASKED_BY = "devnexus extract"


class BadRange(Exception):
    """A range that cannot be read; the text says why and what would help."""


def snapshot_of(clone: LocalRepository) -> SnapshotRequested:
    """A request for the whole tree at what is checked out, also without a branch."""
    return SnapshotRequested(
        cause="snapshot",
        repository=as_event_says(clone),
        sha=_commit(clone, "HEAD"),
        asked_by=ASKED_BY,
    )


def push_of(clone: LocalRepository, span: str) -> CommitPushed:
    """A push of the commits of `A..B`. Raises BadRange where it is none, or B is not built on A."""
    start, dots, end = span.partition("..")
    if not (start and dots and end) or end.startswith("."):
        raise BadRange(f"{span!r} is no range: write A..B, such as HEAD~5..HEAD or v1.0..main")
    before, after = _commit(clone, start), _commit(clone, end)
    _require_descent(clone, (start, before), (end, after))
    seconds = run_git(clone.path, "log", "-1", "-s", "--format=%ct", after, "--").decode()
    return CommitPushed(
        cause="live",
        repository=as_event_says(clone),
        ref=f"refs/heads/{clone.branch}",
        before=before,
        after=after,
        pushed_at=from_seconds(seconds),
    )


def _commit(clone: LocalRepository, revision: str) -> str:
    try:
        found = run_git(clone.path, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    except GitFailed as error:
        raise BadRange(
            f"there is no commit {revision} in {clone.path}: git log --oneline shows which there are; a "
            "shallow clone lacks the older ones until git fetch --unshallow"
        ) from error
    return found.decode().split()[-1]


def _require_descent(clone: LocalRepository, start: tuple[str, str], end: tuple[str, str]) -> None:
    base = _merge_base(clone, start[1], end[1])
    if base == start[1]:
        return
    if base is None:
        remedy = "they have no commit in common"
    elif base == end[1]:
        remedy = f"it is the other way round, so try {end[0]}..{start[0]}"
    else:
        remedy = f"they part at {base[:12]}, so try {base[:12]}..{end[0]}"
    raise BadRange(f"{end[0]} is not built on {start[0]}: {remedy}")


def _merge_base(clone: LocalRepository, one: str, other: str) -> str | None:
    try:
        return run_git(clone.path, "merge-base", one, other).decode().split()[0]
    except Unavailable:
        return None
