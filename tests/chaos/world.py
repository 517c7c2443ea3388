"""A base, a subscription and two writers on it, which are killed and replaced at random."""

import time
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from google.api_core.exceptions import DeadlineExceeded
from google.cloud.pubsub_v1 import SubscriberClient
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.pubsub_v1 import types

from devnexus.emulator import loses_what_waits
from devnexus.git import run_git
from devnexus.knowledge.history import read_records
from devnexus.knowledge.layout import HISTORY, PROJECTIONS
from devnexus.knowledge.stores.git_store import create_git_store, open_git_store
from devnexus.parking import as_published
from devnexus.provision import provision
from devnexus.pubsub import PubSubPublisher
from devnexus.topology import Topology, load_topology
from devnexus_cli.processes import Child, end_all

WRITERS = 2
_WRITER = load_topology().subscription("kb-writer")
_SOURCE = "/chaos"

Message = tuple[bytes, Mapping[str, str]]


@dataclass(frozen=True)
class Left:
    """What the writers left behind."""

    files: Mapping[str, bytes]
    """Path → content of history and pages."""
    commits: tuple[tuple[str, ...], ...]
    """Each commit after the first with its parents, newest first."""
    along_first_parents: int
    announced: frozenset[str]
    parked: tuple[Message, ...]
    kills: int

    def ids(self) -> Counter[str]:
        """How often each record stands in history."""
        history = {path: content for path, content in self.files.items() if path.startswith(HISTORY)}
        return Counter(r.id for path, content in history.items() for r in read_records(content, path=path))


