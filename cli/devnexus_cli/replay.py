"""The main job on this machine: local repositories' last pushes through the front door, until known."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devnexus.events import PatternsExtracted, Record
from devnexus.git import GitFailed, run_git
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.history import records_between, stored_records
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.people import read_people
from devnexus.people.organisation import Organisation
from devnexus_cli.local_repository import LocalRepository
from devnexus_cli.script import Script, as_event_says, asked_by_push
from devnexus_cli.stack import Stack
from devnexus_cli.webhook import WebhookSender, push_payload
from extractor.policy import policy_of
from extractor.rule_set import load_rules

_STALLED_SECONDS = 180.0
"""Without any new record for this long, what is still missing counts as lost.

A snapshot of 20,000 files takes half a minute."""


_REPEATED_SECONDS = 10.0


@dataclass
class Replay:
    """What was sent, and what became of it."""

    script: Script
    expected: set[str] = field(default_factory=set)
    """Ids of the records that must come of it, as far as their pushes have been sent."""
    unread: int = 0
    """Pushes that nothing comes of, since people asked for it in devnexus.yaml or `.devnexus.yml`."""
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


def replay(stack: Stack, script: Script, *, tell: Callable[[Replay], None]) -> Replay:
    """Send the script's snapshot requests and pushes, and wait for the knowledge.

    Calls `tell` whenever something has happened. Returns when every record is there or nothing moves
    any more; raises ChildDied or NotTaken where a service fails.
    """
    run = Replay(script)
    started = time.monotonic()
    arrived = _Arrived(load_rules().version)
    store = stack.knowledge()
    try:
        revision = store.head()
        arrived.take(stored_records(store, HISTORY, at=revision))
        send(stack, run, read_people(store, revision).organisation, tell)
        run.landed = run.expected & arrived.whole
        run.known_before = len(run.landed)
        for records in _arrivals(stack, revision):
            arrived.take(records)
            run.landed = run.expected & arrived.whole
            run.seconds = time.monotonic() - started
            tell(run)
            if not run.lost:
                break
        _wait_for_repeated(stack, script.repeated)
    finally:
        store.close()
    return run


def _wait_for_repeated(stack: Stack, count: int) -> None:
    """Until the writer has seen what was sent again, so that it can be counted."""
    until = time.monotonic() + _REPEATED_SECONDS
    while stack.duplicates() < count and time.monotonic() < until:
        time.sleep(0.1)


class _Arrived:
    """The ids of the records that are there, in all their parts, and read by the rules of today."""

    def __init__(self, rules_version: int) -> None:
        self._rules_version = rules_version
        self._parts: list[PatternsExtracted] = []
        self.whole: set[str] = set()

    def take(self, records: Sequence[Record]) -> None:
        """Add what has arrived."""
        current = [
            record
            for record in records
            if isinstance(record, PatternsExtracted) and record.receipt.rules_version >= self._rules_version
        ]
        self._parts += [record for record in current if record.parts > 1]
        self.whole |= {record.record_id for record in current if record.parts == 1}
        self.whole |= {record.record_id for record in analyses(self._parts)}


def send(stack: Stack, run: Replay, organisation: Organisation, tell: Callable[[Replay], None]) -> None:
    """Send the script's snapshot requests and pushes, and expect a record of each that may be read."""
    publisher = stack.publisher("/dev-nexus/cli")
    sender = WebhookSender(port=stack.webhook_port, secret=stack.secret)
    try:
        requests = list(run.script.requests())
        publisher.publish(requests)
        clones = {repository.id: repository for repository in run.script.repositories}
        run.expected.update(
            request.id
            for request in requests
            if may_be_read(clones[request.repository.id], request.sha or "HEAD", organisation)
        )
        for repository, push in run.script.pushes:
            event_id = sender.push(push_payload(repository, push))
            if not may_be_read(repository, push.after, organisation):
                run.unread += 1
                continue
            run.expected.add(event_id)
            if snapshot := asked_by_push(repository, push, event_id):
                run.expected.add(snapshot.id)
            tell(run)
    finally:
        sender.close()
        publisher.close()


def may_be_read(repository: LocalRepository, sha: str, organisation: Organisation) -> bool:
    """Whether people let the extractor read the repository as it was at commit `sha`."""

    def root_file(path: str) -> bytes | None:
        try:
            return run_git(repository.path, "cat-file", "blob", f"{sha}:{path}")
        except GitFailed:
            return None  # there is no such file

    return not policy_of(as_event_says(repository), organisation, root_file).unread_because


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
