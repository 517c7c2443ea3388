"""GitHub as the writer feels it: what requests take, and how many are allowed. Its clock is simulated.

Every request takes 0.3 s, and one more second for each megabyte it carries. A commit takes three requests
that create content (a tree, a commit, the branch) and three that read (the head twice, the log). The writer
on it is the real one: its loop, its pauses (`ContentBudget`: 80 such requests a minute, 500 an hour) and what
it puts into one commit (100 files, 1 MB). What it computes takes no time of this clock.
"""

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from threading import Event as Stop

from devnexus.codec import encode
from devnexus.events import Event, Record
from devnexus.knowledge.store import CommitLimits, Conflict, Revision
from devnexus.knowledge.stores.content_budget import ContentBudget
from devnexus.topology import load_topology
from kb_writer.consume import Consumer
from kb_writer.main import BATCH, SUBSCRIPTION, work
from kb_writer.pull import Received

_REQUEST_SECONDS = 0.3
_SECONDS_PER_MB = 1.0
_READS_PER_COMMIT = 3
_CONTENT_REQUESTS_PER_COMMIT = 3
_EMPTY_PULL_SECONDS = 2.0
_SETTLING_BYTES = 800_000

_Tree = Mapping[str, bytes]


@dataclass(frozen=True)
class Played:
    """What became of the pushes of one run."""

    landed_after_seconds: Mapping[str, float]
    """Message id → when it was acknowledged, from the start of the run on."""
    commits: int
    content_requests: int


class Clock:
    """Simulated seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class GitHubModel:
    """A base at a GitHub whose time is simulated."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._store = _Store(self.clock)

    def settle(self, seconds: float) -> None:
        """Let so much time pass under full load, one commit after the other."""
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.clock.now += self._store.pause_seconds()
            self._store.take_time(_SETTLING_BYTES)

    def play(self, records: Iterable[Record], *, seconds: float, batch: int = BATCH) -> Played:
        """Let the writer take `records`, all waiting from now on, till they have ended, or for so long."""
        store, stop = self._store, _SimulatedStop(self.clock, self.clock.now + seconds)
        before = store.commits, store.content_requests
        puller = _Puller(records, self.clock, stop, batch)
        consumer = Consumer(
            puller=puller,  # type: ignore[arg-type]
            store=store,
            publisher=_Nobody(),
            sender=_Nobody(),
            subscription=load_topology().subscription(SUBSCRIPTION),
            stop=stop,
        )
        with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-") as scratch:
            work(puller, consumer, heartbeat=Path(scratch) / "heartbeat", stop=stop)  # type: ignore[arg-type]
        return Played(puller.landed, store.commits - before[0], store.content_requests - before[1])


class _SimulatedStop(Stop):
    """Waits by moving the clock; set once it is late."""

    def __init__(self, clock: Clock, until: float) -> None:
        super().__init__()
        self._clock, self._until = clock, until

    def is_set(self) -> bool:
        return super().is_set() or self._clock.now >= self._until

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.now += timeout or 0.0
        return self.is_set()


class _Puller:
    """Stands for the subscription: everything waits there from the start."""

    def __init__(self, records: Iterable[Record], clock: Clock, stop: Stop, batch: int) -> None:
        self._records = iter(records)
        self._clock, self._stop, self._batch = clock, stop, batch
        self._started = clock.now
        self.landed: dict[str, float] = {}

    def pull(self, max_messages: int, *, patiently: bool = False) -> list[Received]:
        records = islice(self._records, min(max_messages, self._batch))
        messages = [Received(one.id, one.id, *encode(one, source="/benchmark")) for one in records]
        if not messages:
            self._clock.now += _EMPTY_PULL_SECONDS
            self._stop.set()
        return messages

    def acknowledge(self, messages: Sequence[Received]) -> None:
        moment = self._clock.now - self._started
        self.landed.update({message.message_id: moment for message in messages})

    def give_back(self, messages: Sequence[Received]) -> None:
        assert not messages or self._stop.is_set(), "the writer gave back what it should have committed"

    def holding(self, messages: Sequence[Received]) -> AbstractContextManager[None]:
        return nullcontext()


class _Nobody:
    """Takes announcements and dead letters."""

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        """Nobody listens."""

    def send(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        raise AssertionError(f"parked: {attributes}")


class _Store:
    """A Store in memory that takes GitHub's time and counts against its allowances."""

    limits = CommitLimits(files=100, bytes=1_000_000)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._budget = ContentBudget(clock)
        self._trees: list[_Tree] = [{}]
        self._log = [Revision(_id(0), None, datetime.now(UTC), "")]
        self.content_requests = 0

    @property
    def commits(self) -> int:
        return len(self._log) - 1

    def head(self) -> str:
        return self._log[-1].id

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        tree = self._trees[_number(at)]
        found = {path: tree[path] for path in paths if path in tree}
        for folder in (path for path in paths if path.endswith("/")):
            found.update({path: content for path, content in tree.items() if path.startswith(folder)})
        return found

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        before, after = self._trees[_number(old)], self._trees[_number(new)]
        return tuple(sorted(path for path in after if before.get(path) is not after[path]))

    def log(self, at: str, *, path: str | None = None) -> Iterator[Revision]:
        yield from self._log[_number(at) :: -1]

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        if expected_head != self.head():
            raise Conflict(expected_head)
        contents = {path: content for path, content in changes.items() if content is not None}
        self.take_time(sum(map(len, contents.values())))
        kept = {path: content for path, content in self._trees[-1].items() if path not in changes}
        self._trees.append({**kept, **contents})
        self._log.append(Revision(_id(len(self._log)), expected_head, datetime.now(UTC), message))
        return self.head()

    def take_time(self, size: int) -> None:
        """What one commit of so many bytes takes."""
        self._clock.now += _READS_PER_COMMIT * _REQUEST_SECONDS
        for _ in range(_CONTENT_REQUESTS_PER_COMMIT):
            self._budget.spend()
            self._clock.now += _REQUEST_SECONDS
        self._clock.now += size / 1e6 * _SECONDS_PER_MB
        self.content_requests += _CONTENT_REQUESTS_PER_COMMIT

    def pause_seconds(self) -> float:
        return self._budget.pause_seconds()

    def usage(self) -> dict[str, int]:
        return self._budget.usage()

    def close(self) -> None:
        """There is nothing to give back."""


def _id(number: int) -> str:
    return f"{number:040x}"


def _number(revision: str) -> int:
    return int(revision, 16)