class World:
    """Everything of one run; a context manager that ends the writers."""

    def __init__(self, home: Path, command: Sequence[str], *, pubsub: str, random: Random) -> None:
        self._home, self._command, self._random = home, command, random
        self._project = f"chaos-{uuid.uuid4().hex[:8]}"
        self._environment = {
            "PUBSUB_EMULATOR_HOST": pubsub,
            "GOOGLE_CLOUD_PROJECT": self._project,
            "KNOWLEDGE": str(home / "knowledge.git"),
        }
        self._writers: dict[int, Child] = {}
        self._started = 0
        self._strikes = 0
        self.kills = 0

    def __enter__(self) -> "World":
        create_git_store(self._home / "knowledge.git")
        self._store = open_git_store(self._home / "knowledge.git")
        self._publisher = PubSubPublisher(project=self._project, source=_SOURCE)
        self._subscriber = SubscriberClient()
        self._provision()
        for _ in range(WRITERS):
            self._start_writer()
        return self

    def __exit__(self, *_: object) -> None:
        end_all(list(self._writers.values()))
        self._subscriber.close()
        self._publisher.close()
        self._store.close()

    def publish(
        self, messages: Sequence[Message], *, per_second: float, kill_every: tuple[float, float]
    ) -> None:
        """Publish at a steady rate; meanwhile, after so many seconds at random, kill a writer that works.

        Begins once a writer works: on a busy machine there would else be nobody to kill until the end.
        """
        self._await_a_writer()
        started = time.monotonic()
        kill_at = started + self._random.uniform(*kill_every)
        for number, (data, attributes) in enumerate(messages):
            due = started + number / per_second
            while True:
                now = time.monotonic()
                if now >= kill_at and self._kill():
                    kill_at = now + self._random.uniform(*kill_every)
                if now >= due:
                    break
                time.sleep(max(0.0, min(due, kill_at) - now) or 0.01)
            self._publisher.send(_WRITER.topic, data, attributes)

    def wait_for(self, wanted: Collection[str], *, seconds: float, quiet_seconds: float) -> None:
        """Until history holds `wanted`, or nothing has changed for so long that it never will."""
        until = time.monotonic() + seconds
        head, changed_at = "", time.monotonic()
        while time.monotonic() < min(until, changed_at + quiet_seconds):
            for writer in self._writers.values():
                writer.check()
            if (now := self._store.head()) != head:
                head, changed_at = now, time.monotonic()
                if self._ids(head) >= set(wanted):
                    return
            time.sleep(0.2)

    def stop(self) -> Left:
        """Hear what is announced, end the writers, and see what they left."""
        commits = self._commits()
        announced = self._hear({commit for commit, *_ in commits})
        end_all(list(self._writers.values()))
        self._writers.clear()
        commits = self._commits()
        first_parents = run_git(self._home / "knowledge.git", "rev-list", "--first-parent", "--count", "main")
        return Left(
            files=self._store.read([HISTORY, PROJECTIONS], at=self._store.head()),
            commits=commits,
            along_first_parents=int(first_parents),
            announced=frozenset(announced | self._hear({commit for commit, *_ in commits} - announced)),
            parked=tuple(self._parked()),
            kills=self.kills,
        )

    def _provision(self) -> None:
        topology = load_topology()
        provision(
            Topology(topics=topology.topics, subscriptions=(_WRITER,)), project=self._project, services={}
        )
        if not loses_what_waits():
            self._hasten()
        self._subscriber.create_subscription(
            name=self._path("listener"),
            topic=f"projects/{self._project}/topics/knowledge-committed",
            ack_deadline_seconds=600,
        )

    def _hasten(self) -> None:
        """What a killed writer had in hand comes back when its lease ends, not another ten seconds later."""
        subscription = types.Subscription(
            name=self._path(_WRITER.name),
            retry_policy=types.RetryPolicy(
                minimum_backoff=Duration(seconds=1), maximum_backoff=Duration(seconds=1)
            ),
        )
        self._subscriber.update_subscription(
            subscription=subscription, update_mask=FieldMask(paths=["retry_policy"])
        )

    def _path(self, subscription: str) -> str:
        return f"projects/{self._project}/subscriptions/{subscription}"

    def _start_writer(self) -> None:
        self._started += 1
        environment = {**self._environment, "HEARTBEAT_FILE": str(self._heartbeat(self._started))}
        self._writers[self._started] = Child(
            f"writer {self._started}",
            self._command,
            environment=environment,
            log=self._home / "logs" / f"{self._started}.log",
        )

    def _await_a_writer(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._at_work():
            time.sleep(0.05)

    def _at_work(self) -> list[int]:
        """The writers that have pulled already."""
        return [number for number in self._writers if self._heartbeat(number).exists()]

    def _heartbeat(self, number: int) -> Path:
        return self._home / f"heartbeat-{number}"

    def _kill(self) -> bool:
        """Kill of those that have pulled already, and start as many; False while there is none.

        One at random at any moment, or, every other time, all of them at the moment of a commit: one of
        them made it, and has told nobody.
        """
        at_work = self._at_work()
        if not at_work:
            return False
        if self._strikes % 2:
            self._await_a_commit()
        else:
            at_work = [self._random.choice(at_work)]
        self._strikes += 1
        for number in at_work:
            self._writers.pop(number).kill()
            self.kills += 1
        for _ in at_work:
            self._start_writer()
        return True

    def _await_a_commit(self, seconds: float = 1) -> None:
        """Until the very moment at which the head has moved: before that is announced or acknowledged."""
        file = self._home / "knowledge.git" / "refs" / "heads" / "main"
        head, until = file.read_bytes(), time.monotonic() + seconds
        while file.read_bytes() == head and time.monotonic() < until:
            pass

    def _ids(self, head: str) -> set[str]:
        files = self._store.read([HISTORY], at=head)
        return {r.id for path, content in files.items() for r in read_records(content, path=path)}

    def _commits(self) -> tuple[tuple[str, ...], ...]:
        listing = run_git(self._home / "knowledge.git", "rev-list", "--parents", "main").decode()
        return tuple(tuple(line.split()) for line in listing.splitlines()[:-1])

    def _hear(self, wanted: Collection[str], seconds: float = 30) -> set[str]:
        heard: set[str] = set()
        until = time.monotonic() + seconds
        while not heard >= set(wanted) and time.monotonic() < until:
            heard |= {attributes["ce-id"] for _, attributes in self._pull("listener")}
        return heard

    def _parked(self, seconds: float = 15) -> Iterator[Message]:
        """All dead letters; the first may take a moment to be shown."""
        until, found = time.monotonic() + seconds, False
        while (messages := list(self._pull(_WRITER.dead_letter))) or not found and time.monotonic() < until:
            found = found or bool(messages)
            yield from messages

    def _pull(self, subscription: str) -> Iterator[Message]:
        with suppress(DeadlineExceeded):
            answer = self._subscriber.pull(
                subscription=self._path(subscription), max_messages=1000, timeout=1, retry=None
            )
            for one in answer.received_messages:
                yield one.message.data, as_published(dict(one.message.attributes))
