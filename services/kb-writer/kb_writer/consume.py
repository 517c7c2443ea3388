"""From messages in hand to knowledge: decode, commit, announce, acknowledge, in that order."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from devnexus import tracing
from devnexus.answered import InHand
from devnexus.answered import Outcome as Answer
from devnexus.codec import decode
from devnexus.errors import Rejected, Unavailable
from devnexus.events import Record
from devnexus.knowledge.store import Damaged, Store
from devnexus.parking import Sender, is_for, park
from devnexus.pubsub import Publisher
from devnexus.topology import Subscription
from devnexus.trace_context import belonging_to, carried
from kb_writer.announcer import Announcer
from kb_writer.backoff import Backoff
from kb_writer.group_commit import Outcome, Writer
from kb_writer.pull import Puller, Received

_BEAT_SECONDS = 10.0
_PORTION_BYTES = 4_000_000
"""Bytes of messages that are decoded at once: a decoded record takes about fifteen times its size."""

_log = logging.getLogger(__name__)


_Readable = tuple[Received, Record]


class _NotTold(Unavailable):
    """It is committed, and the others could not be told."""


@dataclass(frozen=True)
class _Hand:
    """Messages in hand, sorted by what is to become of them."""

    records: tuple[_Readable, ...]
    done: tuple[Received, ...]
    """Parked, or meant for others."""
    not_now: tuple[Received, ...]


class Consumer:
    """Takes batches of messages from a subscription into the knowledge base."""

    def __init__(
        self,
        *,
        puller: Puller,
        store: Store,
        publisher: Publisher,
        sender: Sender,
        subscription: Subscription,
        stop: threading.Event | None = None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`beat` is called while we wait on purpose with messages in hand, and after every commit."""
        self._puller = puller
        self._store = store
        self._writer = Writer(store)
        self._announcer = Announcer(store, publisher)
        self._sender = sender
        self._subscription = subscription
        self._stop = stop or threading.Event()
        self._backoff = Backoff()
        self._beat = beat
        self._in_hand_since = 0.0
        self._away = False
        """Whether what failed last was the store or the broker, and no record's fault."""

    def _stopped_in(self, seconds: float) -> bool:
        """Wait so long on purpose; whether we have to stop."""
        left = seconds
        while left > 0 and not self._stop.wait(min(left, _BEAT_SECONDS)):
            left -= _BEAT_SECONDS
            self._beat()
        return self._stop.is_set()

    def pause_seconds(self) -> float:
        """How long to take nothing in hand, because what the host allows has to last or the store is away."""
        return max(self._store.pause_seconds(), self._backoff.remaining())

    def announce(self) -> None:
        """Announce what nobody was told of: the commits of others, and those before a crash.

        Raises Unavailable where that cannot be done now.
        """
        self._announcer.announce(self._store.head())

    def consume(self, messages: Sequence[Received]) -> None:
        """Commit what `messages` hold, and acknowledge each one only once it is safe.

        What can never be read is parked alone; what fails for now is given back; its neighbours are
        committed all the same. What fails together is tried again apart, by repository and then, if
        it is a bug, by record, so that only the one that causes it comes back.
        """
        self._away = False
        self._in_hand_since = time.monotonic()
        with self._puller.holding(messages):
            for portion in _portions(messages):
                hand = self._sort(portion)
                self._puller.acknowledge(hand.done)
                self._puller.give_back(hand.not_now)
                if hand.records:
                    self._commit(hand.records)

    def _commit(self, records: Sequence[_Readable]) -> None:
        """Commit by commit, as much as one may hold; what is left when we have to stop is given back."""
        waiting = list(records)
        while waiting:
            if self._stopped_in(self.pause_seconds() if len(waiting) < len(records) else 0):
                self._puller.give_back([message for message, _ in waiting])
                return
            with tracing.together("commit", [message.attributes for message, _ in waiting]):
                left = self._commit_once(waiting)
            waiting = [readable for readable in waiting if _key(readable[1]) in left]

    def _commit_once(self, records: Sequence[_Readable]) -> frozenset[tuple[str, str]]:
        """The keys of the records that another commit has to take; all others are done with."""
        try:
            outcome = self._write([record for _, record in records])
        except _NotTold as error:  # no fault of any of the records
            tracing.failed(error)
            self._away = True
            self._backoff.failed(None)
            self._give_back(records, str(error))
        except Unavailable as error:
            tracing.failed(error)
            self._not_now(records, error)
        except Damaged as error:
            tracing.failed(error)
            _log.error("the knowledge base is damaged: %s", error)
            self._apart_or_back(records, "the knowledge base is damaged", whole_repositories=True)
        except Exception as error:  # noqa: BLE001 - the writer's edge: a bug must not stop the neighbours
            tracing.failed(error)
            if len(records) == 1:
                self._answered(records[0][0], "bug")
                self._puller.give_back([records[0][0]])
            else:
                self._apart_or_back(records, "a bug", whole_repositories=False)
        else:
            self._backoff.reset()
            self._beat()
            left = frozenset(map(_key, outcome.left))
            self._done([readable for readable in records if _key(readable[1]) not in left], outcome)
            return left
        return frozenset()

    def _done(self, records: Sequence[_Readable], outcome: Outcome) -> None:
        self._puller.acknowledge([message for message, _ in records])
        new = set(map(_key, outcome.new))
        for message, record in records:
            answer: Answer = "handled" if _key(record) in new else "duplicate"
            new.discard(_key(record))  # the same record once more in this batch is nothing new
            self._answered(message, answer, revision=outcome.revision)

    def _answered(self, message: Received, answer: Answer, *, reason: str = "", **fields: object) -> None:
        ids = {"event_id": message.attributes.get("ce-id"), "message_id": message.message_id}
        in_hand = InHand(message.attributes, message.published, self._in_hand_since)
        with belonging_to(carried(message.attributes)):
            in_hand.answered(answer, reason=reason, **ids, **fields)

    def _give_back(self, records: Sequence[_Readable], reason: str) -> None:
        """One line for all of them: in an outage there are thousands."""
        _log.warning("batch given back", extra={"messages": len(records), "reason": reason})
        self._puller.give_back([message for message, _ in records])

    def _not_now(self, records: Sequence[_Readable], error: Unavailable) -> None:
        """Whether the whole store is away or one repository cannot be read, only another question tells."""
        try:
            self._store.head()
            alone = error.retry_after_seconds is None
        except Unavailable:
            alone = False
        if alone and len(_by_repository(records)) > 1:
            self._apart_or_back(records, str(error), whole_repositories=True)
            return
        self._away = not alone
        self._backoff.failed(error.retry_after_seconds)
        self._give_back(records, str(error))

    def _apart_or_back(self, records: Sequence[_Readable], reason: str, *, whole_repositories: bool) -> None:
        """Halve until what is at fault is alone: a commit for each of its neighbours would cost too many."""
        groups = _by_repository(records)
        if len(groups) == 1:
            groups = [list(records)] if whole_repositories else [[one] for one in records]
        if len(groups) == 1:
            self._give_back(records, reason)
            return
        middle = len(groups) // 2
        for half in (groups[:middle], groups[middle:]):
            some = [one for group in half for one in group]
            if self._away or self._stopped_in(self._store.pause_seconds()):
                self._give_back(some, reason)
            else:
                self._commit(some)

    def _write(self, records: Sequence[Record]) -> Outcome:
        started = time.monotonic()
        outcome = self._writer.group_commit(records, announced=self._announcer.announced())
        try:
            self._announcer.announce(outcome.head)
        except Unavailable as error:
            raise _NotTold(str(error)) from error
        _log.info(
            "batch committed" if outcome.revision else "nothing new in batch",
            extra={
                "revision": outcome.revision,
                "records": len(outcome.new),
                "duplicates": len(records) - len(outcome.new) - len(outcome.left) - outcome.forgotten,
                "forgotten": outcome.forgotten,
                "conflicts": outcome.conflicts,
                "duration_ms": round((time.monotonic() - started) * 1000),
                **self._store.usage(),
            },
        )
        return outcome

    def _sort(self, messages: Sequence[Received]) -> _Hand:
        records: list[_Readable] = []
        done: list[Received] = []
        not_now: list[Received] = []
        for message in messages:
            if not is_for(message.attributes, self._subscription.name):
                done.append(message)
                continue
            try:
                records.append((message, _record(message)))
            except Rejected as rejection:
                (done if self._park(message, rejection) else not_now).append(message)
            except Unavailable as error:
                self._answered(message, "not-now", reason=str(error))
                not_now.append(message)
            except Exception:  # noqa: BLE001 - the writer's edge, as above
                self._answered(message, "bug")
                not_now.append(message)
        return _Hand(tuple(records), tuple(done), tuple(not_now))

    def _park(self, message: Received, rejection: Rejected) -> bool:
        with tracing.processing(message.attributes):
            tracing.failed(rejection)
            return self._parked(message, str(rejection))

    def _parked(self, message: Received, reason: str) -> bool:
        try:
            park_id = park(
                message.data,
                message.attributes,
                reason=reason,
                subscription=self._subscription,
                sender=self._sender,
            )
        except Unavailable as error:
            self._answered(message, "not-now", reason=f"could not park a rejected message: {error}")
            return False
        self._answered(message, "parked", reason=reason, park_id=park_id)
        return True


def _record(message: Received) -> Record:
    event = decode(message.data, message.attributes)
    if not isinstance(event, Record):
        raise Unavailable(f"the writer does not handle {event.TYPE} (yet)")
    return event


def _portions(messages: Sequence[Received]) -> Iterator[list[Received]]:
    portion: list[Received] = []
    size = 0
    for message in messages:
        if portion and size + len(message.data) > _PORTION_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(message)
        size += len(message.data)
    if portion:
        yield portion


def _key(record: Record) -> tuple[str, str]:
    return record.repository.id, record.id


def _by_repository(records: Sequence[_Readable]) -> list[list[_Readable]]:
    grouped: dict[str, list[_Readable]] = defaultdict(list)
    for readable in records:
        grouped[readable[1].repository.id].append(readable)
    return list(grouped.values())
