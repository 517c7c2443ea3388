"""From messages in hand to knowledge: decode, commit, announce, acknowledge, in that order."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devnexus.codec import decode
from devnexus.errors import Rejected, Unavailable
from devnexus.events import PatternsExtracted
from devnexus.knowledge.announcement import announcement
from devnexus.knowledge.history import Record
from devnexus.knowledge.store import Store
from devnexus.parking import Sender, park
from devnexus.pubsub import Publisher
from devnexus.topology import Subscription
from kb_writer.group_commit import Writer
from kb_writer.pull import Puller, Received

_PORTION_BYTES = 4_000_000
"""Bytes of messages that are decoded at once: a decoded record takes about fifteen times its size."""

_log = logging.getLogger(__name__)


_Readable = tuple[Received, Record]


@dataclass(frozen=True)
class _Hand:
    """Messages in hand, sorted by what is to become of them."""

    records: tuple[_Readable, ...]
    parked: tuple[Received, ...]
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
    ) -> None:
        self._puller = puller
        self._store = store
        self._writer = Writer(store)
        self._publisher = publisher
        self._sender = sender
        self._subscription = subscription

    def consume(self, messages: Sequence[Received]) -> None:
        """Commit what `messages` hold, and acknowledge each one only once it is safe.

        What can never be read is parked alone; what fails for now is given back; its neighbours are
        committed all the same. What fails together is tried again apart, by repository and then, if
        it is a bug, by record, so that only the one that causes it comes back.
        """
        with self._puller.holding(messages):
            for portion in _portions(messages):
                hand = self._sort(portion)
                self._puller.acknowledge(hand.parked)
                self._puller.give_back(hand.not_now)
                if hand.records:
                    self._commit(hand.records)

    def _commit(self, records: Sequence[_Readable]) -> None:
        messages = [message for message, _ in records]
        by_repository = _by_repository(records)
        try:
            self._write([record for _, record in records])
        except Unavailable as error:
            if len(by_repository) > 1:
                self._commit_apart(by_repository)
                return
            _log.warning("not now: %s", error, extra={"messages": len(messages)})
            self._puller.give_back(messages)
        except Exception:  # noqa: BLE001 - the writer's edge: a bug must not stop the neighbours
            if len(records) > 1:
                self._commit_apart(by_repository if len(by_repository) > 1 else [[one] for one in records])
                return
            _log.exception("bug: this record could not be committed", extra={"event_id": records[0][1].id})
            self._puller.give_back(messages)
        else:
            self._puller.acknowledge(messages)

    def _commit_apart(self, groups: Sequence[Sequence[_Readable]]) -> None:
        for group in groups:
            self._commit(group)

    def _write(self, records: Sequence[Record]) -> None:
        started = time.monotonic()
        outcome = self._writer.group_commit(records)
        # Also those of earlier commits, whose announcement a crash may have swallowed.
        for revision in self._store.unannounced():
            self._publisher.publish([announcement(self._store, revision)])
            self._store.mark_announced(revision)
        _log.info(
            "batch committed" if outcome.revision else "nothing new in batch",
            extra={
                "revision": outcome.revision,
                "records": len(outcome.new),
                "duplicates": len(records) - len(outcome.new),
                "duration_ms": round((time.monotonic() - started) * 1000),
            },
        )

    def _sort(self, messages: Sequence[Received]) -> _Hand:
        records: list[_Readable] = []
        parked: list[Received] = []
        not_now: list[Received] = []
        for message in messages:
            try:
                records.append((message, _record(message)))
            except Rejected as rejection:
                (parked if self._park(message, rejection) else not_now).append(message)
            except Unavailable as error:
                _log.warning("not now: %s", error, extra={"message_id": message.message_id})
                not_now.append(message)
            except Exception:  # noqa: BLE001 - the writer's edge, as above
                _log.exception("bug: a message cannot be read", extra={"message_id": message.message_id})
                not_now.append(message)
        return _Hand(tuple(records), tuple(parked), tuple(not_now))

    def _park(self, message: Received, rejection: Rejected) -> bool:
        fields = {"message_id": message.message_id, "event_id": message.attributes.get("ce-id")}
        try:
            park_id = park(
                message.data,
                message.attributes,
                reason=str(rejection),
                subscription=self._subscription,
                sender=self._sender,
            )
        except Unavailable as error:
            _log.warning("not now: could not park a rejected message: %s", error, extra=fields)
            return False
        _log.error("parked: %s", rejection, extra={**fields, "park_id": park_id})
        return True


def _record(message: Received) -> Record:
    event = decode(message.data, message.attributes)
    if not isinstance(event, PatternsExtracted):
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


def _by_repository(records: Sequence[_Readable]) -> list[list[_Readable]]:
    grouped: dict[str, list[_Readable]] = defaultdict(list)
    for readable in records:
        grouped[readable[1].repository.id].append(readable)
    return list(grouped.values())
