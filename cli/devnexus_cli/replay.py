"""The main job on this machine: local repositories' last pushes through the front door, until known."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from devnexus.events import SnapshotRequested
from devnexus.git_names import is_no_commit
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.history import Record, records_between, stored_records
from devnexus.knowledge.layout import HISTORY
from devnexus.repository import Repository
from devnexus_cli.local_repository import HOST, LocalPush, LocalRepository, newest_pushes
from devnexus_cli.stack import Stack
from devnexus_cli.webhook import WebhookSender, push_payload
from extractor.rule_set import load_rules

PUSHES = 20
_STALLED_SECONDS = 180.0
"""Without any new record for this long, what is still missing counts as lost.

A snapshot of 20,000 files takes half a minute."""


@dataclass
class Replay:
    """What was sent, and what became of it."""

    repositories: Sequence[LocalRepository]
    total: int
    """Number of records that must come of it."""
    expected: set[str] = field(default_factory=set)
    """Their ids, as far as they have been sent."""
    pushes: int = 0
    known_before: int = 0
    landed: set[str] = field(default_factory=set)
    seconds: float = 0.0

    @property
    def lost(self) -> set[str]:
        """Ids of records that did not come."""
        return self.expected - self.landed


def link_clones(repositories: Sequence[LocalRepository], folder: Path) -> None:
    """Let the extractor find these clones, each below `folder` under its name; nothing is copied."""
    for old in folder.glob("*/*"):
        if old.is_symlink():
            old.unlink()
    for repository in repositories:
        link = folder / repository.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(repository.path, target_is_directory=True)


def replay(
    stack: Stack, repositories: Sequence[LocalRepository], *, tell: Callable[[Replay], None]
) -> Replay:
    """Send a snapshot request and up to 20 pushes per repository, and wait for the knowledge.

    Calls `tell` whenever something has happened. Returns when every record is there or nothing moves
    any more; raises ChildDied or NotTaken where a service fails.
    """
    plan = [(repository, newest_pushes(repository, PUSHES)) for repository in repositories]
    # One snapshot each: asked for here, or by the push that starts a branch.
    run = Replay(repositories, total=sum(len(pushes) + 1 for _, pushes in plan))
    started = time.monotonic()
    arrived = _Arrived(load_rules().version)
    store = stack.knowledge()
    try:
        revision = store.head()
        arrived.take(stored_records(store, HISTORY, at=revision))
        _send(stack, run, plan, tell)
        run.landed = run.expected & arrived.whole
        run.known_before = len(run.landed)
        for records in _arrivals(stack, revision):
            arrived.take(records)
            run.landed = run.expected & arrived.whole
            run.seconds = time.monotonic() - started
            tell(run)
            if not run.lost:
                break
    finally:
        store.close()
    return run


class _Arrived:
    """The ids of the records that are there, in all their parts, and read by the rules of today."""

    def __init__(self, rules_version: int) -> None:
        self._rules_version = rules_version
        self._parts: list[Record] = []
        self.whole: set[str] = set()

    def take(self, records: Sequence[Record]) -> None:
        """Add what has arrived."""
        current = [record for record in records if record.receipt.rules_version >= self._rules_version]
        self._parts += [record for record in current if record.parts > 1]
        self.whole |= {record.record_id for record in current if record.parts == 1}
        self.whole |= {record.record_id for record in effective(self._parts)}


def _send(
    stack: Stack,
    run: Replay,
    plan: Sequence[tuple[LocalRepository, Sequence[LocalPush]]],
    tell: Callable[[Replay], None],
) -> None:
    publisher = stack.publisher("/dev-nexus/cli")
    sender = WebhookSender(port=stack.webhook_port, secret=stack.secret)
    try:
        for repository, pushes in plan:
            if not is_no_commit(pushes[0].before):
                request = _snapshot(
                    repository, pushes[0].before, asked_by="devnexus run", as_of=pushes[0].before_at
                )
                publisher.publish([request])
                run.expected.add(request.id)
            for push in pushes:
                event_id = sender.push(push_payload(repository, push))
                run.expected.add(event_id)
                if is_no_commit(push.before):
                    run.expected.add(_snapshot(repository, push.after, asked_by=event_id).id)
                run.pushes += 1
                tell(run)
    finally:
        sender.close()
        publisher.close()


def _snapshot(
    repository: LocalRepository, sha: str, *, asked_by: str, as_of: datetime | None = None
) -> SnapshotRequested:
    return SnapshotRequested(cause="snapshot", repository=_repository(repository), sha=sha, asked_by=asked_by)


def _repository(repository: LocalRepository) -> Repository:
    return Repository(
        id=repository.id,
        name=repository.name,
        default_branch=repository.branch,
        url=f"http://{HOST}/{repository.name}",
        private=True,
    )


def _arrivals(stack: Stack, revision: str) -> Iterator[list[Record]]:
    """The new records since `revision`, as they come; ends when nothing has come for three minutes."""
    store = stack.knowledge()
    moved = time.monotonic()
    try:
        while time.monotonic() - moved < _STALLED_SECONDS:
            stack.check()
            head = store.head()
            if head != revision:
                moved = time.monotonic()
                yield records_between(store, revision, head)
                revision = head
            else:
                yield []
                time.sleep(0.1)
    finally:
        store.close()
